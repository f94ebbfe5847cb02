import { hasDataTiering } from "../../settings/aws/instance-class";
import { processorOf } from "../../settings/aws/instance-size";
import type { CacheThresholds as Thresholds } from "../../settings/cache/alarm-thresholds";
import type { CacheSettings as Cache } from "../../settings/cache/cache";
import { withEviction } from "../../settings/cache/eviction";
import { type AlarmDefinition, cpuCredits } from "../alarms/alarm";

/** From this number of vCPUs on, AWS recommends watching the engine's core (EngineCPUUtilization). https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html */
const VCPUS_FOR_ENGINE_METRIC = 4;

// Statistics and periods are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The alarms of each node of a cache, the most urgent first. */
export function cacheAlarms(cache: Cache, thresholds: Thresholds): AlarmDefinition[] {
  return [
    ...memory(cache, thresholds),
    cpu(cache, thresholds),
    ...cpuCredits(
      cache.nodeType,
      thresholds.cpuCredits,
      "Without credits, the node is slowed down to its baseline. Look for slow commands (SLOWLOG GET), or choose a node type that is not burstable.",
    ),
    evictions(thresholds),
    connections(thresholds),
    ...replicationLag(cache, thresholds),
  ];
}

/** A cache that may evict any key is full by design, so a memory alarm would never recover. Its evictions show whether it is too small. */
function memory(cache: Cache, { memoryPercent }: Thresholds): AlarmDefinition[] {
  if (withEviction(cache)["maxmemory-policy"]?.startsWith("allkeys-")) {
    return [];
  }
  return [
    {
      name: "memory",
      // With data tiering, memory is full by design: the remaining data is on SSD.
      metric: hasDataTiering(cache.nodeType)
        ? "DatabaseCapacityUsagePercentage"
        : "DatabaseMemoryUsagePercentage",
      statistic: "Average",
      goesOff: "above",
      threshold: memoryPercent,
      periodSeconds: 60,
      periods: 5,
      missingData: "ignore",
      description: `More than ${memoryPercent} % of the node's memory is used. When it is full, keys with a TTL are evicted unless the policy is noeviction. When no such key is left, writes fail. Set a TTL on keys, look for what grows (MEMORY DOCTOR, redis-cli --bigkeys), or choose a larger nodeType.`,
    },
  ];
}

/** The engine runs commands on one thread. On a small node, the threshold is one core's share of all cores. */
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
    description: `The core that the engine runs on is more than ${cpuPercent} % busy, or the node sends no metrics. First check in ElastiCache whether the node is available. Then look for slow commands (SLOWLOG GET), read from replicas, or choose a larger nodeType.`,
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
    description: `More than ${evictionsPerMinute} keys per minute have been evicted for 15 minutes: the cache is too small for its working set. Compare CacheHits and CacheMisses. If hits fall, choose a larger nodeType or cache less.`,
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
    description: `More than ${most} connections are open; a node accepts 65000. Look for clients that leak connections (CLIENT LIST), and set the parameter timeout to close idle ones.`,
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
      description: `The replica is more than ${replicationLagSeconds} seconds behind: a failover would lose these writes, and readers see stale data. Look for bursts of writes and for large values. Choose a larger nodeType if the network is full (NetworkBandwidthOutAllowanceExceeded).`,
    },
  ];
}
