import { actionOf, attributeChanges, type Change, isUnknown } from "./change";
import { cannotTell, type Finding, refused } from "./finding";
import type { AttributeRule } from "./rules/attribute-rule";
import { CACHE_RULES } from "./rules/cache-rules";
import { DATABASE_RULES, PARAMETER_RULES } from "./rules/database-rules";
import { destruction } from "./rules/destruction";
import { network } from "./rules/network-rules";
import { OTHER_RULES } from "./rules/other-rules";
import { recreation, secretValue } from "./rules/secret-rules";

export const ATTRIBUTE_RULES: readonly AttributeRule[] = [
  ...DATABASE_RULES,
  ...PARAMETER_RULES,
  ...CACHE_RULES,
  ...OTHER_RULES,
];

/**
 * Finds the changes of a plan that would harm data or users. It relies only on resource types, actions and values: a
 * plan's reasons and marks are absent in some modes of Terraform (docs/decisions/0015-review.md).
 * @param drift what changed outside Terraform.
 */
export function guard(changes: readonly Change[], drift: readonly Change[]): Finding[] {
  const findings = changes.flatMap((change) => [
    ...destruction(change, changes),
    ...network(change, changes),
    ...secretValue(change, changes),
    ...recreation(change, drift),
    ...attributes(change),
  ]);
  return merged(findings);
}

/** One finding for each ID and address, because one approval covers both. */
function merged(findings: readonly Finding[]): Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.id} ${finding.address}`;
    const earlier = byKey.get(key);
    const message = earlier ? `${earlier.message} ${finding.message}` : finding.message;
    byKey.set(key, { ...finding, message });
  }
  return [...byKey.values()];
}

function attributes(change: Change): Finding[] {
  const action = actionOf(change);
  if (change.after === undefined || !["create", "update", "replace"].includes(action)) {
    return [];
  }
  const isNew = change.before === undefined;
  const changed = new Map(attributeChanges(change).map((one) => [one.attribute, one]));
  return ATTRIBUTE_RULES.filter(
    ({ types, alsoNew = false }) => types.includes(change.type) && (alsoNew || !isNew),
  ).flatMap((rule) => {
    const found = changed.get(rule.attribute);
    return found ? verdict(rule, change, found.before, found.after) : [];
  });
}

function verdict(rule: AttributeRule, change: Change, before: unknown, after: unknown): Finding[] {
  const { id, attribute, unknownIsHarmless } = rule;
  if (isUnknown(change.unknown[attribute]) && after === undefined) {
    // The new resource of a replacement is not judged separately.
    return unknownIsHarmless || actionOf(change) === "replace"
      ? []
      : [cannotTell(id, change.address, `The new ${attribute} is known only after apply.`)];
  }
  const message = rule.refuses(before, after, change);
  return message === undefined ? [] : [refused(id, change.address, capitalized(`${message}.`))];
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
