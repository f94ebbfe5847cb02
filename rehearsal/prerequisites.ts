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
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  PutBucketPolicyCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Emulator } from "../emulator/emulator";
import type { EnvironmentSettings } from "../settings/environment";

const VPC_CIDR = "10.0.0.0/16";
const KEY_ARN = /arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[a-z0-9-]+/g;
/** The number of subnets for `subnetIds: "all"` in a new VPC. RDS requires two availability zones. */
const ZONES = 2;

/**
 * Creates the prerequisites of an environment in an empty account: its VPC, subnets, security
 * groups, prefix lists, role, keys. Their IDs are the emulator's, so the settings are returned with these IDs.
 */
export async function preparePrerequisites(
  emulator: Emulator,
  settings: EnvironmentSettings,
): Promise<EnvironmentSettings> {
  const prerequisites = new Prerequisites(emulator, settings);
  await prerequisites.network();
  await prerequisites.clients();
  await prerequisites.role();
  await prerequisites.keys();
  await prerequisites.accessLogBucket();
  return prerequisites.settingsWithIds();
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general */
function takesLogs(bucket: string): string {
  const Statement = [
    {
      Effect: "Allow",
      Principal: { Service: "logging.s3.amazonaws.com" },
      Action: "s3:PutObject",
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}

class Prerequisites {
  private readonly ec2: EC2Client;
  /** The IDs in the settings → the IDs of the resources created in their place. */
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
    const there = vpcId === "default" ? await this.defaultSubnets() : await this.newVpc(vpcId);
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

  async keys(): Promise<void> {
    const kms = new KMSClient(this.emulator.clientConfig);
    for (const [arn] of JSON.stringify(this.settings).matchAll(KEY_ARN)) {
      if (!this.ids.has(arn)) {
        const { KeyMetadata } = await kms.send(new CreateKeyCommand());
        this.ids.set(arn, KeyMetadata?.Arn ?? "");
      }
    }
  }

  async accessLogBucket(): Promise<void> {
    const { accessLogBucket: Bucket, region = this.settings.region } = this.settings.stateBucket;
    if (Bucket) {
      const s3 = new S3Client({ ...this.emulator.clientConfig, region, forcePathStyle: true });
      const LocationConstraint = region as BucketLocationConstraint;
      const place =
        region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint } };
      await s3.send(new CreateBucketCommand({ Bucket, ...place }));
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: takesLogs(Bucket) }));
    }
  }

  /** The default VPC has one subnet in each zone, and more if the environment names more. */
  private async defaultSubnets(): Promise<string[]> {
    const Filters = [{ Name: "default-for-az", Values: ["true"] }];
    const { Subnets = [] } = await this.ec2.send(new DescribeSubnetsCommand({ Filters }));
    const there = Subnets.map(({ SubnetId = "" }) => SubnetId);
    const missing = this.subnetCount() - there.length;
    const more = await this.newSubnets(await this.defaultVpc(), "172.31.2", missing);
    return [...there, ...more];
  }

  private async newVpc(name: string): Promise<string[]> {
    const { Vpc } = await this.ec2.send(new CreateVpcCommand({ CidrBlock: VPC_CIDR }));
    this.ids.set(name, Vpc?.VpcId ?? "");
    return this.newSubnets(Vpc?.VpcId, "10.0.1", Math.max(this.subnetCount(), ZONES));
  }

  private subnetCount(): number {
    const { subnetIds } = this.settings.network;
    return subnetIds === "all" ? 0 : subnetIds.length;
  }

  /** Subnets in one zone after the other, `10.0.100.0/24` and so on behind `10.0.1`. */
  private async newSubnets(
    VpcId: string | undefined,
    prefix: string,
    count: number,
  ): Promise<string[]> {
    const { AvailabilityZones = [] } = await this.ec2.send(new DescribeAvailabilityZonesCommand());
    const made: string[] = [];
    for (let index = 0; index < count; index++) {
      const { ZoneName } = AvailabilityZones[index % AvailabilityZones.length] ?? {};
      const CidrBlock = `${prefix}${String(index).padStart(2, "0")}.0/24`;
      const command = new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: ZoneName });
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
