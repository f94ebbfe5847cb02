import type { Environment } from "../settings/environment";
import { withEviction } from "../settings/eviction";
import { hasDataTiering } from "../settings/instance-class";
import { processorOf } from "../settings/instance-size";
import { type AlarmDefinition, cpuCredits } from "./alarm";

type Cache = Environment["cache"];
type Thresholds = NonNullable<Environment["alarms"]>["cache"];

/** From so many vCPUs on, AWS advises to watch the engine's core by itself. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html */
const VCPUS_FOR_ENGINE_METRIC = 4;

// Statistics and periods are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The alarms of each node of a cache, in the order of urgency. */
export function cacheAlarms(cache: Cache, thresholds: Thresholds): AlarmDefinition[] {
  return [
    ...memory(cache, thresholds),
    cpu(cache, thresholds),
    ...cpuCredits(
      cache.nodeType,
      thresholds.cpuCredits,
      "is slowed down to it without credits. Look for slow commands (SLOWLOG GET), or take a node type that is not burstable.",
    ),
    evictions(thresholds),
    connections(thresholds),
    ...replicationLag(cache, thresholds),
  ];
}

/** A cache that may evict any key is full by design: the alarm would never end. Evictions say whether it is too small. */
function memory(cache: Cache, { memoryPercent }: Thresholds): AlarmDefinition[] {
  if (withEviction(cache)["maxmemory-policy"]?.startsWith("allkeys-")) {
    return [];
  }
  return [
    {
      name: "memory",
      // With data tiering memory is full by design, and the rest is on SSD.
      metric: hasDataTiering(cache.nodeType)
        ? "DatabaseCapacityUsagePercentage"
        : "DatabaseMemoryUsagePercentage",
      statistic: "Average",
      goesOff: "above",
      threshold: memoryPercent,
      periodSeconds: 60,
      periods: 5,
      missingData: "ignore",
      description: `More than ${memoryPercent} % of the node's memory is used. When it is full, keys that have an expiry are evicted, if the policy is not noeviction, and when none is left writes fail. Give keys an expiry, look for what grows (MEMORY DOCTOR, --bigkeys), or take a larger nodeType.`,
    },
  ];
}

/** The engine has one thread for commands: on a small node, the share of the whole that one core is. */
function cpu({ nodeType }: Cache, { cpuPercent }: Thresholds): AlarmDefinition {
  const vcpus = processorOf(nodeType)?.vcpus ?? 1;
  const engine = vcpus >= VCPUS_FOR_ENGINE_METRIC;
  return {
    name: "cpu",
    metric: engine ? "EngineCPUUtilization" : "CPUUtilization",
    statistic: "Average",
    goesOff: "above",
    threshold: engine ? cpuPercent : cpuPercent / vcpus,
    periodSeconds: 60,
    periods: 5,
    missingData: "breaching",
    description: `The core that the engine runs on is more than ${cpuPercent} % busy, or the node says nothing at all. First see whether the node is available in ElastiCache; then look for slow commands (SLOWLOG GET), read from replicas, or take a larger nodeType.`,
  };
}

function evictions({ evictionsPerMinute }: Thresholds): AlarmDefinition {
  return {
    name: "evictions",
    metric: "Evictions",
    statistic: "Sum",
    goesOff: "above",
    threshold: evictionsPerMinute,
    periodSeconds: 60,
    periods: 15,
    missingData: "notBreaching",
    description: `For a quarter of an hour more than ${evictionsPerMinute} keys a minute have been evicted: the cache is too small for what is read. Compare CacheHits and CacheMisses; if hits fall, take a larger nodeType or cache less.`,
  };
}

function connections({ connections: most }: Thresholds): AlarmDefinition {
  return {
    name: "connections",
    metric: "CurrConnections",
    statistic: "Average",
    goesOff: "above",
    threshold: most,
    periodSeconds: 60,
    periods: 10,
    missingData: "ignore",
    description: `More than ${most} connections are open; a node takes 65000. Look for clients that do not close theirs (CLIENT LIST), and set the parameter timeout to close idle ones.`,
  };
}

/** Each node may become the primary, which has no lag and reports none. */
function replicationLag(cache: Cache, { replicationLagSeconds }: Thresholds): AlarmDefinition[] {
  if (cache.kind === "cluster" || cache.nodes === 1) {
    return [];
  }
  return [
    {
      name: "replication-lag",
      metric: "ReplicationLag",
      statistic: "Average",
      goesOff: "above",
      threshold: replicationLagSeconds,
      periodSeconds: 60,
      periods: 15,
      missingData: "notBreaching",
      description: `The replica is more than ${replicationLagSeconds} seconds behind: a failover would lose so much, and readers see old data. Look for bursts of writes and for large values; take a larger nodeType if the network is full (NetworkBandwidthOutAllowanceExceeded).`,
    },
  ];
}
