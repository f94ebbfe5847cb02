import { createHash } from "node:crypto";

type Values = Readonly<Record<string, unknown>>;

interface Change {
  readonly actions: readonly string[];
  readonly before?: Values | null;
  readonly after?: Values | null;
  readonly after_unknown?: Values;
  readonly replace_paths?: unknown;
  readonly importing?: unknown;
}

interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly deposed?: string;
  readonly change: Change;
}

/** The parts of `terraform show -json` that are read. https://developer.hashicorp.com/terraform/internals/json-format */
export interface PlanJson {
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

/**
 * Equal for two plans that do the same, and different otherwise. What changes without Terraform, such as the latest time
 * that a database can be restored to, is left out: only attributes that the plan changes count.
 * @returns 64 hexadecimal digits, which reveal nothing about passwords with the entropy of the stacks' passwords.
 */
export function fingerprintOf({ resource_changes = [], output_changes = {} }: PlanJson): string {
  const resources = resource_changes
    .filter(({ change }) => doesSomething(change))
    .map(({ address, previous_address, deposed, change }) => ({
      address,
      previous_address,
      deposed,
      ...essenceOf(change),
    }));
  const outputs = Object.entries(output_changes)
    .filter(([, change]) => doesSomething(change))
    .map(([name, { actions }]) => ({ output: name, actions }));
  const lines = [...resources, ...outputs].map(canonical).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

/** Whether a plan changes anything, as Terraform's exit code 2 says. */
export function hasChanges({ resource_changes = [], output_changes = {} }: PlanJson): boolean {
  const changes = [
    ...resource_changes.map(({ change }) => change),
    ...Object.values(output_changes),
  ];
  return changes.some(doesSomething);
}

function doesSomething({ actions, importing }: Change): boolean {
  return importing !== undefined || !actions.every((action) => ["no-op", "read"].includes(action));
}

function essenceOf({ actions, before, after, after_unknown, replace_paths, importing }: Change) {
  const isUpdate = actions.length === 1 && actions[0] === "update";
  const unknown = after_unknown ?? {};
  const all = new Set([...Object.keys(after ?? {}), ...Object.keys(unknown)]);
  const changes = (name: string) =>
    unknown[name] || canonical(before?.[name]) !== canonical(after?.[name]);
  const names = [...all].sort().filter((name) => !isUpdate || changes(name));
  const values = names.map((name) => [name, after?.[name], unknown[name]]);
  const from = isUpdate ? names.map((name) => [name, before?.[name]]) : before?.id;
  return { actions, replace_paths, importing, from, values };
}

/** JSON whose keys are in order. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) =>
      inner && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "nothing"
  );
}
