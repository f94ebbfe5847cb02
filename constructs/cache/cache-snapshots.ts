import { Construct } from "constructs";
import { hasDataTiering } from "../../settings/aws/instance-class";
import { type CacheSettings, cacheIdOf, engineOf } from "../../settings/cache/cache";
import { FinalSnapshot } from "../final-snapshot";

/**
 * The snapshots of a cache: the one that it is restored from, the daily ones and, if daily snapshots are kept, a final one
 * when the cache is destroyed. A cache without snapshots has no final snapshot either: its data can be rebuilt. This construct
 * creates the final snapshot's identifier.
 *
 * @example
 * const snapshots = new CacheSnapshots(this, "snapshots", cache);
 * new ElasticacheReplicationGroup(this, "cache", { …, ...snapshots.cacheArguments });
 */
export class CacheSnapshots extends Construct {
  readonly cacheArguments;

  constructor(scope: Construct, id: string, cache: CacheSettings) {
    super(scope, id);
    this.cacheArguments = {
      snapshotName: cache.snapshotName,
      snapshotWindow: cache.snapshotWindow,
      snapshotRetentionLimit: cache.snapshotRetentionDays,
      finalSnapshotIdentifier:
        cache.snapshotRetentionDays > 0 && !cache.skipFinalSnapshot
          ? this.finalSnapshot(cache).identifier
          : undefined,
    };
  }

  private finalSnapshot(cache: CacheSettings): FinalSnapshot {
    return new FinalSnapshot(this, "final", {
      prefix: `${cacheIdOf(cache)}-final`,
      replaceTriggers: {
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
}
