import type { CacheCluster } from "@aws-sdk/client-elasticache";
import type { DBInstance } from "@aws-sdk/client-rds";
import { type CacheSettings, engineOf } from "../settings/cache/cache";
import type { DatabaseSettings as Database } from "../settings/database/database";
import { FREE_INSIGHTS_DAYS } from "../settings/database/monitoring";

/** The attributes that DescribeDBInstances should report for a database, as far as its settings decide them. */
export function instanceAsExpected(database: Database): Partial<DBInstance> {
  return defined({
    ...sharedAsExpected(database),
    ...backupsAsExpected(database),
    DBInstanceIdentifier: database.identifier,
    DBInstanceClass: database.instanceClass,
    DBName: database.dbName,
    KmsKeyId: database.kmsKeyArn,
    MultiAZ: database.multiAz,
    DeletionProtection: database.deletionProtection,
    MonitoringInterval: database.enhancedMonitoring?.intervalSeconds ?? 0,
    PerformanceInsightsEnabled: database.performanceInsights !== undefined,
    PerformanceInsightsRetentionPeriod: database.performanceInsights?.retentionDays,
  });
}

/** The attributes that it should report for a read replica. */
export function replicaAsExpected(database: Database, name: string): Partial<DBInstance> {
  const replica = database.readReplicas[name];
  const insights = database.performanceInsights && FREE_INSIGHTS_DAYS;
  return defined({
    ...sharedAsExpected(database),
    DBInstanceClass: replica?.instanceClass ?? database.instanceClass,
    ReadReplicaSourceDBInstanceIdentifier: database.identifier,
    MonitoringInterval:
      replica?.monitoringIntervalSeconds ?? database.enhancedMonitoring?.intervalSeconds ?? 0,
    PerformanceInsightsRetentionPeriod: replica?.performanceInsightsRetentionDays ?? insights,
  });
}

/** What the instance and its replicas have in common. */
function sharedAsExpected(database: Database): Partial<DBInstance> {
  return {
    DBInstanceStatus: "available",
    Engine: "postgres",
    MasterUsername: database.username,
    StorageType: database.storageType,
    AllocatedStorage: database.allocatedStorageGib,
    StorageEncrypted: database.storageEncrypted,
    MaxAllocatedStorage: database.maxAllocatedStorageGib,
    Iops: database.iops,
    StorageThroughput: database.storageThroughputMibps,
    PubliclyAccessible: false,
    CopyTagsToSnapshot: true,
    PreferredMaintenanceWindow: database.maintenanceWindow,
    AutoMinorVersionUpgrade: database.autoMinorVersionUpgrade,
    IAMDatabaseAuthenticationEnabled: database.iamAuthentication,
    CACertificateIdentifier: database.caCertificateIdentifier,
    EnabledCloudwatchLogsExports: database.logExports,
  };
}

function backupsAsExpected(database: Database): Partial<DBInstance> {
  return {
    BackupRetentionPeriod: database.backupRetentionDays,
    PreferredBackupWindow: database.backupWindow,
  };
}

/** The attributes that DescribeCacheClusters should report for each node of a cache. */
export function cacheNodeAsExpected(cache: CacheSettings): Partial<CacheCluster> {
  const isGroup = cache.kind === "replication-group";
  return defined({
    CacheClusterStatus: "available",
    CacheNodeType: cache.nodeType,
    Engine: engineOf(cache),
    NumCacheNodes: 1,
    PreferredMaintenanceWindow: cache.maintenanceWindow,
    AutoMinorVersionUpgrade: cache.autoMinorVersionUpgrade,
    TransitEncryptionEnabled: isGroup || undefined,
    AtRestEncryptionEnabled: isGroup || undefined,
  });
}

/** Whether a release belongs to the configured version: `15.4` of `15`, `7.0.7` of `7.0`, `6.2.6` of `6.x`. */
export function isOfVersion(release: string, version: string): boolean {
  return `${release}.`.startsWith(`${version.replace(/\.x$/, "")}.`);
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

export interface Difference {
  readonly attribute: string;
  readonly expected: string;
  readonly found: string;
}

/** The attributes of the first that the second lacks, or has with another value. */
export function differences(expected: object, found: object): Difference[] {
  const other = found as Record<string, unknown>;
  return Object.entries(expected)
    .map(([attribute, value]) => ({
      attribute,
      expected: textOf(value),
      found: textOf(other[attribute]),
    }))
    .filter((one) => one.expected !== one.found);
}

/** Undefined, an empty list and an empty text are equal, because AWS omits empty values. Lists have no order. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    const texts = value.map((one) => JSON.stringify(one)).sort();
    return texts.length === 0 ? "–" : `[${texts.join(",")}]`;
  }
  return value === undefined || value === null || value === "" ? "–" : JSON.stringify(value);
}
