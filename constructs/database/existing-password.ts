import { Fn } from "cdktf";
import { Construct } from "constructs";
import { EphemeralResource } from "../ephemeral-resource";

export interface ExistingPasswordProps {
  /** The secret that holds the password. */
  readonly secretArn: string;
  /** The key of the password in a JSON object. @default - the secret is the password */
  readonly key?: string | undefined;
}

/**
 * An existing password of a database user, in an existing Secrets Manager secret. Terraform reads it during each run.
 * The construct creates nothing, and the password never gets into a plan or the state.
 *
 * @example
 * new ExistingPassword(this, "master_password", { secretArn: "arn:aws:secretsmanager:…", key: "password" }).value;
 */
export class ExistingPassword extends Construct {
  /** The password, for write-only arguments. */
  readonly value: string;
  /** The secret, and the key in it. */
  readonly source: string;

  constructor(scope: Construct, id: string, { secretArn, key }: ExistingPasswordProps) {
    super(scope, id);
    const stored = new EphemeralResource(this, "stored", {
      type: "aws_secretsmanager_secret_version",
      arguments: { secret_id: secretArn },
      attributes: ["secret_string"],
    });
    stored.overrideLogicalId(`${id}_stored`);
    const secret = stored.attribute("secret_string");
    this.source = key === undefined ? secretArn : `${secretArn}:${key}`;
    this.value = key === undefined ? secret : Fn.lookup(Fn.jsondecode(secret), key);
  }
}
