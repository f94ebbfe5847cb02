import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Construct } from "constructs";
import { FORBIDDEN_CHARACTERS } from "../../settings/database/credentials";
import { EphemeralResource } from "../ephemeral-resource";

/** RDS accepts up to 128 characters for PostgreSQL. This length, with four kinds of characters, gives more than 240 bits. */
const PASSWORD_LENGTH = 40;

export interface StoredPasswordProps {
  /** Prefix of the secret's name. AWS generates the rest, so a deleted secret never blocks a new one. */
  readonly namePrefix: string;
  /** Describes the password for people who find the secret. */
  readonly description: string;
  /** Raise it to generate a new password. */
  readonly version: number;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly recoveryWindowDays: number;
  /** @default - the AWS managed key `aws/secretsmanager` */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * A password of a database user that is never in code, plan or state. Terraform generates it during the apply, stores
 * it in Secrets Manager and reads it back. Everything reads the stored password, so the apply after an interrupted one
 * continues with the same password (docs/decisions/0002-password-is-stored-first.md).
 *
 * @example
 * const password = new StoredPassword(this, "master_password", { namePrefix: "news-api/dev/", description: "…", version: 1, recoveryWindowDays: 7 });
 * new DbInstance(this, "database", { passwordWo: password.value, passwordWoVersion: 1, … });
 */
export class StoredPassword extends Construct {
  /** The password, for write-only arguments. */
  readonly value: string;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: StoredPasswordProps) {
    super(scope, id);
    const generated = generatedPassword(this, `${id}_generated`);
    const secret = new SecretsmanagerSecret(this, "secret", {
      namePrefix: props.namePrefix,
      description: props.description,
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

/** Terraform generates a password in every run, but stores it only for a new version. */
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
