import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface TerraformDataProps {
  /** Values whose change replaces the resource and gives it a new ID. */
  readonly triggersReplace: Readonly<Record<string, unknown>>;
}

/**
 * A `terraform_data` resource: an ID that does not change until one of its triggers changes. It creates nothing in AWS.
 *
 * cdktf's own DataResource would run `terraform version` in every synth.
 *
 * @example
 * const snapshot = new TerraformData(this, "final_snapshot", { triggersReplace: { username: "newsadmin" } });
 * snapshot.id; // a UUID, generated when the resource is created
 * @see https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TerraformDataProps,
  ) {
    super(scope, id, { terraformResourceType: "terraform_data" });
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  /** The bare address, which `replace_triggered_by` requires in JSON. cdktf would write it as "${…}". */
  get address(): string {
    return `terraform_data.${this.friendlyUniqueId}`;
  }

  protected override synthesizeAttributes() {
    return { triggers_replace: this.props.triggersReplace };
  }
}
