/** What only an apply knows: the expression that stands in the JSON instead. It never counts as right. */
export class Unknown {
  constructor(readonly expression: string) {}
}

/** Whether a value is one of some, or may turn out to be when it is known. */
export function mayBe(value: unknown, ...some: readonly unknown[]): boolean {
  return value instanceof Unknown || some.includes(value);
}

const ADDRESS = /\b(?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*/g;
const EXPRESSION = /\$\{[^}]*\}/g;

/** The addresses that a value refers to, however deep: `aws_kms_key.alarms` for `${aws_kms_key.alarms.arn}`. */
export function references(value: unknown): string[] {
  return stringsIn(value)
    .flatMap((text) => text.match(EXPRESSION) ?? [])
    .flatMap((expression) => expression.match(ADDRESS) ?? []);
}

/** Every text in a value, however deep. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
