import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type Subnet,
} from "@aws-sdk/client-ec2";
import type { AwsAccount } from "../../../cli/aws-account";
import { type Bastion, bastionsOf } from "../../../settings/bastion";
import type { Environment } from "../../../settings/environment";
import { type Check, ensure } from "../check";
import { subnetsOf } from "./network";

/** The bastion's subnet is in the VPC, its zone has the instance type, and the name of its security group is its own. */
export function bastion(environment: Environment): Check[] {
  return bastionsOf(environment).map(({ settings, stackId }) => ({
    id: "bastion",
    subject: stackId,
    async run(account) {
      const vpcId = await account.findVpc();
      if (vpcId === undefined) {
        return "not checked: the VPC does not exist";
      }
      const subnet = await subnetOf(account, settings);
      ensure(
        subnet?.VpcId === vpcId,
        `The subnet ${settings.subnetId ?? "of the environment"} is not in the VPC ${vpcId}.`,
        "Set bastion.subnetId to a subnet of the VPC.",
      );
      const { AvailabilityZone: zone = "" } = subnet;
      ensure(
        await isOffered(account, settings.instanceType, zone),
        `${settings.instanceType} is not offered in ${zone}.`,
        "Set bastion.subnetId to a subnet in another zone, or use another instanceType.",
      );
      await ensureOwnGroup(account, stackId, vpcId);
      return `${settings.instanceType} in ${subnet.SubnetId} (${zone})`;
    },
  }));
}

/** As the stack chooses it. */
async function subnetOf(
  account: AwsAccount,
  { subnetId }: Bastion["settings"],
): Promise<Subnet | undefined> {
  const { subnetIds } = account.environment.network;
  const wanted = subnetId ?? (subnetIds === "all" ? undefined : subnetIds[0]);
  if (wanted === undefined) {
    const all = await subnetsOf(account);
    return all.sort((one, other) => (String(one.SubnetId) < String(other.SubnetId) ? -1 : 1))[0];
  }
  const Filters = [{ Name: "subnet-id", Values: [wanted] }];
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ Filters }));
  return Subnets[0];
}

async function isOffered({ ec2 }: AwsAccount, type: string, zone: string): Promise<boolean> {
  const { InstanceTypeOfferings = [] } = await ec2.send(
    new DescribeInstanceTypeOfferingsCommand({
      LocationType: "availability-zone",
      Filters: [
        { Name: "instance-type", Values: [type] },
        { Name: "location", Values: [zone] },
      ],
    }),
  );
  return InstanceTypeOfferings.length > 0;
}

/** @throws PreflightFailure when a security group of the VPC has the name, and is not the stack's. */
async function ensureOwnGroup({ ec2 }: AwsAccount, stackId: string, vpcId: string): Promise<void> {
  const Filters = [
    { Name: "group-name", Values: [stackId] },
    { Name: "vpc-id", Values: [vpcId] },
  ];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const foreign = SecurityGroups.filter(
    ({ Tags = [] }) => !Tags.some(({ Key, Value }) => Key === "stack" && Value === stackId),
  );
  ensure(
    foreign.length === 0,
    `A security group ${stackId} already exists that this stack did not create: ${foreign.map(({ GroupId }) => GroupId).join(", ")}.`,
    "Delete it if it is unused, or rename the environment.",
  );
}
