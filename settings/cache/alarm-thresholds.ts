import { z } from "zod";
import { wholeNumber } from "../../validation/number";

/** Outside these limits, an alarm always or never fires. */
const percent = { from: 1, to: 99, unit: "percent" };

/** The maximum number of connections of an ElastiCache node. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html */
const MAX_CONNECTIONS = 65_000;

// For most of these AWS recommends no number, because the right one depends on the application:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** The default of a threshold of one store. */
const ENVIRONMENTS = "the environment's `alarms.cache`";

const thresholds = {
  cpuPercent: wholeNumber(percent).meta({
    purpose: "Alarm above this utilization of the engine's core.",
    absent: ENVIRONMENTS,
  }),
  cpuCredits: wholeNumber({ from: 1, to: 4608, unit: "credits" }).meta({
    purpose: "Alarm below this CPU credit balance. Only for burstable node types.",
    absent: "what the node type earns in an hour",
  }),
  memoryPercent: wholeNumber(percent).meta({
    purpose: "Alarm above this memory usage.",
    absent: ENVIRONMENTS,
  }),
  evictionsPerMinute: wholeNumber({ from: 0, to: 1_000_000_000, unit: "keys" }).meta({
    purpose: "Alarm above this number of evicted keys per minute.",
    absent: ENVIRONMENTS,
  }),
  connections: wholeNumber({ from: 1, to: MAX_CONNECTIONS, unit: "connections" }).meta({
    purpose: "Alarm above this number of connections. A node accepts 65,000.",
    absent: ENVIRONMENTS,
  }),
  replicationLagSeconds: wholeNumber({ from: 1, to: 86_400, unit: "seconds" }).meta({
    purpose: "Alarm above this lag of a replica node.",
    absent: ENVIRONMENTS,
  }),
};

/** The alarm thresholds of an environment's caches. */
export const cacheThresholdsSchema = z.strictObject({
  cpuPercent: thresholds.cpuPercent.default(90),
  cpuCredits: thresholds.cpuCredits.optional(),
  memoryPercent: thresholds.memoryPercent.default(90),
  evictionsPerMinute: thresholds.evictionsPerMinute.default(1000),
  connections: thresholds.connections.default(MAX_CONNECTIONS * 0.8),
  replicationLagSeconds: thresholds.replicationLagSeconds.default(10),
});

/** The thresholds that one cache overrides. */
export const ownCacheThresholdsSchema = z
  .strictObject(thresholds)
  .partial()
  .describe("the thresholds that differ from the environment's alarms.cache");

export type CacheThresholds = z.output<typeof cacheThresholdsSchema>;
