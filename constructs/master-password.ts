import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Construct } from "constructs";
import { EphemeralResource } from "./ephemeral-resource";

/** Of the 128 that RDS takes for PostgreSQL; with four kinds of characters, more than 240 bits. */
const PASSWORD_LENGTH = 40;
/** What RDS takes in no master password. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
const FORBIDDEN_CHARACTERS = `/@" `;

export interface MasterPasswordProps {
  /** What the secret's name starts with; the rest is made up, so that a deleted secret does not stand in the way. */
  readonly namePrefix: string;
  /** Raise it to make a new password. */
  readonly version: number;
  /** Days in which a deleted secret can be brought back: 0, or 7 to 30. */
  readonly recoveryWindowDays: number;
  /** @default - the account's own key for Secrets Manager */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * A master password that no code, plan or state ever holds: made while Terraform applies, stored in Secrets Manager
 * and read back from there. Whatever uses it reads the stored one, so an apply that stops half-way goes on with the
 * same password (docs/decisions/0002-password-is-stored-first.md).
 *
 * @example
 * const password = new MasterPassword(this, "master_password", { namePrefix: "news-api/dev/", version: 1, recoveryWindowDays: 7 });
 * new DbInstance(this, "database", { passwordWo: password.value, passwordWoVersion: 1, … });
 */
export class MasterPassword extends Construct {
  /** The password, for write-only arguments. */
  readonly value: string;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: MasterPasswordProps) {
    super(scope, id);
    const generated = generatedPassword(this, `${id}_generated`);
    const secret = new SecretsmanagerSecret(this, "secret", {
      namePrefix: props.namePrefix,
      description: "The database's master password",
      recoveryWindowInDays: props.recoveryWindowDays,
      kmsKeyId: props.kmsKeyArn,
    });
    secret.overrideLogicalId(id);
    const version = new SecretsmanagerSecretVersion(this, "version", {
      secretId: secret.id,
      secretStringWo: generated.attribute("random_password"),
      secretStringWoVersion: props.version,
    });
    version.overrideLogicalId(id);
    const stored = new EphemeralResource(this, "stored", {
      type: "aws_secretsmanager_secret_version",
      arguments: { secret_id: version.secretId, version_id: version.versionId },
      attributes: ["secret_string"],
    });
    stored.overrideLogicalId(`${id}_stored`);
    this.value = stored.attribute("secret_string");
    this.secretArn = secret.arn;
  }
}

/** A new password in every run of Terraform. */
function generatedPassword(scope: Construct, address: string) {
  const generated = new EphemeralResource(scope, "generated", {
    type: "aws_secretsmanager_random_password",
    arguments: {
      password_length: PASSWORD_LENGTH,
      exclude_characters: FORBIDDEN_CHARACTERS,
      require_each_included_type: true,
    },
    attributes: ["random_password"],
  });
  generated.overrideLogicalId(address);
  return generated;
}
