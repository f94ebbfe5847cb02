import { atLeast, type Check, checkOn, isAbsent, isOneOf, isSet, isTrue } from "./check";
import type { Control } from "./control";
import { mayBe, Unknown } from "./expression";
import type { TerraformBlock } from "./terraform-block";

/** For write-only arguments. The value itself is never in the JSON. */
function neverWrittenDown(attribute: string): Check {
  return {
    attribute,
    must: "be absent, or a reference to a value generated during the apply",
    look: (block) =>
      !block.has(attribute) || isEphemeral(block, attribute)
        ? { verdict: "holds", got: "nothing that can be read" }
        : { verdict: "fails", got: "a value" },
  };
}

const REFERENCE = String.raw`ephemeral\.[\w.-]+`;
const PASSWORD = String.raw`(${REFERENCE}|jsondecode\(${REFERENCE}\)(\.[\w-]+|\["[\w-]+"\]))`;
const ENCODED = String.raw`replace\(urlencode\(${PASSWORD}\), "\+", "%20"\)`;

/**
 * A reference to a value generated or read during the apply, or to a key of it: alone or URL-encoded, without other
 * functions or conditions.
 */
const EPHEMERAL = new RegExp(String.raw`\$\{(${PASSWORD}|${ENCODED})\}`, "g");

function isEphemeral(block: TerraformBlock, attribute: string): boolean {
  const value = String(block.attributes[attribute]);
  const others = value.replace(EPHEMERAL, "");
  return others !== value && (others === "" || /^[a-z]+:\/\/[^:/@\s]*:@[^\s]*$/.test(others));
}

/** `//user:password@`, as in a URL. */
const PASSWORD_IN_URL = /\/\/[^/@\s]*:(\$\{[^}]*\}|[^/@\s])+@/;

/** A bare reference. Its value is unknown and may be a password. */
const REFERENCE_ALONE = /^\$\{[^}]*\}$/;

function noPasswordIn(attribute: string): Check {
  return {
    attribute,
    must: "have no password, in a URL or by reference, unless it is generated during the apply",
    look: (block) => {
      const value = block.value(attribute) ?? "";
      const text = value instanceof Unknown ? value.expression : String(value);
      if (isEphemeral(block, attribute)) {
        return { verdict: "holds", got: "nothing that can be read" };
      }
      if (REFERENCE_ALONE.test(text)) {
        return { verdict: "unknown", got: text };
      }
      return PASSWORD_IN_URL.test(text)
        ? { verdict: "fails", got: "a password" }
        : { verdict: "holds", got: "nothing of the kind" };
    },
  };
}

/** Long enough against guessing, and shorter than the stacks' default. */
const SHORTEST_PASSWORD = 20;

const VERSION = "aws_secretsmanager_secret_version";
const READS_SECRETS =
  /\b(ephemeral\.|data\.aws_secretsmanager_secret_version\.|data\.aws_ssm_parameter\.|aws_secretsmanager_secret_version\.|aws_elasticache_user\.)|\.(secret_string|secret_binary|random_password|auth_token|password|passwords|master_user_secret)\b/;

/** An output is in the state, where anyone with access to the state can read it. */
function noSecretIn(attribute: string): Check {
  return {
    attribute,
    must: "have no password in a URL, and refer to no secret's content",
    look: ({ attributes }) => {
      const text = JSON.stringify(attributes[attribute]) ?? "";
      if (/\b(var|local|module|each)\./.test(text)) {
        return { verdict: "unknown", got: text };
      }
      const wrong = PASSWORD_IN_URL.test(text) || READS_SECRETS.test(text);
      return wrong
        ? { verdict: "fails", got: "a password, or a reference to one" }
        : { verdict: "holds", got: "nothing of the kind" };
    },
  };
}

const SECRET = "aws_secretsmanager_secret";
const PARAMETER = "aws_ssm_parameter";

const noPasswords: Check = checkOn(
  "authentication_mode.passwords",
  "be absent",
  (passwords) => (passwords as unknown[]).length === 0,
  (user) =>
    user.blocks("authentication_mode").flatMap((mode) => (mode.has("passwords") ? [1] : [])),
);

/** Passwords, secrets and parameters. */
export const secretControls: readonly Control[] = [
  {
    id: "MDS.3",
    also: [],
    demands: "No password is in the JSON or the state, and none can be guessed.",
    on: [
      {
        type: "ephemeral.aws_secretsmanager_random_password",
        checks: [atLeast("password_length", SHORTEST_PASSWORD)],
      },
      { type: "aws_db_instance", checks: [isAbsent("password"), neverWrittenDown("password_wo")] },
      {
        type: VERSION,
        checks: [isAbsent("secret_string"), neverWrittenDown("secret_string_wo")],
      },
      { type: "aws_elasticache_replication_group", checks: [isAbsent("auth_token")] },
      { type: "aws_elasticache_user", checks: [isAbsent("passwords"), noPasswords] },
      { type: "output", checks: [noSecretIn("value")] },
      { type: PARAMETER, checks: ["value", "insecure_value", "value_wo"].map(noPasswordIn) },
    ],
  },
  {
    id: "CKV_AWS_149",
    also: ["AVD-AWS-0098"],
    demands: "A secret is encrypted with a customer managed key.",
    production: true,
    on: [{ type: SECRET, checks: [isSet("kms_key_id")] }],
  },
  {
    id: "MDS.11",
    also: [],
    demands: "A deleted secret can be restored for at least a week.",
    production: true,
    on: [{ type: SECRET, checks: [atLeast("recovery_window_in_days", 7)] }],
  },
  {
    id: "CKV2_AWS_34",
    also: [],
    demands: "A parameter is encrypted.",
    on: [{ type: PARAMETER, checks: [isOneOf("type", ["SecureString"])] }],
  },
  {
    id: "CKV_AWS_337",
    also: [],
    demands: "A parameter that is a secret is encrypted with a customer managed key.",
    production: true,
    on: [
      {
        type: PARAMETER,
        only: {
          says: "of type SecureString",
          takes: (one) => mayBe(one.value("type"), "SecureString"),
        },
        checks: [isSet("key_id")],
      },
    ],
  },
  {
    id: "KMS.4",
    also: ["CKV_AWS_7", "AVD-AWS-0065", "CIS-5.0.0/3.6"],
    demands: "A key has automatic rotation.",
    on: [{ type: "aws_kms_key", checks: [isTrue("enable_key_rotation")] }],
  },
];
