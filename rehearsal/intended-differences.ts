const SETTING = "a setting of the environment";
const ITSELF = "identifies the resource, or its creation time";
const ENCRYPTED =
  "encrypted at rest; the chapter's is not, and can be encrypted only by a replacement";

/** Why an attribute differs from the result of the chapter's commands. Any other difference fails the rehearsal. */
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
    CopyTagsToSnapshot: "snapshots carry the tags of the instance",
    DBParameterGroups:
      "its own parameter group, so that parameters can be changed; it enforces TLS",
    DBSubnetGroup:
      "the subnets that the environment names, instead of whatever the default VPC has",
    EnabledCloudwatchLogsExports: "logs are exported to log groups with a retention",
    EngineLifecycleSupport: "no extended support, which AWS bills by the hour",
    EngineVersion:
      "the major version is fixed, and AWS upgrades the minor version; the chapter's 15.4 stays unpatched",
    KmsKeyId: ENCRYPTED,
    MasterUserSecret: "RDS manages the password, if the environment says so",
    OptionGroupMemberships: "the default group of the engine version",
    StorageEncrypted: ENCRYPTED,
    TagList: "tags name the stack",
    VpcSecurityGroups: "its own security group, instead of the default one that everything shares",
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
    CacheParameterGroup: "its own parameter group, if the environment sets parameters",
    CacheSubnetGroupName: "the subnets that the environment names",
    ReplicationGroupId: "a replication group, with TLS and failover",
    ReplicationGroupLogDeliveryEnabled: SETTING,
    SecurityGroups: "its own security group, instead of the default one that everything shares",
    TransitEncryptionEnabled: "TLS; the chapter's cache has none",
    TransitEncryptionMode: "TLS; the chapter's cache has none",
  },
};

function all(reason: string, attributes: readonly string[]): Record<string, string> {
  return Object.fromEntries(attributes.map((attribute) => [attribute, reason]));
}
