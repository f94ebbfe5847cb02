import { CacheStack } from "../../../stacks/cache-stack";
import { alarmAttributes, type ExpectedAlarm } from "../../expected-alarm";
import { type Changes, MINIMAL, REPLICATION_GROUP } from "../../minimal-environment";
import { synthesized } from "../../synthesized";

const cluster = (more: object = {}) => ({ cache: { ...MINIMAL.cache, ...more } });
const group = (more: object = {}) => ({ cache: { ...REPLICATION_GROUP, ...more } });

const alarms = (changes: Changes, cache: object = {}) =>
  synthesized(CacheStack, { alarms: { cache }, reasons: undefined, ...changes }).resource
    .aws_cloudwatch_metric_alarm ?? {};

const ABOVE = "GreaterThanThreshold";
const REST: Record<string, ExpectedAlarm> = {
  memory: ["DatabaseMemoryUsagePercentage", "Average", ABOVE, 90, 60, 5, "ignore"],
  evictions: ["Evictions", "Sum", ABOVE, 1000, 60, 15, "notBreaching"],
  connections: ["CurrConnections", "Average", ABOVE, 52000, 60, 10, "ignore"],
};
const LAG: ExpectedAlarm = ["ReplicationLag", "Average", ABOVE, 10, 60, 15, "notBreaching"];

const CLUSTER = "${aws_elasticache_cluster.cache.cluster_id}";
const GROUP = "${aws_elasticache_replication_group.cache.replication_group_id}";

test.each<[string, Changes, Record<string, ExpectedAlarm>, Record<string, string>]>([
  [
    "a cluster of cache.t4g.micro",
    cluster({ nodeType: "cache.t4g.micro" }),
    {
      ...REST,
      cpu: ["CPUUtilization", "Average", ABOVE, 45, 60, 5, "breaching"],
      cpu_credits: ["CPUCreditBalance", "Average", "LessThanThreshold", 12, 300, 24, "ignore"],
    },
    { "": CLUSTER },
  ],
  [
    "a replication group of two cache.m7g.xlarge",
    group({ nodeType: "cache.m7g.xlarge" }),
    {
      ...REST,
      cpu: ["EngineCPUUtilization", "Average", ABOVE, 90, 60, 5, "breaching"],
      replication_lag: LAG,
    },
    { _001: `${GROUP}-001`, _002: `${GROUP}-002` },
  ],
])("%s has exactly these alarms", (_, changes, expected, members) => {
  const entries = Object.entries(members).flatMap(([suffix, CacheClusterId]) =>
    Object.entries(expected).map(([name, row]) => [
      `cache_${name}${suffix}`,
      alarmAttributes(row, {
        alarm_name: `stack-${`${name}${suffix}`.replaceAll("_", "-")}`,
        namespace: "AWS/ElastiCache",
        dimensions: { CacheClusterId },
      }),
    ]),
  );
  expect(alarms(changes)).toEqual(Object.fromEntries(entries));
});

test.each<[string, string, number]>([
  ["cache.t2.small", "CPUUtilization", 90],
  ["cache.t2.medium", "CPUUtilization", 45],
  ["cache.m7g.large", "CPUUtilization", 45],
  ["cache.m7g.xlarge", "EngineCPUUtilization", 90],
])("the core of %s is watched by %s above %i", (nodeType, metric_name, threshold) => {
  expect(alarms(cluster({ nodeType })).cache_cpu).toMatchObject({ metric_name, threshold });
});

test("every threshold can be set", () => {
  const thresholds = {
    cpuPercent: 70,
    cpuCredits: 5,
    memoryPercent: 60,
    evictionsPerMinute: 0,
    connections: 500,
    replicationLagSeconds: 2,
  };
  const made = Object.entries(alarms(group(), thresholds)).filter(([name]) => name.endsWith("002"));
  expect(made.map(([name, alarm]) => [name, alarm.threshold])).toEqual([
    ["cache_connections_002", 500],
    ["cache_cpu_002", 35],
    ["cache_cpu_credits_002", 5],
    ["cache_evictions_002", 0],
    ["cache_memory_002", 60],
    ["cache_replication_lag_002", 2],
  ]);
});

const named = (changes: Changes) => Object.keys(alarms(changes));

test("a replication group with one node has no lag alarm", () => {
  expect(named(group({ nodes: 1, multiAz: false }))).toEqual([
    "cache_connections_001",
    "cache_cpu_001",
    "cache_cpu_credits_001",
    "cache_evictions_001",
    "cache_memory_001",
  ]);
});

test.each<[string, boolean]>([
  ["allkeys-lru", false],
  ["allkeys-random", false],
  ["volatile-lru", true],
  ["noeviction", true],
])("with the policy %s, a memory alarm exists: %j", (policy, worth) => {
  const parameters = { "maxmemory-policy": policy };
  expect(named(cluster({ parameters })).includes("cache_memory")).toBe(worth);
});

test("with data tiering, the alarm includes the SSD", () => {
  const nodeType = "cache.r6gd.xlarge";
  expect(alarms(group({ nodeType, engineVersion: "6.x" })).cache_memory_001?.metric_name).toBe(
    "DatabaseCapacityUsagePercentage",
  );
});
