import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import type { Emulator } from "../emulator/emulator";

/** The IDs of a database and a cache that no stack created. */
export interface ExistingStores {
  readonly database: string;
  readonly cache: string;
}

/** Manually created data stores of a production setup: their own groups and key, a replica, monitoring and TLS. */
export async function createExistingStores({ clientConfig }: Emulator): Promise<ExistingStores> {
  const ec2 = new EC2Client(clientConfig);
  const rds = new RDSClient(clientConfig);
  const cache = new ElastiCacheClient(clientConfig);
  const kms = new KMSClient(clientConfig);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const SubnetIds = Subnets.slice(0, 3).map(({ SubnetId = "" }) => SubnetId);
  const VpcId = Subnets[0]?.VpcId;
  const newGroup = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName })))
      .GroupId ?? "";
  const [api, stores, extra] = [
    await newGroup("api"),
    await newGroup("stores"),
    await newGroup("extra"),
  ];
  const allow = (port: number, source: object) =>
    ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: stores,
        IpPermissions: [{ IpProtocol: "tcp", FromPort: port, ToPort: port, ...source }],
      }),
    );
  await allow(5433, { UserIdGroupPairs: [{ GroupId: api }] });
  await allow(5433, { IpRanges: [{ CidrIp: "10.1.2.0/24", Description: "The office" }] });
  await allow(6380, { UserIdGroupPairs: [{ GroupId: api }] });
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: "own-subnets",
      DBSubnetGroupDescription: "own",
      SubnetIds,
    }),
  );
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: "own-parameters",
      DBParameterGroupFamily: "postgres15",
      Description: "own",
    }),
  );
  const Tags = [{ Key: "team", Value: "shop" }];
  const shared = {
    DBInstanceClass: "db.m7g.large",
    AutoMinorVersionUpgrade: true,
    CopyTagsToSnapshot: true,
    DeletionProtection: true,
    EnableCloudwatchLogsExports: ["postgresql"],
    VpcSecurityGroupIds: [stores, extra],
    PreferredMaintenanceWindow: "tue:04:00-tue:05:00",
    MonitoringInterval: 60,
    MonitoringRoleArn: "arn:aws:iam::123456789012:role/rds-monitoring",
    StorageType: "gp3",
    Port: 5433,
    Tags,
  };
  await rds.send(
    new CreateDBInstanceCommand({
      ...shared,
      DBInstanceIdentifier: "shop-db",
      Engine: "postgres",
      EngineVersion: "15.8",
      AllocatedStorage: 100,
      MaxAllocatedStorage: 500,
      MasterUsername: "shopadmin",
      MasterUserPassword: "not-a-password",
      DBName: "shop",
      MultiAZ: true,
      StorageEncrypted: true,
      KmsKeyId: key?.Arn,
      DBSubnetGroupName: "own-subnets",
      DBParameterGroupName: "own-parameters",
      BackupRetentionPeriod: 14,
      PreferredBackupWindow: "02:00-03:00",
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
      EnableIAMDatabaseAuthentication: true,
    }),
  );
  await rds.send(
    new CreateDBInstanceReadReplicaCommand({
      ...shared,
      DBInstanceIdentifier: "shop-db-reports",
      SourceDBInstanceIdentifier: "shop-db",
      DBInstanceClass: "db.t4g.medium",
      DBParameterGroupName: "own-parameters",
      EnablePerformanceInsights: true,
      PerformanceInsightsRetentionPeriod: 7,
      EnableIAMDatabaseAuthentication: true,
    }),
  );
  await cache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: "own-subnets",
      CacheSubnetGroupDescription: "own",
      SubnetIds,
    }),
  );
  await cache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: "shop-cache",
      ReplicationGroupDescription: "Sessions of the shop",
      Engine: "redis",
      EngineVersion: "7.0",
      CacheNodeType: "cache.t4g.small",
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      CacheSubnetGroupName: "own-subnets",
      SecurityGroupIds: [stores],
      Port: 6380,
      SnapshotRetentionLimit: 3,
      SnapshotWindow: "02:00-03:00",
      PreferredMaintenanceWindow: "tue:04:00-tue:05:00",
      Tags,
    }),
  );
  return { database: "shop-db", cache: "shop-cache" };
}
