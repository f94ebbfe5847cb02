import {
  CreateManagedPrefixListCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeAvailabilityZonesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import type { EnvironmentSettings } from "../settings/environment";
import type { Emulator } from "./emulator";

const VPC_CIDR = "10.0.0.0/16";
/** What `subnetIds: "all"` finds in a VPC that is made: RDS wants two zones. */
const SUBNETS = 2;

/**
 * What an environment expects to be there before it is deployed, made in an empty account: its VPC, subnets, security
 * groups, prefix lists, role. Their ids are the emulator's, so the settings are returned with those.
 */
export async function prepareSurroundings(
  emulator: Emulator,
  settings: EnvironmentSettings,
): Promise<EnvironmentSettings> {
  const surroundings = new Surroundings(emulator, settings);
  await surroundings.network();
  await surroundings.clients();
  await surroundings.role();
  return surroundings.settingsWithIds();
}

class Surroundings {
  private readonly ec2: EC2Client;
  /** The ids that the settings name → those of what is made in their place. */
  private readonly ids = new Map<string, string>();

  constructor(
    private readonly emulator: Emulator,
    private readonly settings: EnvironmentSettings,
  ) {
    this.ec2 = new EC2Client(emulator.clientConfig);
  }

  settingsWithIds(): EnvironmentSettings {
    const replaced = JSON.stringify(this.settings, (_, value) =>
      typeof value === "string" ? (this.ids.get(value) ?? value) : value,
    );
    return JSON.parse(replaced);
  }

  async network(): Promise<void> {
    const { vpcId, subnetIds } = this.settings.network;
    const there = vpcId === "default" ? await this.defaultSubnets() : await this.newSubnets(vpcId);
    for (const [index, id] of (subnetIds === "all" ? [] : subnetIds).entries()) {
      this.ids.set(id, there[index] ?? "");
    }
  }

  async clients(): Promise<void> {
    for (const { securityGroupId, prefixListId } of Object.values(this.settings.clients)) {
      if (securityGroupId && !this.ids.has(securityGroupId)) {
        this.ids.set(securityGroupId, await this.securityGroup(securityGroupId));
      }
      if (prefixListId && !this.ids.has(prefixListId)) {
        this.ids.set(prefixListId, await this.prefixList(prefixListId));
      }
    }
  }

  async role(): Promise<void> {
    const RoleName = this.settings.executionRoleName;
    if (RoleName) {
      const Principal = { Service: "ecs-tasks.amazonaws.com" };
      const Statement = [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }];
      const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      const iam = new IAMClient(this.emulator.clientConfig);
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    }
  }

  /** The default VPC has one in each zone. */
  private async defaultSubnets(): Promise<string[]> {
    const Filters = [{ Name: "default-for-az", Values: ["true"] }];
    const { Subnets = [] } = await this.ec2.send(new DescribeSubnetsCommand({ Filters }));
    return Subnets.map(({ SubnetId = "" }) => SubnetId);
  }

  private async newSubnets(vpcId: string): Promise<string[]> {
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: VPC_CIDR }));
    this.ids.set(vpcId, Vpc?.VpcId ?? "");
    const { AvailabilityZones = [] } = await this.ec2.send(new DescribeAvailabilityZonesCommand());
    const { subnetIds } = this.settings.network;
    const made: string[] = [];
    for (let index = 0; index < (subnetIds === "all" ? SUBNETS : subnetIds.length); index++) {
      const { ZoneName } = AvailabilityZones[index % AvailabilityZones.length] ?? {};
      const command = new CreateSubnetCommand({
        VpcId: Vpc?.VpcId,
        CidrBlock: `10.0.${index}.0/24`,
        AvailabilityZone: ZoneName,
      });
      made.push((await this.ec2.send(command)).Subnet?.SubnetId ?? "");
    }
    return made;
  }

  private async securityGroup(name: string): Promise<string> {
    const GroupName = `for ${name}`;
    const VpcId = this.ids.get(this.settings.network.vpcId) ?? (await this.defaultVpc());
    const command = new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId });
    return (await this.ec2.send(command)).GroupId ?? "";
  }

  private async defaultVpc(): Promise<string | undefined> {
    const Filters = [{ Name: "is-default", Values: ["true"] }];
    return (await this.ec2.send(new DescribeVpcsCommand({ Filters }))).Vpcs?.[0]?.VpcId;
  }

  private async prefixList(name: string): Promise<string> {
    const command = new CreateManagedPrefixListCommand({
      PrefixListName: `for ${name}`,
      AddressFamily: "IPv4",
      MaxEntries: 10,
    });
    return (await this.ec2.send(command)).PrefixList?.PrefixListId ?? "";
  }
}
