import type { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { sslQuery, type UrlCredentials } from "../../settings/database/credentials";
import { TerraformData } from "../terraform-data";

/** A password that never gets into a plan or the state. */
export interface Password {
  /** For write-only arguments. */
  readonly value: string;
  /** The existing secret that holds it. Another secret writes the URL again. @default - Terraform generates the password */
  readonly source?: string | undefined;
}

export interface DatabaseUrlProps {
  /** Prefix of the secret's name. */
  readonly namePrefix: string;
  readonly instance: DbInstance;
  readonly username: string;
  readonly databaseName: string;
  readonly password: Password;
  readonly credentials: UrlCredentials;
}

/**
 * The secret that the application reads: the whole URL of the database, with its password. Terraform builds the URL and
 * writes it with a write-only argument, so it never gets into a plan or the state.
 *
 * Terraform cannot detect a change of a write-only value. Therefore the other parts of the URL trigger a
 * `terraform_data`, which replaces the secret's version.
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
      triggersReplace: {
        url: urlOf(props, "*"),
        password_version: credentials.passwordVersion,
        ...(password.source ? { password_source: password.source } : {}),
      },
    });
    shape.overrideLogicalId(`${id}_shape`);
    const version = new SecretsmanagerSecretVersion(this, "version", {
      secretId: secret.id,
      secretStringWo: urlOf(props, encoded(password)),
      secretStringWoVersion: credentials.passwordVersion,
      lifecycle: { replaceTriggeredBy: [shape.address] },
    });
    version.overrideLogicalId(id);
    this.secretArn = secret.arn;
  }
}

/** Terraform's urlencode writes a space as "+", which is a plus in a URL's password. */
function encoded({ value }: Password): string {
  return Fn.replace(Fn.urlencode(value), "+", "%20");
}

function urlOf(props: DatabaseUrlProps, password: string): string {
  const { username, databaseName, instance, credentials } = props;
  const port = Token.asString(instance.interpolationForAttribute("port"));
  return `postgresql://${username}:${password}@${instance.address}:${port}/${databaseName}?${sslQuery(credentials)}`;
}
