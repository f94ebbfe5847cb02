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
 * A password of a database user that somebody else made and keeps in Secrets Manager. Terraform reads it during each
 * run. It creates nothing, and the password is in no plan and no state.
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
