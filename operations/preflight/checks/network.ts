import { DescribeSubnetsCommand, type Filter, type Subnet } from "@aws-sdk/client-ec2";
import type { AwsAccount } from "../../../cli/aws-account";
import type { Environment } from "../../../settings/environment";
import { type Check, ensure } from "../check";

/** The VPC exists. */
export function vpc(environment: Environment): Check {
  const { vpcId } = environment.network;
  return {
    id: "vpc",
    subject: environment.name,
    async run(account) {
      const found = await account.findVpc();
      ensure(
        found,
        vpcId === "default"
          ? `${environment.region} has no default VPC.`
          : `The VPC ${vpcId} does not exist in ${environment.region}.`,
        "Set network.vpcId to a VPC of this account and region.",
      );
      return found;
    },
  };
}

/** The subnets exist in the VPC, in two zones at least, with free addresses. */
export function subnets(environment: Environment): Check {
  return {
    id: "subnets",
    subject: environment.name,
    async run(account) {
      const vpcId = await account.findVpc();
      if (vpcId === undefined && environment.network.subnetIds === "all") {
        return "not checked: the VPC does not exist";
      }
      const found = await subnetsOf(account);
      const zones = zonesOf(found);
      const wrong = [
        missingFrom(environment, found),
        foreignTo(vpcId, found),
        found.length > 0 && zones.length < 2
          ? `All subnets are in one availability zone: ${zones.join(", ")}. RDS requires two.`
          : undefined,
        withoutAddress(found),
      ].filter((problem) => problem !== undefined);
      ensure(
        wrong.length === 0,
        wrong.join(" "),
        "Set network.subnetIds to subnets of the VPC with free addresses, in at least two availability zones.",
      );
      return `${found.length} subnets in ${zones.join(", ")}`;
    },
  };
}

/** The environment's subnets that exist. */
export async function subnetsOf(account: AwsAccount): Promise<Subnet[]> {
  const { subnetIds } = account.environment.network;
  const Filters: Filter[] =
    subnetIds === "all"
      ? [{ Name: "vpc-id", Values: [(await account.findVpc()) ?? "none"] }]
      : [{ Name: "subnet-id", Values: subnetIds }];
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ Filters }));
  return Subnets;
}

export function zonesOf(found: readonly Subnet[]): string[] {
  return [...new Set(found.map(({ AvailabilityZone = "" }) => AvailabilityZone))].sort();
}

function missingFrom(
  { network: { subnetIds }, region }: Environment,
  found: readonly Subnet[],
): string | undefined {
  const ids = found.map(({ SubnetId = "" }) => SubnetId);
  const missing = subnetIds === "all" ? [] : subnetIds.filter((id) => !ids.includes(id));
  return missing.length > 0 ? `Not found in ${region}: ${missing.join(", ")}.` : undefined;
}

function foreignTo(vpcId: string | undefined, found: readonly Subnet[]): string | undefined {
  const foreign = found.filter(({ VpcId }) => vpcId !== undefined && VpcId !== vpcId);
  return foreign.length > 0 ? `Not in the VPC ${vpcId}: ${idsOf(foreign)}.` : undefined;
}

function withoutAddress(found: readonly Subnet[]): string | undefined {
  const full = found.filter(({ AvailableIpAddressCount = 0 }) => AvailableIpAddressCount < 1);
  return full.length > 0 ? `Without a free address: ${idsOf(full)}.` : undefined;
}

function idsOf(found: readonly Subnet[]): string {
  return found.map(({ SubnetId }) => SubnetId).join(", ");
}
