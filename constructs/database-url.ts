import type { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { type SecretCredentials, sslQuery } from "../settings/credentials";
import type { MasterPassword } from "./master-password";
import { TerraformData } from "./terraform-data";

export interface DatabaseUrlProps {
  /** What the secret's name starts with. */
  readonly namePrefix: string;
  readonly instance: DbInstance;
  readonly username: string;
  readonly databaseName: string;
  readonly password: MasterPassword;
  readonly credentials: SecretCredentials;
}

/**
 * The secret that the application reads: the whole URL of the database, password included, written write-only.
 * Terraform builds it; it is in no plan and no state.
 *
 * Terraform cannot see that a write-only value has changed. So everything in the URL but the password is also the
 * trigger of a `terraform_data` that has the secret's version written anew.
 *
 * @example
 * new DatabaseUrl(this, "database_url", { namePrefix: "news-api/dev/DATABASE_URL-", instance, password, … }).secretArn;
 */
export class DatabaseUrl extends Construct {
  readonly secretArn: string;

  constructor(scope: Construct, id: string, props: DatabaseUrlProps) {
    super(scope, id);
    const { credentials, password } = props;
    const secret = new SecretsmanagerSecret(this, "secret", {
      namePrefix: props.namePrefix,
      description: "DATABASE_URL of the application",
      recoveryWindowInDays: credentials.recoveryWindowDays,
      kmsKeyId: credentials.kmsKeyArn,
    });
    secret.overrideLogicalId(id);
    const shape = new TerraformData(this, "shape", {
      triggersReplace: { url: urlOf(props, "*"), password_version: credentials.passwordVersion },
    });
    shape.overrideLogicalId(`${id}_shape`);
    const version = new SecretsmanagerSecretVersion(this, "version", {
      secretId: secret.id,
      secretStringWo: urlOf(props, Fn.urlencode(password.value)),
      secretStringWoVersion: credentials.passwordVersion,
      lifecycle: { replaceTriggeredBy: [shape.address] },
    });
    version.overrideLogicalId(id);
    this.secretArn = secret.arn;
  }
}

function urlOf(props: DatabaseUrlProps, password: string): string {
  const { username, databaseName, instance, credentials } = props;
  const port = Token.asString(instance.interpolationForAttribute("port"));
  return `postgresql://${username}:${password}@${instance.address}:${port}/${databaseName}?${sslQuery(credentials)}`;
}
