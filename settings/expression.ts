import type { Parts } from "./rule";
import { show } from "./rule";

/** Something in settings that would not reach Terraform as it was written. */
export interface Refused {
  readonly keys: readonly string[];
  readonly parts: Parts;
}

/**
 * Finds what Terraform would evaluate instead of taking it as text, and the one key that JavaScript drops from an
 * object. Wherever it stands: settings may come from somebody else, and `${file("…")}` reads files of whoever plans.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
export function expressionsIn(value: unknown, keys: readonly string[] = []): Refused[] {
  if (typeof value === "string") {
    return isTemplate(value) ? [template(value, keys)] : [];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "__proto__" || isTemplate(key)
      ? [unusable([...keys, key])]
      : expressionsIn(inner, [...keys, key]),
  );
}

function isTemplate(text: string): boolean {
  return text.includes("${") || text.includes("%{");
}

function template(value: string, keys: readonly string[]): Refused {
  const must = "must not contain ${ or %{, which Terraform would evaluate";
  return { keys, parts: { must, got: show(value), instead: "Take it out." } };
}

function unusable(keys: readonly string[]): Refused {
  return { keys, parts: { must: "is a name that cannot be used", instead: "Rename it." } };
}
