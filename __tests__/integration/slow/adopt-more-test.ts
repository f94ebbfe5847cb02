import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
  ModifyCacheParameterGroupCommand,
} from "@aws-sdk/client-elasticache";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { describeWithTerraform } from "../describe-with-terraform";
import { ExistingAccount, NOTHING } from "../existing-account";

jest.setTimeout(1_200_000);

const LOGS = ["slow-log", "engine-log"] as const;

describeWithTerraform("npm run adopt, of what is less common", () => {
  let account: ExistingAccount;

  beforeEach(async () => {
    account = await ExistingAccount.start();
    await account.emulator.createBucket("shop-live-terraform-state");
  });

  afterEach(() => account.stop());

  /** Adopts, applies and removes `adopted`: nothing in AWS changes, and no plan has anything to do. */
  async function adopt(args: string, stack: string, imported: readonly string[]): Promise<void> {
    const before = await account.described();
    const writes = await account.writes();
    await account.run(`adopt -- live ${args}`);
    expect(await account.plan(stack)).toEqual({ ...NOTHING, imported });
    await account.run(`review -- ${stack}`);
    await account.run(`deploy -- ${stack} --auto-approve`);
    expect(await account.plan(stack)).toEqual(NOTHING);
    account.removeAdopted("live");
    expect(await account.plan(stack)).toEqual(NOTHING);
    expect(await account.described()).toEqual(before);
    expect(await account.writes()).toEqual(writes);
  }

  test("a password that RDS manages stays with RDS", async () => {
    const { clientConfig } = account.emulator;
    const { KeyMetadata: key } = await new KMSClient(clientConfig).send(new CreateKeyCommand({}));
    await new RDSClient(clientConfig).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: "shop-db",
        DBInstanceClass: "db.t4g.medium",
        Engine: "postgres",
        EngineVersion: "16.6",
        AllocatedStorage: 20,
        MasterUsername: "shopadmin",
        ManageMasterUserPassword: true,
        MasterUserSecretKmsKeyId: key?.Arn,
        StorageEncrypted: true,
        KmsKeyId: key?.Arn,
        BackupRetentionPeriod: 7,
      }),
    );
    await adopt("--database shop-db", "shop-live-database", ["aws_db_instance.database"]);
    expect(account.project.read("environments", "live.ts")).toContain('kind: "rds-managed"');
    const { secrets, environment } = JSON.parse(
      await account.run("connection -- live --format ecs"),
    );
    const arn = String.raw`arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-[\w-]+`;
    expect(secrets).toEqual([
      { name: "DATABASE_USER", valueFrom: expect.stringMatching(`^${arn}:username::$`) },
      { name: "DATABASE_PASSWORD", valueFrom: expect.stringMatching(`^${arn}:password::$`) },
    ]);
    expect(environment).toContainEqual({ name: "DATABASE_PORT", value: "5432" });
    account.edit("live", "tags: true,", "");
    const { other, ...none } = await account.plan("shop-live-database");
    expect(none).toEqual({ imported: [], created: [] });
    expect(other).toEqual([
      expect.stringMatching(
        /^aws_db_instance\.database update .*manage_master_user_password: null → true/,
      ),
    ]);
    await account.run("deploy -- shop-live-database --auto-approve");
    expect(await account.plan("shop-live-database")).toEqual(NOTHING);
    expect(JSON.parse(await account.run("connection -- live --format ecs")).secrets).toEqual(
      secrets,
    );
  });

  test("a replication group keeps its parameter group and its log deliveries", async () => {
    await loggingGroup(account);
    await adopt("--cache shop-cache", "shop-live-cache", [
      "aws_elasticache_replication_group.cache",
    ]);
    const written = account.project.read("environments", "live.ts");
    expect(written).toContain('parameterGroupName: "own-parameters"');
    expect(written).toContain('"slow-log": "/shop/slow-log"');
    expect(written).toContain('"engine-log": "/shop/engine-log"');
  });
});

async function loggingGroup({ emulator: { clientConfig } }: ExistingAccount): Promise<void> {
  const cache = new ElastiCacheClient(clientConfig);
  const logs = new CloudWatchLogsClient(clientConfig);
  for (const log of LOGS) {
    await logs.send(new CreateLogGroupCommand({ logGroupName: `/shop/${log}` }));
  }
  const { Subnets = [] } = await new EC2Client(clientConfig).send(new DescribeSubnetsCommand({}));
  await cache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: "own-subnets",
      CacheSubnetGroupDescription: "own",
      SubnetIds: Subnets.slice(0, 3).map(({ SubnetId = "" }) => SubnetId),
    }),
  );
  const CacheParameterGroupName = "own-parameters";
  await cache.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName,
      CacheParameterGroupFamily: "redis7",
      Description: "own",
    }),
  );
  await cache.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName,
      ParameterNameValues: [{ ParameterName: "maxmemory-policy", ParameterValue: "noeviction" }],
    }),
  );
  await cache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "shop-cache",
      ReplicationGroupDescription: "Sessions of the shop",
      Engine: "redis",
      EngineVersion: "7.1",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      CacheSubnetGroupName: "own-subnets",
      CacheParameterGroupName,
      LogDeliveryConfigurations: LOGS.map((LogType) => ({
        LogType,
        LogFormat: "json",
        DestinationType: "cloudwatch-logs",
        DestinationDetails: { CloudWatchLogsDetails: { LogGroup: `/shop/${LogType}` } },
      })),
    }),
  );
}
