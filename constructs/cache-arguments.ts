import type { Construct } from "constructs";
import {
  type CacheSettings,
  cacheIdOf,
  engineOf,
  hasTlsMode,
  type ReplicationGroupSettings,
} from "../settings/cache";
import { hasDataTiering } from "../settings/instance-class";
import { CacheLogs } from "./cache-logs";
import { FinalSnapshot } from "./final-snapshot";

/** The arguments of either kind of cache, without where it is; makes the log groups that it delivers to. */
export function commonArguments(scope: Construct, cache: CacheSettings) {
  const logs = new CacheLogs(scope, "logs", {
    cacheId: cacheIdOf(cache),
    logs: cache.logExports,
    retentionDays: cache.logRetentionDays,
  });
  return {
    engine: engineOf(cache),
    engineVersion: cache.engineVersion,
    // A string in the bindings, which Terraform reads as a boolean.
    autoMinorVersionUpgrade: String(cache.autoMinorVersionUpgrade),
    nodeType: cache.nodeType,
    port: cache.port,
    maintenanceWindow: cache.maintenanceWindow,
    applyImmediately: cache.applyImmediately,
    logDeliveryConfiguration: logs.deliveries,
    lifecycle: cache.preventDestroy ? { preventDestroy: true } : undefined,
    ...snapshotArguments(scope, cache),
  };
}

/** A cache that keeps snapshots keeps a last one when it is destroyed; another can be filled again. */
function snapshotArguments(scope: Construct, cache: CacheSettings) {
  return {
    snapshotName: cache.snapshotName,
    snapshotWindow: cache.snapshotWindow,
    snapshotRetentionLimit: cache.snapshotRetentionDays,
    finalSnapshotIdentifier:
      cache.snapshotRetentionDays > 0 ? finalSnapshot(scope, cache).identifier : undefined,
  };
}

function finalSnapshot(scope: Construct, cache: CacheSettings): FinalSnapshot {
  return new FinalSnapshot(scope, "final", {
    prefix: `${cacheIdOf(cache)}-final`,
    renewedBy: {
      kind: cache.kind,
      engine: engineOf(cache),
      engine_version: cache.engineVersion,
      port: cache.port,
      subnet_group_name: cache.subnetGroupName,
      snapshot_name: cache.snapshotName,
      ...(cache.kind === "cluster"
        ? { availability_zone: cache.availabilityZone }
        : { kms_key_id: cache.kmsKeyArn, data_tiering_enabled: hasDataTiering(cache.nodeType) }),
    },
  });
}

/** The nodes of a replication group, and how they are encrypted. */
export function replicationGroupArguments(cache: ReplicationGroupSettings) {
  return {
    replicationGroupId: cache.replicationGroupId,
    description: "The cache and its replicas",
    numCacheClusters: cache.nodes,
    automaticFailoverEnabled: cache.nodes > 1,
    multiAzEnabled: cache.multiAz,
    preferredCacheClusterAzs: cache.availabilityZones,
    dataTieringEnabled: hasDataTiering(cache.nodeType) || undefined,
    transitEncryptionEnabled: true,
    transitEncryptionMode: hasTlsMode(cache) ? cache.transitEncryptionMode : undefined,
    // A string in the bindings of provider 6, which both majors read as a boolean.
    atRestEncryptionEnabled: "true",
    kmsKeyId: cache.kmsKeyArn,
  };
}
