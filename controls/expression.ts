/** A value known only after apply, with its expression in the JSON. It never passes a check. */
export class Unknown {
  constructor(readonly expression: string) {}
}

/** Whether a value is, or may turn out to be, one of several. */
export function mayBe(value: unknown, ...some: readonly unknown[]): boolean {
  return value instanceof Unknown || some.includes(value);
}

const ADDRESS = /\b(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*/g;
const EXPRESSION = /\$\{[^}]*\}/g;

/** The addresses that a value refers to, at any depth: `aws_kms_key.alarms` for `${aws_kms_key.alarms.arn}`. */
export function references(value: unknown): string[] {
  return stringsIn(value)
    .flatMap((text) => text.match(EXPRESSION) ?? [])
    .flatMap((expression) => expression.match(ADDRESS) ?? []);
}

/** Every string in a value, at any depth. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
