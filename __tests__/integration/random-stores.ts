import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeVpcsCommand,
  EC2Client,
  type IpPermission,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import fc from "fast-check";
import type { Emulator } from "../../emulator/emulator";
import type { ExistingStores } from "../../rehearsal/existing-stores";
import { INSTANCE_CLASSES, POSTGRES_VERSIONS, storages, tagsOf } from "../instance-arbitraries";
import { identifiers, windows } from "../valid-environments";

/** A security group that `create` creates. */
const CLIENTS = "clients";

const tags = tagsOf("team", "cost center", "app", "stack", "owner");

const databases = fc
  .tuple(
    fc.record({
      DBInstanceIdentifier: identifiers(40),
      DBInstanceClass: fc.constantFrom(...INSTANCE_CLASSES),
      EngineVersion: fc.constantFrom(...POSTGRES_VERSIONS),
      MasterUsername: fc.constantFrom("newsadmin", "Shop_Admin").map(String),
      DBName: fc.constantFrom(undefined, "shop"),
      Port: fc.integer({ min: 1150, max: 6000 }),
      MultiAZ: fc.boolean(),
      AutoMinorVersionUpgrade: fc.boolean(),
      CopyTagsToSnapshot: fc.boolean(),
      DeletionProtection: fc.boolean(),
      StorageEncrypted: fc.boolean(),
      EnableIAMDatabaseAuthentication: fc.boolean(),
      BackupRetentionPeriod: fc.integer({ min: 1, max: 35 }),
      EnableCloudwatchLogsExports: fc.subarray(["postgresql", "upgrade"]),
      Tags: tags,
    }),
    storages,
    windows,
  )
  .map(([own, stored, { daily, weekly }]) => ({
    ...own,
    ...stored,
    PreferredBackupWindow: daily,
    PreferredMaintenanceWindow: weekly,
  }));

/** Of the engine and its node's class; what they have in common. */
const caches = fc
  .tuple(
    fc.record({
      id: identifiers(40),
      isGroup: fc.boolean(),
      CacheNodeType: fc.constantFrom("cache.t3.micro", "cache.m7g.large"),
      EngineVersion: fc.constantFrom("6.2", "7.0", "7.1"),
      Port: fc.integer({ min: 6001, max: 9000 }),
      nodes: fc.integer({ min: 1, max: 3 }),
      AutoMinorVersionUpgrade: fc.boolean(),
      SnapshotRetentionLimit: fc.integer({ min: 0, max: 35 }),
      Tags: tags,
    }),
    windows,
  )
  .map(([own, { daily, weekly }]) => ({
    ...own,
    SnapshotWindow: daily,
    PreferredMaintenanceWindow: weekly,
  }));

/** Two rules of one group cannot have the same source. */
const sources = fc.uniqueArray(
  fc.constantFrom<Partial<IpPermission>>(
    { IpRanges: [{ CidrIp: "172.31.0.0/16" }] },
    { IpRanges: [{ CidrIp: "10.1.2.0/24", Description: "Office" }] },
    { IpRanges: [{ CidrIp: "10.1.3.0/24", Description: "office!" }] },
    { IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
    { IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    { Ipv6Ranges: [{ CidrIpv6: "2001:db8::/56" }] },
    { PrefixListIds: [{ PrefixListId: "pl-01234567" }] },
    { UserIdGroupPairs: [{ GroupId: CLIENTS }] },
  ),
  { selector: (source) => JSON.stringify(source) },
);

/** Data stores as somebody might have created them without Terraform. */
export const randomStores = fc.record({
  database: databases,
  replicas: fc.uniqueArray(fc.constantFrom("reports", "search"), { maxLength: 2 }),
  cache: caches,
  toDatabase: sources,
  toCache: sources,
  /** Whether both have one security group. */
  isShared: fc.boolean(),
});

export type RandomStores = typeof randomStores extends fc.Arbitrary<infer Stores> ? Stores : never;

/** Creates them in an account of the emulator. */
export async function create(
  { database, replicas, cache, toDatabase, toCache, isShared }: RandomStores,
  { clientConfig }: Emulator,
): Promise<ExistingStores> {
  const ec2 = new EC2Client(clientConfig);
  const { Vpcs: [vpc] = [] } = await ec2.send(new DescribeVpcsCommand({}));
  const newGroup = async (GroupName: string) => {
    const command = { GroupName, Description: "Created manually", VpcId: vpc?.VpcId };
    return (await ec2.send(new CreateSecurityGroupCommand(command))).GroupId ?? "";
  };
  const databaseGroup = await newGroup("stores");
  const cacheGroup = isShared ? databaseGroup : await newGroup("caches");
  const clients = await newGroup(CLIENTS);
  const allow = async (GroupId: string, port: number, from: readonly Partial<IpPermission>[]) => {
    for (const source of from) {
      const ports = { IpProtocol: "tcp", FromPort: port, ToPort: port };
      const ofGroup = source.UserIdGroupPairs && { UserIdGroupPairs: [{ GroupId: clients }] };
      const IpPermissions = [{ ...ports, ...source, ...ofGroup }];
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    }
  };
  await allow(databaseGroup, database.Port, toDatabase);
  await allow(cacheGroup, cache.Port, toCache);
  await createDatabase(new RDSClient(clientConfig), databaseGroup, database, replicas);
  await createCache(new ElastiCacheClient(clientConfig), cacheGroup, cache);
  return { database: database.DBInstanceIdentifier, cache: cache.id };
}

async function createDatabase(
  rds: RDSClient,
  group: string,
  database: RandomStores["database"],
  replicas: readonly string[],
): Promise<void> {
  const shared = {
    DBInstanceClass: database.DBInstanceClass,
    VpcSecurityGroupIds: [group],
    Port: database.Port,
    AutoMinorVersionUpgrade: database.AutoMinorVersionUpgrade,
    CopyTagsToSnapshot: database.CopyTagsToSnapshot,
    EnableCloudwatchLogsExports: database.EnableCloudwatchLogsExports,
    EnableIAMDatabaseAuthentication: database.EnableIAMDatabaseAuthentication,
    PreferredMaintenanceWindow: database.PreferredMaintenanceWindow,
    StorageType: database.StorageType,
  };
  await rds.send(
    new CreateDBInstanceCommand({
      ...database,
      ...shared,
      Engine: "postgres",
      MasterUserPassword: "not-a-password",
    }),
  );
  for (const name of replicas) {
    await rds.send(
      new CreateDBInstanceReadReplicaCommand({
        ...shared,
        DBInstanceIdentifier: `${database.DBInstanceIdentifier}-${name}`,
        SourceDBInstanceIdentifier: database.DBInstanceIdentifier,
      }),
    );
  }
}

async function createCache(
  elasticache: ElastiCacheClient,
  group: string,
  { id, isGroup, nodes, ...cache }: RandomStores["cache"],
): Promise<void> {
  const common = { ...cache, Engine: "redis", SecurityGroupIds: [group] };
  await (isGroup
    ? elasticache.send(
        new CreateReplicationGroupCommand({
          ...common,
          ReplicationGroupId: id,
          ReplicationGroupDescription: "Created manually",
          NumCacheClusters: nodes,
          AutomaticFailoverEnabled: nodes > 1,
          MultiAZEnabled: nodes > 1,
          TransitEncryptionEnabled: true,
          AtRestEncryptionEnabled: true,
        }),
      )
    : elasticache.send(
        new CreateCacheClusterCommand({ ...common, CacheClusterId: id, NumCacheNodes: 1 }),
      ));
}
