import { memoryGibOf } from "../../settings/aws/instance-size";
import type { DatabaseThresholds as Thresholds } from "../../settings/database/alarm-thresholds";
import { connectionLimit } from "../../settings/database/connection-limit";
import type { DatabaseSettings as Database } from "../../settings/database/database";
import { type AlarmDefinition, cpuCredits } from "../alarms/alarm";

const BYTES_PER_GIB = 1024 ** 3;
/** Storage autoscaling starts when less than a tenth of the allocated storage is free. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
const FREE_STORAGE_SHARE = 0.1;

// Statistics and periods are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The alarms of a database. */
export function databaseAlarms(database: Database, thresholds: Thresholds): AlarmDefinition[] {
  return [...instanceAlarms(database, thresholds), transactionIds(thresholds)];
}

/** The alarms of a read replica. It shares its instance's transaction IDs, so it has no alarm on them. */
export function replicaAlarms(
  name: string,
  database: Database,
  thresholds: Thresholds,
): AlarmDefinition[] {
  const instanceClass = database.readReplicas[name]?.instanceClass ?? database.instanceClass;
  const alarms = [
    ...instanceAlarms({ ...database, instanceClass }, thresholds),
    replicaLag(thresholds),
  ];
  return alarms.map((alarm) => ({
    ...alarm,
    description: `Read replica ${name}: ${alarm.description}`,
  }));
}

/** Alarms on the resources of an instance, the most urgent first. */
function instanceAlarms(database: Database, thresholds: Thresholds): AlarmDefinition[] {
  return [
    storage(database, thresholds),
    cpu(thresholds),
    ...cpuCredits(
      database.instanceClass,
      thresholds.cpuCredits,
      "AWS bills the surplus credits. Find the queries that cause the load, or choose a class that is not burstable.",
    ),
    memory(database, thresholds),
    connections(database, thresholds),
  ];
}

/**
 * CloudWatch has no metric of the allocated storage. With autoscaling the threshold follows the initial size: RDS grows
 * the storage before the alarm fires, if it can. The alarm waits half an hour for that. RDS sends events when the
 * storage nears its maximum (RDS-EVENT-0223 and RDS-EVENT-0224).
 */
function storage(database: Database, { freeStorageGib }: Thresholds): AlarmDefinition {
  const { allocatedStorageGib, maxAllocatedStorageGib: maximum } = database;
  const freeGib = freeStorageGib ?? allocatedStorageGib * FREE_STORAGE_SHARE;
  return {
    name: "storage",
    metric: "FreeStorageSpace",
    statistic: "Minimum",
    goesOff: "below",
    threshold: Math.round(freeGib * BYTES_PER_GIB),
    periodSeconds: 60,
    periods: maximum ? 30 : 5,
    missingData: "ignore",
    description: maximum
      ? `Less than ${freeGib} GiB of storage is free, and RDS has not enlarged it for half an hour: it is at its maximum of ${maximum} GiB, or RDS enlarged it a few hours ago. Raise maxAllocatedStorageGib and apply, look for a replication slot that retains WAL, or delete data. Without free storage the database stops.`
      : `Less than ${freeGib} GiB of the ${allocatedStorageGib} GiB of storage is free. Raise allocatedStorageGib and apply, or set maxAllocatedStorageGib so that RDS enlarges it automatically. Look for a replication slot that retains WAL. Without free storage the database stops.`,
  };
}

function cpu({ cpuPercent }: Thresholds): AlarmDefinition {
  return {
    name: "cpu",
    metric: "CPUUtilization",
    statistic: "Average",
    goesOff: "above",
    threshold: cpuPercent,
    periodSeconds: 60,
    periods: 5,
    missingData: "breaching",
    description: `CPU utilization is above ${cpuPercent} %, or the instance sends no metrics. First check in RDS whether the instance is available or stopped. Then find the queries that cause the load (Performance Insights, pg_stat_activity), or choose a larger instanceClass.`,
  };
}

function memory(
  { instanceClass }: Database,
  { freeableMemoryPercent }: Thresholds,
): AlarmDefinition {
  const bytes = (memoryGibOf(instanceClass) ?? 0) * BYTES_PER_GIB;
  return {
    name: "memory",
    metric: "FreeableMemory",
    statistic: "Average",
    goesOff: "below",
    threshold: Math.round((bytes * freeableMemoryPercent) / 100),
    periodSeconds: 60,
    periods: 15,
    missingData: "ignore",
    description: `Less than ${freeableMemoryPercent} % of the memory of ${instanceClass} is freeable. If it runs out, the operating system kills PostgreSQL, which then restarts. Check the number of connections and work_mem, or choose a class with more memory.`,
  };
}

function connections(database: Database, { connectionsPercent }: Thresholds): AlarmDefinition {
  const limit = connectionLimit(database);
  const source = database.parameters.max_connections
    ? `${limit}, from its parameters`
    : `about ${limit} with the memory of ${database.instanceClass}`;
  return {
    name: "connections",
    metric: "DatabaseConnections",
    statistic: "Average",
    goesOff: "above",
    threshold: Math.floor((limit * connectionsPercent) / 100),
    periodSeconds: 60,
    periods: 5,
    missingData: "ignore",
    description: `More than ${connectionsPercent} % of the maximum number of connections are open (the maximum is ${source}). Beyond the maximum, the database refuses connections. Look for clients that leak connections (pg_stat_activity), reduce the application's pools, or use RDS Proxy.`,
  };
}

function transactionIds({ usedTransactionIdsMillions: millions }: Thresholds): AlarmDefinition {
  return {
    name: "transaction-ids",
    metric: "MaximumUsedTransactionIDs",
    statistic: "Maximum",
    goesOff: "above",
    threshold: millions * 1_000_000,
    periodSeconds: 60,
    periods: 1,
    missingData: "ignore",
    description: `More than ${millions} million transaction IDs are unfrozen. Near 2100 million, PostgreSQL stops accepting writes. Autovacuum is not keeping up: end long-running transactions and drop old replication slots (pg_stat_activity, pg_replication_slots, pg_prepared_xacts), then run VACUUM FREEZE on the tables with the oldest relfrozenxid.`,
  };
}

function replicaLag({ replicaLagSeconds }: Thresholds): AlarmDefinition {
  return {
    name: "lag",
    metric: "ReplicaLag",
    statistic: "Maximum",
    goesOff: "above",
    threshold: replicaLagSeconds,
    periodSeconds: 60,
    periods: 10,
    missingData: "breaching",
    description: `The replica is more than ${replicaLagSeconds} seconds behind, or sends no metrics. First check in RDS whether it is available and replicating. Then look for long-running queries on it, and for more writes than its class can replay.`,
  };
}
