import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { CacheCluster, ReplicationGroup } from "@aws-sdk/client-elasticache";
import type { DBInstance } from "@aws-sdk/client-rds";
import type { Existing } from "../../../operations/adoption/existing";

export const ACCOUNT = "123456789012";
export const GROUP = "sg-0123456789abcdef0";
export const OTHER_GROUP = "sg-0123456789abcdef1";
export const VPC = "vpc-0123456789abcdef0";
const SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];

/** As AWS describes what the chapter makes. */
export const INSTANCE: DBInstance = {
  DBInstanceIdentifier: "news-api-db",
  DBInstanceClass: "db.t3.micro",
  Engine: "postgres",
  EngineVersion: "15.4",
  EngineLifecycleSupport: "open-source-rds-extended-support",
  DBInstanceStatus: "available",
  MasterUsername: "newsadmin",
  Endpoint: { Address: "news-api-db.abc.us-east-1.rds.amazonaws.com", Port: 5432 },
  AllocatedStorage: 20,
  StorageType: "gp3",
  Iops: 3000,
  StorageThroughput: 125,
  StorageEncrypted: false,
  BackupRetentionPeriod: 7,
  PreferredBackupWindow: "03:00-04:00",
  PreferredMaintenanceWindow: "sun:04:00-sun:05:00",
  VpcSecurityGroups: [{ VpcSecurityGroupId: GROUP, Status: "active" }],
  DBParameterGroups: [
    { DBParameterGroupName: "default.postgres15", ParameterApplyStatus: "in-sync" },
  ],
  OptionGroupMemberships: [{ OptionGroupName: "default:postgres-15", Status: "in-sync" }],
  DBSubnetGroup: {
    DBSubnetGroupName: "default",
    VpcId: VPC,
    Subnets: SUBNETS.map((SubnetIdentifier) => ({ SubnetIdentifier })),
  },
  AvailabilityZone: "us-east-1a",
  MultiAZ: false,
  AutoMinorVersionUpgrade: true,
  PubliclyAccessible: false,
  CopyTagsToSnapshot: false,
  DeletionProtection: false,
  IAMDatabaseAuthenticationEnabled: false,
  MonitoringInterval: 0,
  PerformanceInsightsEnabled: false,
  CACertificateIdentifier: "rds-ca-rsa2048-g1",
  PendingModifiedValues: {},
  TagList: [],
};

/** As AWS describes what the chapter makes. */
export const CLUSTER: CacheCluster = {
  CacheClusterId: "news-api-cache",
  CacheNodeType: "cache.t3.micro",
  Engine: "redis",
  EngineVersion: "7.0.7",
  CacheClusterStatus: "available",
  NumCacheNodes: 1,
  CacheNodes: [{ Endpoint: { Address: "news-api-cache.abc.cache.amazonaws.com", Port: 6379 } }],
  PreferredAvailabilityZone: "us-east-1b",
  PreferredMaintenanceWindow: "thu:05:00-thu:06:00",
  SecurityGroups: [{ SecurityGroupId: GROUP, Status: "active" }],
  CacheParameterGroup: { CacheParameterGroupName: "default.redis7" },
  CacheSubnetGroupName: "default",
  SnapshotRetentionLimit: 0,
  SnapshotWindow: "08:00-09:00",
  AutoMinorVersionUpgrade: true,
  TransitEncryptionEnabled: false,
  AtRestEncryptionEnabled: false,
  PendingModifiedValues: {},
};

/** Two nodes with TLS; the cluster is its first node. */
export const REPLICATION_GROUP: ReplicationGroup = {
  ReplicationGroupId: "news-api-cache",
  Description: "Sessions",
  Status: "available",
  MemberClusters: ["news-api-cache-001", "news-api-cache-002"],
  NodeGroups: [{ PrimaryEndpoint: { Port: 6380 } }],
  AutomaticFailover: "enabled",
  MultiAZ: "enabled",
  ClusterEnabled: false,
  TransitEncryptionEnabled: true,
  TransitEncryptionMode: "required",
  AtRestEncryptionEnabled: true,
  SnapshotRetentionLimit: 5,
  SnapshotWindow: "08:00-09:00",
  AutoMinorVersionUpgrade: true,
  PendingModifiedValues: {},
};

/** A rule as AWS describes it: tcp, one port, of the first group. */
export function ruleWith(changes: Partial<SecurityGroupRule>): SecurityGroupRule {
  return {
    SecurityGroupRuleId: "sgr-0123456789abcdef0",
    GroupId: GROUP,
    GroupOwnerId: ACCOUNT,
    IsEgress: false,
    IpProtocol: "tcp",
    FromPort: 5432,
    ToPort: 5432,
    ...changes,
  };
}

/** The chapter's account, with some of it changed. */
export function existingWith(changes: Partial<Existing> = {}): Existing {
  return {
    account: ACCOUNT,
    region: "us-east-1",
    database: { instance: INSTANCE, replicas: [] },
    cache: { cluster: CLUSTER, tags: [] },
    groups: [{ GroupId: GROUP, GroupName: "default", VpcId: VPC }],
    rules: [
      ruleWith({ SecurityGroupRuleId: "sgr-1", CidrIpv4: "172.31.0.0/16" }),
      ruleWith({
        SecurityGroupRuleId: "sgr-2",
        CidrIpv4: "172.31.0.0/16",
        FromPort: 6379,
        ToPort: 6379,
      }),
    ],
    sources: [{ GroupId: GROUP, GroupName: "default", VpcId: VPC }],
    vpcs: [{ VpcId: VPC, CidrBlock: "172.31.0.0/16" }],
    ...changes,
  };
}
