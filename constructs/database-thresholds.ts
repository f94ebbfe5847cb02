import { connectionLimit } from "../settings/connection-limit";
import type { Environment } from "../settings/environment";
import { memoryGibOf } from "../settings/instance-size";
import { type AlarmDefinition, cpuCredits } from "./alarm";

type Database = Environment["database"];
type Thresholds = NonNullable<Environment["alarms"]>["database"];

const BYTES_PER_GIB = 1024 ** 3;
/** At a tenth of what is allocated storage autoscaling acts. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
const FREE_STORAGE_SHARE = 0.1;

// Statistics and periods are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The alarms of a database. */
export function databaseAlarms(database: Database, thresholds: Thresholds): AlarmDefinition[] {
  return [...instanceAlarms(database, thresholds), transactionIds(thresholds)];
}

/** The alarms of a read replica: what it has of its own. Its transaction ids are those of its instance. */
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

/** What every instance can run out of, in the order of urgency. */
function instanceAlarms(database: Database, thresholds: Thresholds): AlarmDefinition[] {
  return [
    storage(database, thresholds),
    cpu(thresholds),
    ...cpuCredits(
      database.instanceClass,
      thresholds.cpuCredits,
      "AWS bills what it has no credits for. Look for the queries that load it, or take a class that is not burstable.",
    ),
    memory(database, thresholds),
    connections(database, thresholds),
  ];
}

/**
 * CloudWatch does not say how much is allocated by now, so with autoscaling the threshold stays that of the beginning:
 * what makes RDS grow the storage then or later, and so silent as long as it does. Half an hour is for RDS to act. That
 * the maximum comes near is an event of RDS (RDS-EVENT-0223 and 0224).
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
      ? `Less than ${freeGib} GiB of storage are free, and for half an hour it has not grown: it is at its maximum of ${maximum} GiB, or was enlarged in the last hours. Raise maxAllocatedStorageGib and apply, look for a replication slot that keeps its log, delete what is not needed. At 0 the database stops.`
      : `Less than ${freeGib} GiB of the ${allocatedStorageGib} GiB of storage are free. Raise allocatedStorageGib and apply, or set maxAllocatedStorageGib to let it grow by itself; look for a replication slot that keeps its log. At 0 the database stops.`,
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
    description: `More than ${cpuPercent} % of the CPU is used, or the database says nothing at all. First see whether it is available, or stopped, in RDS; then look for the queries that load it (Performance Insights, pg_stat_activity), or take a larger instanceClass.`,
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
    description: `Less than ${freeableMemoryPercent} % of the memory of ${instanceClass} can be freed; without any, PostgreSQL is killed and restarts. Look at the number of connections and at work_mem, or take a class with more memory.`,
  };
}

function connections(database: Database, { connectionsPercent }: Thresholds): AlarmDefinition {
  const limit = connectionLimit(database);
  const source = database.parameters.max_connections
    ? `${limit}, as its parameters say`
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
    description: `More than ${connectionsPercent} % of the connections that the database takes are open (${source}); it refuses more. Look for clients that do not close theirs (pg_stat_activity), make the application's pools smaller, or put RDS Proxy in front.`,
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
    description: `Transactions of up to ${millions} million ids ago are not frozen; near 2100 million PostgreSQL stops writing. Autovacuum is not keeping up: end transactions and replication slots that have been open for long (pg_stat_activity, pg_replication_slots, pg_prepared_xacts), then run VACUUM FREEZE on the tables with the oldest relfrozenxid.`,
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
    description: `It is more than ${replicaLagSeconds} seconds behind, or says nothing at all. See in RDS whether it is available and replicates; then look for long queries on it, and for writes that are too much for its class.`,
  };
}
