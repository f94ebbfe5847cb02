import { DataAwsSubnets } from "@cdktf/provider-aws/lib/data-aws-subnets";
import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import { Construct } from "constructs";
import type { Network as NetworkSettings } from "../../settings/network";

/**
 * The VPC and subnets of a data store: the IDs in the settings, or those that it looks up. It creates nothing, and
 * looks up only what a stack uses.
 *
 * @example
 * const network = new Network(this, "network", { vpcId: "default", subnetIds: "all" });
 * network.subnetIds; // the IDs of every subnet of the region's default VPC
 */
export class Network extends Construct {
  private vpc: DataAwsVpc | undefined;
  private subnets: DataAwsSubnets | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NetworkSettings,
  ) {
    super(scope, id);
  }

  get vpcId(): string {
    return this.props.vpcId === "default" ? this.lookedUpVpc.id : this.props.vpcId;
  }

  /** The VPC's primary IPv4 CIDR. */
  get vpcCidr(): string {
    return this.lookedUpVpc.cidrBlock;
  }

  get subnetIds(): string[] {
    return this.props.subnetIds === "all" ? this.lookedUpSubnets.ids : this.props.subnetIds;
  }

  private get lookedUpVpc(): DataAwsVpc {
    if (!this.vpc) {
      const { vpcId } = this.props;
      this.vpc = new DataAwsVpc(
        this,
        "vpc",
        vpcId === "default" ? { default: true } : { id: vpcId },
      );
      this.vpc.overrideLogicalId("vpc");
    }
    return this.vpc;
  }

  private get lookedUpSubnets(): DataAwsSubnets {
    if (!this.subnets) {
      this.subnets = new DataAwsSubnets(this, "subnets", {
        filter: [{ name: "vpc-id", values: [this.vpcId] }],
      });
      this.subnets.overrideLogicalId("subnets");
    }
    return this.subnets;
  }
}
