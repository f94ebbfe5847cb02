import { ref, TerraformElement, Token } from "cdktf";
import type { Construct } from "constructs";

export interface EphemeralResourceProps<Attribute extends string> {
  /** Terraform's type of the resource, such as `aws_secretsmanager_random_password`. */
  readonly type: string;
  /** The arguments, named as Terraform names them. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The attributes that may be read. */
  readonly attributes: readonly Attribute[];
}

/**
 * An `ephemeral` block: a value that exists only while Terraform runs and never gets into a plan or the state. cdktf 0.21 has no
 * construct for it.
 *
 * Its attributes may only go into write-only arguments (`password_wo`) and other ephemeral blocks.
 *
 * @example
 * const random = new EphemeralResource(this, "generated", {
 *   type: "aws_secretsmanager_random_password",
 *   arguments: { password_length: 40 },
 *   attributes: ["random_password"],
 * });
 * random.attribute("random_password"); // "${ephemeral.aws_secretsmanager_random_password.generated.random_password}"
 * @see https://developer.hashicorp.com/terraform/language/block/ephemeral (Terraform >= 1.10)
 */
export class EphemeralResource<Attribute extends string> extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: EphemeralResourceProps<Attribute>,
  ) {
    super(scope, id, `ephemeral.${props.type}`);
  }

  /** A reference to one attribute. */
  attribute(name: Attribute): string {
    const address = `ephemeral.${this.props.type}.${this.friendlyUniqueId}.${name}`;
    return Token.asString(ref(address, this.cdktfStack));
  }

  override toTerraform() {
    const block = { ...this.props.arguments, "//": this.constructNodeMetadata };
    return { ephemeral: { [this.props.type]: { [this.friendlyUniqueId]: block } } };
  }
}
