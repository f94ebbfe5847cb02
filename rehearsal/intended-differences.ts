const SETTING = "a setting of the environment";
const ITSELF = "says which one it is, and since when";
const ENCRYPTED =
  "encrypted at rest; the chapter's is not, and cannot become it without a replacement";

/** Why an attribute of ours is not what the chapter's commands make; one that is not here fails the rehearsal. */
export const INTENDED_DIFFERENCES: Readonly<
  Record<"database" | "cache", Readonly<Record<string, string>>>
> = {
  database: {
    ...all(ITSELF, [
      "DBInstanceArn",
      "DBInstanceIdentifier",
      "DbiResourceId",
      "Endpoint",
      "InstanceCreateTime",
      "LatestRestorableTime",
    ]),
    ...all(SETTING, [
      "AllocatedStorage",
      "AutoMinorVersionUpgrade",
      "AvailabilityZone",
      "BackupRetentionPeriod",
      "DBInstanceClass",
      "DBName",
      "DbInstancePort",
      "DatabaseInsightsMode",
      "DeletionProtection",
      "EnhancedMonitoringResourceArn",
      "IAMDatabaseAuthenticationEnabled",
      "Iops",
      "MasterUsername",
      "MaxAllocatedStorage",
      "MonitoringInterval",
      "MonitoringRoleArn",
      "MultiAZ",
      "PerformanceInsightsEnabled",
      "PerformanceInsightsKMSKeyId",
      "PerformanceInsightsRetentionPeriod",
      "PreferredBackupWindow",
      "PreferredMaintenanceWindow",
      "ReadReplicaDBInstanceIdentifiers",
      "SecondaryAvailabilityZone",
      "StorageThroughput",
      "StorageType",
    ]),
    CACertificateIdentifier: SETTING,
    CopyTagsToSnapshot: "snapshots say whose they are",
    DBParameterGroups: "a group of its own, so that a parameter can be changed, and TLS is forced",
    DBSubnetGroup:
      "the subnets that the environment names, instead of whatever the default VPC has",
    EnabledCloudwatchLogsExports: "logs are kept, in log groups with a retention",
    EngineLifecycleSupport: "no extended support, which AWS bills by the hour",
    EngineVersion: "the major is fixed, AWS upgrades the minor; the chapter's 15.4 stays unpatched",
    KmsKeyId: ENCRYPTED,
    MasterUserSecret: "RDS keeps the password, where the environment says so",
    OptionGroupMemberships: "the default group of the engine version",
    StorageEncrypted: ENCRYPTED,
    TagList: "tags say which stack it belongs to",
    VpcSecurityGroups:
      "a security group of its own, instead of the default one that everything shares",
  },
  cache: {
    ...all(ITSELF, [
      "ARN",
      "AuthTokenLastModifiedDate",
      "CacheClusterCreateTime",
      "CacheClusterId",
      "CacheNodes",
    ]),
    ...all(SETTING, [
      "AutoMinorVersionUpgrade",
      "CacheNodeType",
      "Engine",
      "EngineVersion",
      "LogDeliveryConfigurations",
      "NotificationConfiguration",
      "PreferredAvailabilityZone",
      "PreferredMaintenanceWindow",
      "SnapshotRetentionLimit",
      "SnapshotWindow",
    ]),
    AtRestEncryptionEnabled: ENCRYPTED,
    CacheParameterGroup: "a group of its own, where the environment sets parameters",
    CacheSubnetGroupName: "the subnets that the environment names",
    ReplicationGroupId: "a replication group, with TLS and failover",
    ReplicationGroupLogDeliveryEnabled: SETTING,
    SecurityGroups:
      "a security group of its own, instead of the default one that everything shares",
    TransitEncryptionEnabled: "TLS; the chapter's cache has none",
    TransitEncryptionMode: "TLS; the chapter's cache has none",
  },
};

function all(reason: string, attributes: readonly string[]): Record<string, string> {
  return Object.fromEntries(attributes.map((attribute) => [attribute, reason]));
}
