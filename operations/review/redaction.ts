import type { Change } from "./change";
import type { Plan, PlannedResource, Values } from "./plan";

/** Attributes that hold secrets, even if Terraform or the provider does not mark them. */
const SECRET_NAME =
  /password|passwd|secret_string|secret_binary|auth_token|private_key|_wo$|token$|credential/i;
/** Names that match and hold no secret. */
const HARMLESS_NAME =
  /_version$|^manage_master_user_password$|^has_secret_string_wo$|_arn$|_kms_key_id$/;
const USER_AND_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)(?!\*@)[^\s@]+@/gi;
/** Shorter values occur in any text by chance. */
const SHORTEST = 6;
export const REDACTED = "(sensitive)";

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/** Removes the sensitive values of plans from texts, in any form. */
export class Redaction {
  private readonly secrets: readonly string[];

  constructor(plans: readonly Plan[]) {
    const values = plans.flatMap((plan) =>
      [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])].flatMap(secretsOf),
    );
    this.secrets = [
      ...new Set(values.filter((value) => value.length >= SHORTEST).flatMap(forms)),
    ].sort((one, other) => other.length - one.length);
  }

  text(text: string): string {
    const without = this.secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
    return without.replaceAll(USER_AND_PASSWORD, `$1${REDACTED}@`);
  }

  /** A value of an attribute, as a person reads it. */
  value(change: Change, attribute: string, value: unknown): string {
    if (value === undefined || value === "") {
      return "(none)";
    }
    const isMarked = change.sensitive.some(
      (mark) => mark === true || hasMark((mark as Values)[attribute]),
    );
    return isMarked || isSecretName(attribute) ? REDACTED : this.text(written(value));
  }
}

function written(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(withoutSecrets(value));
}

/** Without the members whose names say that they are secrets. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecretName(key) ? REDACTED : withoutSecrets(inner),
    ]),
  );
}

function hasMark(mark: unknown): boolean {
  return typeof mark === "object" && mark !== null
    ? Object.values(mark).some(hasMark)
    : mark === true;
}

function secretsOf({ change }: PlannedResource): string[] {
  return [
    ...strings(change.before, change.before_sensitive),
    ...strings(change.after, change.after_sensitive),
  ];
}

/** Every string below a mark, or below a name that says it is a secret. */
function strings(value: unknown, mark: unknown, isSecret = false): string[] {
  const secret = isSecret || mark === true;
  if (typeof value === "string") {
    return secret ? [value] : [];
  }
  if (typeof value !== "object" || value === null) {
    return secret && typeof value === "number" ? [String(value)] : [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    strings(inner, (mark as Values | undefined)?.[key], secret || isSecretName(key)),
  );
}

function forms(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("hex"),
    JSON.stringify(secret).slice(1, -1),
  ];
}
