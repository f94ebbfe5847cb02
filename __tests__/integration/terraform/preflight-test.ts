import { writeFileSync } from "node:fs";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AcceptVpcPeeringConnectionCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcPeeringConnectionCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheClusterCommand,
  CreateCacheSubnetGroupCommand,
} from "@aws-sdk/client-elasticache";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, DisableKeyCommand } from "@aws-sdk/client-kms";
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
} from "@aws-sdk/client-rds";
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { AwsAccount } from "../../../cli/aws-account";
import { Emulator } from "../../../emulator/emulator";
import type { Check, Result } from "../../../operations/preflight/check";
import { checksOf } from "../../../operations/preflight/preflight";
import { runChecks } from "../../../operations/preflight/run-checks";
import { environmentWith, settingsWith } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const ACCOUNT = "123456789012";
const BUCKET = "news-api-test-state";

describeWithTerraform("npm run preflight", () => {
  const before = { ...process.env };
  let emulator: Emulator;
  let account: AwsAccount;
  /** Of what the sound environment names. */
  let sound: Record<string, unknown>;
  let vpcId: string;
  let subnetIds: string[];

  beforeAll(async () => {
    emulator = await Emulator.start();
    Object.assign(process.env, emulator.env);
    account = new AwsAccount(environmentWith());
    await safeBucket(BUCKET);
    vpcId = await newVpc("10.0.0.0/16");
    subnetIds = [await newSubnet("10.0.1.0/24", "a"), await newSubnet("10.0.2.0/24", "b")];
    sound = {
      account: ACCOUNT,
      network: { vpcId, subnetIds },
      clients: {
        api: { securityGroupId: await newGroup(vpcId, "api") },
        office: { prefixListId: await newList(20) },
      },
      executionRoleName: await newRole("ecs", "ecs-tasks.amazonaws.com"),
      alarms: { topicArn: await newTopic("alarms", ["cloudwatch", "events.rds"]) },
      reasons: {},
      bastion: { route: "nat" },
      "database.kmsKeyArn": await newKey(),
      "database.enhancedMonitoring": {
        intervalSeconds: 60,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/${await newRole("monitoring", "monitoring.rds.amazonaws.com")}`,
      },
    };
  });

  afterAll(async () => {
    process.env = before;
    await emulator.stop();
  });

  async function newVpc(CidrBlock: string): Promise<string> {
    const { Vpc } = await account.ec2.send(new CreateVpcCommand({ CidrBlock }));
    return Vpc?.VpcId ?? "";
  }

  async function newSubnet(CidrBlock: string, zone: string, VpcId = vpcId): Promise<string> {
    const AvailabilityZone = `us-east-1${zone}`;
    const { Subnet } = await account.ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }),
    );
    return Subnet?.SubnetId ?? "";
  }

  async function newGroup(VpcId: string, GroupName: string): Promise<string> {
    const command = new CreateSecurityGroupCommand({ VpcId, GroupName, Description: "a client" });
    return (await account.ec2.send(command)).GroupId ?? "";
  }

  async function peer(VpcId: string, PeerVpcId: string): Promise<void> {
    const { VpcPeeringConnection } = await account.ec2.send(
      new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId }),
    );
    const { VpcPeeringConnectionId } = VpcPeeringConnection ?? {};
    await account.ec2.send(new AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId }));
  }

  async function newList(MaxEntries: number): Promise<string> {
    const PrefixListName = `list-of-${MaxEntries}`;
    const { PrefixList } = await account.ec2.send(
      new CreateManagedPrefixListCommand({ PrefixListName, MaxEntries, AddressFamily: "IPv4" }),
    );
    return PrefixList?.PrefixListId ?? "";
  }

  async function newRole(RoleName: string, service: string): Promise<string> {
    const Statement = [
      { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
    ];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await account.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    return RoleName;
  }

  async function newKey(): Promise<string> {
    const { KeyMetadata } = await account.kms.send(new CreateKeyCommand({}));
    return KeyMetadata?.Arn ?? "";
  }

  async function newTopic(Name: string, services: readonly string[]): Promise<string> {
    const { TopicArn = "" } = await account.sns.send(new CreateTopicCommand({ Name }));
    const Statement = services.map((service) => ({
      Effect: "Allow",
      Principal: { Service: `${service}.amazonaws.com` },
      Action: "sns:Publish",
      Resource: TopicArn,
    }));
    const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
    await account.sns.send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }),
    );
    return TopicArn;
  }

  async function newBucket(Bucket: string, region = "us-east-1"): Promise<S3Client> {
    const s3 = new S3Client({ ...emulator.clientConfig, region, forcePathStyle: true });
    const place =
      region === "us-east-1"
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
    await s3.send(new CreateBucketCommand({ Bucket, ...place }));
    return s3;
  }

  async function version(s3: S3Client, Bucket: string): Promise<void> {
    const VersioningConfiguration = { Status: "Enabled" as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }

  async function safeBucket(Bucket: string, region = "us-east-1"): Promise<void> {
    const s3 = await newBucket(Bucket, region);
    await version(s3, Bucket);
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    };
    // AWS encrypts every bucket; the emulator does not.
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
    );
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  }

  async function newInstance(name: string, changes: object = {}): Promise<void> {
    await account.rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: name,
        DBInstanceClass: "db.t3.micro",
        Engine: "postgres",
        EngineVersion: "15",
        AllocatedStorage: 20,
        MasterUsername: "newsadmin",
        MasterUserPassword: "not-a-password",
        StorageEncrypted: true,
        ...changes,
      }),
    );
  }

  const results = (changes: Readonly<Record<string, unknown>> = {}) => {
    const environment = environmentWith(structuredClone({ ...sound, ...changes }));
    return runChecks(environment, checksOf(environment));
  };

  const notPassed = (all: readonly Result[]) =>
    all
      .filter(({ status }) => status !== "passed")
      .map(({ id, status, found }) => [id, status, found]);

  test("a valid environment passes, also through the command, as JSON and as a table", async () => {
    expect(notPassed(await results())).toEqual([]);
    const project = new Project();
    writeFileSync(project.path("environments", "test.json"), JSON.stringify(settingsWith(sound)));
    const started = performance.now();
    const { exitCode, stdout, stderr } = await project.run(
      "npm run --silent preflight -- test --json",
      emulator.env,
    );
    process.stdout.write(`preflight took ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const found = JSON.parse(stdout) as Result[];
    expect(found.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["credentials", "state-bucket", "orderable", "kms-key"]),
    );
    const text = await project.run("npm run --silent preflight -- test", emulator.env);
    expect(text.stdout).toMatch(/\n\d+ passed, 0 failed, 0 unknown\.$/);
    writeFileSync(
      project.path("environments", "test.json"),
      JSON.stringify(
        settingsWith({
          ...sound,
          account: "210987654321",
          "database.enhancedMonitoring": undefined,
        }),
      ),
    );
    const wrong = await project.run("npm run --silent preflight -- test", emulator.env);
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stdout).toContain("0 passed, 1 failed, 0 unknown.");
    project.remove();
  });

  /** Each fault: what makes it, which check finds it, and what the check says. */
  const FAULTS: readonly (readonly [
    string,
    () => Promise<Readonly<Record<string, unknown>>>,
    string,
    RegExp,
  ])[] = [
    [
      "credentials of another account",
      async () => ({ account: "210987654321", "database.enhancedMonitoring": undefined }),
      "credentials",
      /belong to account 123456789012, not to 210987654321/,
    ],
    [
      "no state bucket",
      async () => ({ "stateBucket.name": "nowhere-news" }),
      "state-bucket",
      /nowhere-news does not exist/,
    ],
    [
      "a bucket without versions",
      async () => {
        await newBucket("news-unversioned");
        return { "stateBucket.name": "news-unversioned" };
      },
      "state-bucket",
      /is not versioned/,
    ],
    [
      "a bucket that may become public",
      async () => {
        await safeBucket("news-open");
        const s3 = new S3Client({ ...emulator.clientConfig, forcePathStyle: true });
        await s3.send(new DeletePublicAccessBlockCommand({ Bucket: "news-open" }));
        return { "stateBucket.name": "news-open" };
      },
      "state-bucket",
      /may become public/,
    ],
    [
      "a bucket in another region",
      async () => {
        await safeBucket("news-far", "eu-west-1");
        return { "stateBucket.name": "news-far" };
      },
      "state-bucket",
      /is in eu-west-1, not in us-east-1/,
    ],
    [
      "no such VPC",
      async () => ({
        network: { vpcId: "vpc-0123456789abcdef0", subnetIds: "all" },
      }),
      "vpc",
      /does not exist/,
    ],
    [
      "no such subnet",
      async () => ({ network: { vpcId, subnetIds: [...subnetIds, "subnet-0123456789abcdef0"] } }),
      "subnets",
      /Not found in us-east-1: subnet-0123456789abcdef0/,
    ],
    [
      "a subnet of another VPC",
      async () => {
        const other = await newVpc("10.7.0.0/16");
        const subnet = await newSubnet("10.7.1.0/24", "c", other);
        return { network: { vpcId, subnetIds: [...subnetIds, subnet] } };
      },
      "subnets",
      /Not in the VPC/,
    ],
    [
      "a bastion in another VPC",
      async () => {
        const other = await newVpc("10.8.0.0/16");
        return { bastion: { route: "nat", subnetId: await newSubnet("10.8.1.0/24", "a", other) } };
      },
      "bastion",
      /^The subnet subnet-[0-9a-f]+ is not in the VPC/,
    ],
    [
      "a bastion in a zone that does not have its type",
      async () => ({
        bastion: { route: "nat", subnetId: await newSubnet("10.0.8.0/24", "e") },
      }),
      "bastion",
      /^t4g\.nano is not offered in us-east-1e\.$/,
    ],
    [
      "a security group with the bastion's name",
      async () => {
        await newGroup(vpcId, "news-api-taken-bastion");
        return {
          name: "taken",
          "stateBucket.name": BUCKET,
        };
      },
      "bastion",
      /^A security group news-api-taken-bastion already exists/,
    ],
    [
      "subnets in one zone",
      async () => ({
        network: { vpcId, subnetIds: [subnetIds[0], await newSubnet("10.0.3.0/24", "a")] },
      }),
      "subnets",
      /All subnets are in one availability zone: us-east-1a/,
    ],
    [
      "a subnet without a free address",
      async () => {
        const SubnetId = await newSubnet("10.0.4.0/28", "c");
        for (let address = 0; address < 11; address++) {
          await account.ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
        }
        return { network: { vpcId, subnetIds: [...subnetIds, SubnetId] } };
      },
      "subnets",
      /Without a free address/,
    ],
    [
      "no such security group of a client",
      async () => ({ "clients.api": { securityGroupId: "sg-0123456789abcdef0" } }),
      "client-security-groups",
      /Not found in us-east-1: sg-0123456789abcdef0/,
    ],
    [
      "a client in a VPC that is not peered",
      async () => {
        const stranger = await newVpc("10.8.0.0/16");
        // It is peered with a VPC, which is not ours.
        await peer(stranger, await newVpc("10.6.0.0/16"));
        const id = await newGroup(stranger, "stranger");
        return { "clients.api": { securityGroupId: id } };
      },
      "client-security-groups",
      /In a VPC that is not peered/,
    ],
    [
      "no such prefix list",
      async () => ({
        "clients.office": { prefixListId: "pl-0123456789abcdef0", stores: ["cache"] },
      }),
      "ingress-rules",
      /Not found in us-east-1: pl-0123456789abcdef0/,
    ],
    [
      "a prefix list beyond the quota of rules",
      async () => ({
        "clients.office": { prefixListId: await newList(60), stores: ["cache"] },
      }),
      "ingress-rules",
      /need 61 rules, and a security group has at most 60/,
    ],
    [
      "no such execution role",
      async () => ({ executionRoleName: "nobody" }),
      "execution-role",
      /The role nobody does not exist/,
    ],
    [
      "an execution role that trusts another service",
      async () => ({ executionRoleName: await newRole("lambda", "lambda.amazonaws.com") }),
      "execution-role",
      /does not trust ecs-tasks\.amazonaws\.com/,
    ],
    [
      "a monitoring role that trusts another service",
      async () => ({
        "database.enhancedMonitoring": {
          intervalSeconds: 60,
          roleArn: `arn:aws:iam::${ACCOUNT}:role/ecs`,
        },
      }),
      "monitoring-role",
      /does not trust monitoring\.rds\.amazonaws\.com/,
    ],
    [
      "a disabled key",
      async () => {
        const arn = await newKey();
        await account.kms.send(new DisableKeyCommand({ KeyId: arn.split("/").at(-1) }));
        return { "database.kmsKeyArn": arn };
      },
      "kms-key",
      /is not enabled \(Disabled\)/,
    ],
    [
      "no such key",
      async () => ({
        "database.kmsKeyArn": `arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`,
      }),
      "kms-key",
      /does not exist/,
    ],
    [
      "a class that cannot be ordered",
      async () => ({ "database.instanceClass": "db.m9g.large" }),
      "orderable",
      /db\.m9g\.large with PostgreSQL 15\.17 cannot be ordered/,
    ],
    [
      "a zone where the class is not offered",
      async () => ({ "database.multiAz": false, "database.availabilityZone": "us-east-1f" }),
      "orderable",
      /is not offered in us-east-1f/,
    ],
    [
      "an instance of the same name",
      async () => {
        await newInstance("taken-db");
        return { "database.identifier": "taken-db" };
      },
      "identifier",
      /The DB instance taken-db already exists, and no stack created it/,
    ],
    [
      "an instance of another stack",
      async () => {
        await newInstance("other-db", { Tags: [{ Key: "stack", Value: "shop-prod-database" }] });
        return { "database.identifier": "other-db" };
      },
      "identifier",
      /in the stack shop-prod-database/,
    ],
    [
      "a DB subnet group of the same name",
      async () => {
        await account.rds.send(
          new CreateDBSubnetGroupCommand({
            DBSubnetGroupName: "taken",
            DBSubnetGroupDescription: "by hand",
            SubnetIds: subnetIds,
          }),
        );
        return { "database.subnetGroupName": "taken" };
      },
      "subnet-group",
      /The DB subnet group taken already exists/,
    ],
    [
      "a security group of the same name",
      async () => {
        await newGroup(vpcId, "taken");
        return { "database.securityGroupName": "taken" };
      },
      "security-group",
      /The security group taken already exists/,
    ],
    [
      "a log group of the same name",
      async () => {
        const logGroupName = "/aws/rds/instance/logged-db/upgrade";
        await account.logs.send(new CreateLogGroupCommand({ logGroupName }));
        return { "database.identifier": "logged-db" };
      },
      "log-group",
      /The log group \/aws\/rds\/instance\/logged-db\/upgrade already exists/,
    ],
    [
      "a cache of the same name",
      async () => {
        await account.elasticache.send(
          new CreateCacheClusterCommand({
            CacheClusterId: "taken-cache",
            CacheNodeType: "cache.t3.micro",
            Engine: "redis",
            EngineVersion: "7.0",
            NumCacheNodes: 1,
          }),
        );
        return { "cache.clusterId": "taken-cache" };
      },
      "cache-id",
      /The cache taken-cache already exists/,
    ],
    [
      "a cache subnet group of the same name",
      async () => {
        await account.elasticache.send(
          new CreateCacheSubnetGroupCommand({
            CacheSubnetGroupName: "taken-by-hand",
            CacheSubnetGroupDescription: "by hand",
            SubnetIds: subnetIds,
          }),
        );
        return { "cache.subnetGroupName": "taken-by-hand" };
      },
      "subnet-group",
      /The cache subnet group taken-by-hand already exists/,
    ],
    [
      "no such snapshot",
      async () => ({
        "database.restoreFrom": { kind: "snapshot", snapshotIdentifier: "lost" },
      }),
      "restore-source",
      /lost does not exist/,
    ],
    [
      "a snapshot that is not encrypted",
      async () => {
        await newInstance("plain-db", { StorageEncrypted: false });
        await account.rds.send(
          new CreateDBSnapshotCommand({
            DBInstanceIdentifier: "plain-db",
            DBSnapshotIdentifier: "plain",
          }),
        );
        return { "database.restoreFrom": { kind: "snapshot", snapshotIdentifier: "plain" } };
      },
      "restore-source",
      /plain is not encrypted, and storageEncrypted is true/,
    ],
    [
      "no such snapshot of a cache",
      async () => ({ "cache.snapshotName": "lost" }),
      "restore-source",
      /The cache snapshot lost does not exist/,
    ],
    [
      "no such alarm topic",
      async () => ({ "alarms.topicArn": `arn:aws:sns:us-east-1:${ACCOUNT}:nowhere` }),
      "alarm-topic",
      /does not exist/,
    ],
    [
      "an alarm topic that RDS may not publish to",
      async () => ({ "alarms.topicArn": await newTopic("silent", ["cloudwatch"]) }),
      "alarm-topic",
      /does not allow events\.rds\.amazonaws\.com to publish/,
    ],
    [
      "no room for the storage",
      async () => ({
        "database.allocatedStorageGib": 60_000,
        databases: {
          second: {
            ...(settingsWith({}) as { database: object }).database,
            identifier: "second-db",
            allocatedStorageGib: 60_000,
          },
        },
        "database.urlVariable": "DATABASE_URL",
      }),
      "rds-quotas",
      /RDS's quota AllocatedStorage is 100000/,
    ],
  ];

  test.each(FAULTS)("%s is found by exactly one check", async (_, plant, id, found) => {
    const changes = await plant();
    const wrong = notPassed(await results(changes));
    expect(wrong.map(([check, status]) => [check, status])).toEqual([[id, "failed"]]);
    expect(wrong[0]?.[2]).toMatch(found);
  });

  test("a client in a peered VPC passes", async () => {
    const PeerVpcId = await newVpc("10.9.0.0/16");
    await peer(vpcId, PeerVpcId);
    const securityGroupId = await newGroup(PeerVpcId, "peer");
    expect(notPassed(await results({ "clients.api": { securityGroupId } }))).toEqual([]);
  });

  test("a name that the stack itself created passes", async () => {
    const stack = "news-api-test-database";
    await newInstance("own-db", { Tags: [{ Key: "stack", Value: stack }] });
    expect(notPassed(await results({ "database.identifier": "own-db" }))).toEqual([]);
  });

  test("any other failed call is unknown, and a defect is not a finding", async () => {
    const environment = environmentWith(sound);
    const failing = (run: Check["run"]) =>
      runChecks(environment, [{ id: "planted", subject: "dev", run }], { account });
    const results = await failing(async ({ rds }) => {
      await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: "none" }));
      return "";
    });
    expect(results.at(-1)).toMatchObject({
      status: "unknown",
      found: expect.stringMatching(/^The call to rds:DescribeDBInstances failed: .*none/),
    });
    await expect(
      failing(async () => {
        throw new TypeError("a defect");
      }),
    ).rejects.toThrow("a defect");
  });

  test("a missing permission is named, and the check is unknown", async () => {
    // Three calls without authorization: the user, its key, its policy.
    const strict = await Emulator.start({ env: { INITIAL_NO_AUTH_ACTION_COUNT: "3" } });
    const iam = new IAMClient(strict.clientConfig);
    const UserName = "ci";
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const Statement = [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: ["ec2:DescribeSubnets", "rds:DescribeDBInstances"], Resource: "*" },
    ];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "ci", PolicyDocument }));
    Object.assign(process.env, strict.env, {
      AWS_ACCESS_KEY_ID: AccessKey?.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey,
    });
    const all = await results({ network: { vpcId: "default", subnetIds: "all" } });
    Object.assign(process.env, emulator.env);
    await strict.stop();
    const unknown = all.filter(({ status }) => status === "unknown");
    expect(unknown.map(({ id, found, fix }) => [id, found, fix])).toEqual([
      [
        "subnets",
        "The permission ec2:DescribeSubnets is missing.",
        "Allow ec2:DescribeSubnets, then run preflight again.",
      ],
      [
        "rds-quotas",
        "The permission rds:DescribeDBInstances is missing.",
        "Allow rds:DescribeDBInstances, then run preflight again.",
      ],
      [
        "bastion",
        "The permission ec2:DescribeSubnets is missing.",
        "Allow ec2:DescribeSubnets, then run preflight again.",
      ],
      [
        "orderable",
        "The permission ec2:DescribeSubnets is missing.",
        "Allow ec2:DescribeSubnets, then run preflight again.",
      ],
      [
        "identifier",
        "The permission rds:DescribeDBInstances is missing.",
        "Allow rds:DescribeDBInstances, then run preflight again.",
      ],
    ]);
  });
});
