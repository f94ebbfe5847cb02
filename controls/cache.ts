import { atLeast, type Check, checkOn, isNoneOf, isSet, isTrue } from "./check";
import type { Control, Demand, Filter } from "./control";
import { Unknown } from "./expression";
import { type Fullness, isHeardOf } from "./notification";
import type { TerraformBlock } from "./terraform-block";

const groups = (...checks: Check[]): Demand[] => [
  { type: "aws_elasticache_replication_group", checks },
];
const clusters = (...checks: Check[]): Demand[] => [{ type: "aws_elasticache_cluster", checks }];
const both = (...checks: Check[]): Demand[] => [...clusters(...checks), ...groups(...checks)];

const usersOrToken: Check = {
  attribute: "user_group_ids, auth_token",
  must: "have at least one of them set",
  look: (group) =>
    group.has("user_group_ids") || group.has("auth_token")
      ? { verdict: "holds", got: "one" }
      : { verdict: "fails", got: "nothing" },
};

function isOld(version: unknown): boolean {
  return version instanceof Unknown || Number.parseInt(String(version), 10) < 6;
}

const onlyTls: Check = checkOn(
  "transit_encryption_mode",
  'be absent or "required"',
  (mode) => mode === undefined || mode === "required",
);

function delivers(log: string): Check {
  return checkOn(
    "log_delivery_configuration",
    `have one with log_type ${JSON.stringify(log)}`,
    (types) => (types as unknown[]).includes(log),
    (cache) => cache.blocks("log_delivery_configuration").map((one) => one.value("log_type")),
  );
}

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.html: each of them shows how full a cache is. */
const MEMORY: Fullness = {
  metrics: {
    DatabaseMemoryUsagePercentage: { full: "above", most: 100 },
    DatabaseCapacityUsagePercentage: { full: "above", most: 100 },
    FreeableMemory: { full: "below" },
    BytesUsedForCache: { full: "above" },
  },
  dimension: "CacheClusterId",
};

/** A cache that may evict every key fills its memory by design. */
const KEEPS_KEYS: Filter = {
  says: "that does not evict every key (maxmemory-policy allkeys-…)",
  takes: (cache) =>
    !cache.stack
      .ofType("aws_elasticache_parameter_group")
      .filter((group) => cache.refersTo("parameter_group_name", group))
      .flatMap((group) => group.blocks("parameter"))
      .some(
        (one) =>
          one.value("name") === "maxmemory-policy" && /^allkeys-/.test(String(one.value("value"))),
      ),
};

/** The nodes of a group are clusters numbered from 001; with shards, their names differ. */
function nodesOf(group: TerraformBlock): unknown[] {
  const id = group.value("replication_group_id");
  const count = group.value("num_cache_clusters");
  if (typeof id !== "string" || typeof count !== "number" || count < 1) {
    return [new Unknown("the names of its nodes")];
  }
  return Array.from({ length: count }, (_, index) => `${id}-${String(index + 1).padStart(3, "0")}`);
}

/** The cache: clusters and replication groups. */
export const cacheControls: readonly Control[] = [
  {
    id: "ElastiCache.1",
    also: ["CKV_AWS_134", "AVD-AWS-0050"],
    demands: "A cache has daily snapshots.",
    production: true,
    on: both(atLeast("snapshot_retention_limit", 1)),
  },
  {
    id: "ElastiCache.2",
    also: ["CKV_AWS_322"],
    demands: "AWS upgrades the minor version of a cache automatically.",
    on: both(isTrue("auto_minor_version_upgrade", true)),
  },
  {
    id: "ElastiCache.3",
    also: ["CKV2_AWS_50"],
    demands: "A cache fails over to a replica.",
    production: true,
    on: groups(isTrue("automatic_failover_enabled")),
  },
  {
    id: "ElastiCache.4",
    also: ["CKV_AWS_29", "AVD-AWS-0045"],
    demands: "A replication group is encrypted at rest.",
    on: groups(isTrue("at_rest_encryption_enabled")),
  },
  {
    id: "ElastiCache.5",
    also: ["CKV_AWS_30", "AVD-AWS-0051"],
    demands: "A replication group encrypts connections with TLS.",
    on: groups(isTrue("transit_encryption_enabled")),
  },
  {
    id: "ElastiCache.6",
    also: [],
    demands: "A replication group of a version before 6.0 has an auth token.",
    on: [
      {
        type: "aws_elasticache_replication_group",
        only: {
          says: "of a version before 6.0",
          takes: (group) => isOld(group.value("engine_version")),
        },
        checks: [isSet("auth_token")],
      },
    ],
  },
  {
    id: "ElastiCache.7",
    also: ["CKV_AWS_323"],
    demands: "A cache has its own subnet group.",
    on: both(isNoneOf("subnet_group_name", ["default"])),
  },
  {
    id: "CKV_AWS_31",
    also: [],
    demands: "A replication group requires clients to authenticate, over TLS.",
    on: groups(usersOrToken, isTrue("transit_encryption_enabled")),
  },
  {
    id: "CKV_AWS_191",
    also: [],
    demands: "A replication group is encrypted with a customer managed key.",
    production: true,
    on: groups(isSet("kms_key_id")),
  },
  {
    id: "MDS.9",
    also: [],
    demands: "A cache of either kind refuses connections without TLS.",
    reason: "transitEncryptionMode",
    on: both(isTrue("transit_encryption_enabled"), onlyTls),
  },
  {
    id: "MDS.14",
    also: [],
    demands: "An alarm notifies a recipient before the memory of any cache node is full.",
    reason: "alarms",
    production: true,
    on: [
      ...clusters(isHeardOf(MEMORY, (cluster) => [cluster.value("cluster_id")])),
      ...groups(isHeardOf(MEMORY, nodesOf)),
    ].map((demand) => ({ ...demand, only: KEEPS_KEYS })),
  },
  {
    id: "MDS.17",
    also: [],
    demands: "A replication group's nodes are in different availability zones.",
    production: true,
    on: groups(isTrue("multi_az_enabled")),
  },
  {
    id: "MDS.18",
    also: [],
    demands: "A cache delivers its slow log and its engine log.",
    production: true,
    on: both(delivers("slow-log"), delivers("engine-log")),
  },
];
