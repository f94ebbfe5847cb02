import { z } from "zod";
import { reasonSchema, requireReason } from "../../validation/exception";
import { wholeNumber } from "../../validation/number";
import { text } from "../../validation/pattern-string";
import { fieldsRule, rule } from "../../validation/rule";
import { kmsKeyArnSchema } from "../account";
import { adoptedSchema } from "../adopted";
import {
  cacheSubnetGroupNameSchema,
  parameterGroupPrefixSchema,
  securityGroupNameSchema,
} from "../aws/group-name";
import { identifier } from "../aws/identifier";
import { cacheNodeTypeSchema, hasDataTiering } from "../aws/instance-class";
import { logRetentionSchema } from "../aws/log-group";
import { redisParametersSchema } from "../aws/parameters";
import {
  type CacheEngine,
  cacheVersion,
  type EngineVersion,
  isLastMinor,
  redisOrValkeyVersionSchema,
  redisVersionSchema,
  versionsOf,
} from "../aws/version";
import { dailyWindow, weeklyWindow, windowsOverlap } from "../aws/window";
import { urlVariableSchema } from "../url-variable";
import { ownCacheThresholdsSchema } from "./alarm-thresholds";
import { evictionRules, evictionSchema } from "./eviction";
import { keptByCacheRules, keptByCacheSchema, keptByGroupRules } from "./kept";

export const REDIS_PORT = 6379;

const MIN_WINDOW_MINUTES = 60;
/** Before 7.0.5, a replication group has no TLS mode. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html */
const FIRST_MAJOR_WITH_TLS_MODE = 7;

const zoneSchema = z.string().describe('a zone of the region, such as "us-east-1a"');

/** The settings of both kinds of cache. */
const common = {
  autoMinorVersionUpgrade: z.boolean().default(true).meta({
    purpose:
      "Whether AWS installs new minor versions in the maintenance window. Must be off with an exact engineVersion that AWS could upgrade: every version except Redis 7.1.",
  }),
  nodeType: cacheNodeTypeSchema.meta({
    purpose: "The node type: CPU, memory and network.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html",
  }),
  port: wholeNumber({ from: 1, to: 65535 })
    .default(REDIS_PORT)
    .meta({ purpose: "The TCP port that the cache listens on. A change replaces the cache." }),
  snapshotRetentionDays: wholeNumber({ from: 0, to: 35, unit: "days" }).default(0).meta({
    purpose:
      "How long daily snapshots are kept; 0 turns them off. While snapshots are kept, destroying or replacing the cache leaves a final snapshot.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html",
  }),
  skipFinalSnapshot: z.boolean().default(false).meta({
    purpose:
      "Whether destroying or replacing the cache leaves no final snapshot, even while daily snapshots are kept.",
  }),
  snapshotWindow: dailyWindow(MIN_WINDOW_MINUTES).optional().meta({
    purpose: "When the daily snapshot is taken. Must not overlap maintenanceWindow.",
    absent: "AWS chooses a random window",
  }),
  maintenanceWindow: weeklyWindow(MIN_WINDOW_MINUTES).optional().meta({
    purpose: "When AWS installs updates and applies deferred changes.",
    absent: "AWS chooses a random window",
  }),
  applyImmediately: z.boolean().default(false).meta({
    purpose:
      "Whether changes take effect during the apply, with any outage they cause, instead of in the maintenance window.",
  }),
  preventDestroy: z.boolean().default(false).meta({
    purpose:
      "Terraform refuses every plan that would destroy or replace the cache: ElastiCache has no deletion protection. To retire the cache, first set preventDestroy: false and apply.",
  }),
  eviction: evictionSchema.optional().meta({
    purpose: "What happens when the memory is full: `cache` evicts keys, `queue` refuses writes.",
    absent: "the engine's default: only keys with a TTL are evicted (volatile-lru)",
  }),
  parameters: redisParametersSchema.default({}).meta({
    purpose: "Parameters of the cache's own parameter group, all values as strings.",
    absent: "the engine's defaults and its default parameter group",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html",
  }),
  logExports: z
    .array(z.enum(["slow-log", "engine-log"]))
    .check(
      rule<string[]>({
        holds: (logs) => new Set(logs).size === logs.length,
        must: "must name each log once",
        instead: "Remove the duplicate.",
      }),
    )
    .default([])
    .meta({
      purpose:
        "The logs that ElastiCache sends to CloudWatch Logs, as JSON. A change for an existing cache needs applyImmediately.",
      link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html",
    }),
  logRetentionDays: logRetentionSchema
    .default(30)
    .meta({ purpose: "How long CloudWatch Logs keeps the exported logs." }),
  snapshotName: text({
    pattern: /^(automatic\.)?(?=[^.]{1,255}$)[a-z](-?[a-z0-9])*$/,
    what: "a cache snapshot's name",
    must: "must be the name of a cache snapshot: lowercase letters, digits and single hyphens, starting with a letter",
    instead: "Use the name that `aws elasticache describe-snapshots` shows.",
  })
    .optional()
    .meta({
      purpose: "A snapshot that the new cache starts from. A change replaces the cache.",
      absent: "an empty cache",
    }),
  securityGroupName: securityGroupNameSchema.optional().meta({
    purpose:
      "The name of the security group that the stack creates. A change replaces the group, which fails while the cache uses it.",
    absent: "the stack's ID",
  }),
  subnetGroupName: cacheSubnetGroupNameSchema.optional().meta({
    purpose:
      "The name of the cache subnet group that the stack creates. A change replaces the cache.",
    absent: "the stack's ID",
  }),
  parameterGroupPrefix: parameterGroupPrefixSchema.optional().meta({
    purpose: "The prefix of the parameter group's name; the family follows.",
    absent: "the stack's ID",
  }),
  urlVariable: urlVariableSchema.optional().meta({
    purpose:
      "The environment variable that holds the URL. Before you add a second cache, name the first one's variable: the default depends on how many there are.",
    absent:
      "`REDIS_URL` for the only cache and for one named `cache`; otherwise from the name: `SESSIONS_REDIS_URL` for `sessions`",
  }),
  alarms: ownCacheThresholdsSchema.optional().meta({
    purpose: "Alarm thresholds of this cache, which override those of the environment.",
    absent: "the environment's `alarms.cache`",
  }),
  kept: keptByCacheSchema.optional().meta({
    purpose:
      "Existing resources that the cache keeps using. The stack neither creates nor changes them.",
    absent: "the stack creates its own resources",
  }),
  adopted: adoptedSchema,
};

/**
 * One node, as `aws elasticache create-cache-cluster` creates it. ElastiCache offers no TLS, no encryption at rest and
 * no authentication for it: anyone who reaches the port can read everything.
 */
const clusterFields = z.strictObject({
  kind: z.literal("cluster").meta({
    purpose:
      "`cluster`: one Redis node. ElastiCache offers no TLS, no encryption at rest and no authentication for it: anyone who reaches the port can read everything. Changing the kind later changes the endpoint.",
  }),
  clusterId: identifier(50, 'the cache cluster\'s ID, such as "news-api-cache"').meta({
    purpose:
      "The ID of the cache cluster, unique in the account and region. A change replaces the cache.",
  }),
  engineVersion: redisVersionSchema.meta({
    purpose: "The Redis version. ElastiCache offers Valkey only as a replication group.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html",
  }),
  ...common,
  availabilityZone: zoneSchema.optional().meta({
    purpose: "The zone of the node. A change replaces the cache.",
    absent: "AWS chooses the zone",
  }),
});

/** One to six nodes with TLS and encryption at rest; with two or more, failover. One node costs the same as a cluster. */
const replicationGroupFields = z.strictObject({
  kind: z.literal("replication-group").meta({
    purpose:
      "`replication-group`: one to six nodes with TLS and encryption at rest, and failover from two nodes. One node costs the same as a cluster.",
  }),
  replicationGroupId: identifier(40, 'the replication group\'s ID, such as "news-api-cache"').meta({
    purpose:
      "The ID of the replication group, unique in the account and region. A change replaces the cache.",
  }),
  description: text({
    pattern: /^[ -~]{1,255}$/,
    what: "the description of the replication group",
    must: "must be 1 to 255 printable ASCII characters",
    instead: "Shorten it or replace the other characters.",
  })
    .default("The cache and its replicas")
    .meta({ purpose: "The description of the replication group." }),
  engine: z.enum(["redis", "valkey"]).default("redis").meta({
    purpose:
      "Valkey is protocol-compatible with Redis: the URL and the application stay the same. A change to valkey upgrades the cache in place and needs applyImmediately. A change back to redis replaces the cache.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagementConsiderations-valkey.html",
  }),
  engineVersion: redisOrValkeyVersionSchema.meta({
    purpose: "The version of the engine.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html",
  }),
  ...common,
  nodes: wholeNumber({ from: 1, to: 6, unit: "nodes" }).default(2).meta({
    purpose:
      "The primary and its replicas. Before you lower it, fail over until node 001 is the primary (`aws elasticache test-failover`): ElastiCache chooses which replicas to remove, and the alarms watch 001 and the following numbers.",
  }),
  multiAz: z.boolean().default(true).meta({
    purpose: "Nodes in different availability zones. Requires at least two nodes.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
  }),
  kmsKeyArn: kmsKeyArnSchema.optional().meta({
    purpose: "The KMS key that encrypts the data at rest. A change replaces the cache.",
    absent: "ElastiCache's own key",
  }),
  iamUser: identifier(40, 'the application\'s user, such as "news-api"', /^default$/)
    .optional()
    .meta({
      purpose:
        "The ElastiCache user that the application logs in as, with an IAM authentication token instead of a stored password. It is both the user ID and the user name, and unique in the account and region.",
      absent: "no user: every client has full access",
      link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html",
    }),
  availabilityZones: z.array(zoneSchema).optional().meta({
    purpose: "The zone of each node, the primary's first.",
    absent: "AWS chooses the zones",
  }),
  transitEncryptionMode: z.enum(["required", "preferred"]).default("required").meta({
    purpose: "`preferred` also accepts clients without TLS while they migrate. Requires a reason.",
    link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html",
  }),
  userGroupId: text({
    pattern: /^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/,
    what: "the ID of an existing user group",
    must: "must be the ID of a user group: 1 to 40 lowercase letters, digits and single hyphens, starting with a letter",
    instead: "Use the ID that `aws elasticache describe-user-groups` shows.",
  })
    .optional()
    .meta({
      purpose: "An existing user group.",
      absent: "no user group: every client has full access",
      link: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
    }),
  reasons: z.strictObject({ transitEncryptionMode: reasonSchema.optional() }).default({}).meta({
    purpose:
      "Reasons for overriding safe defaults, each under the name of the setting. They are written to the Terraform JSON.",
  }),
});

type CommonFields = Omit<z.output<typeof clusterFields>, "kind" | "clusterId"> & Versioned;
type ReplicationGroupFields = z.output<typeof replicationGroupFields>;

interface Versioned {
  /** A cluster is always Redis. */
  readonly engine?: CacheEngine;
  readonly engineVersion: string;
}

export function cacheIdOf(cache: CacheSettings): string {
  return cache.kind === "cluster" ? cache.clusterId : cache.replicationGroupId;
}

export function engineOf({ engine = "redis" }: Versioned): CacheEngine {
  return engine;
}

function versionOf(cache: Versioned): EngineVersion | undefined {
  return cacheVersion(engineOf(cache), cache.engineVersion);
}

const commonRules = [
  fieldsRule<CommonFields>({
    fields: ["snapshotWindow", "maintenanceWindow"],
    holds: ({ snapshotWindow, maintenanceWindow }) => !snapshotWindow || !!maintenanceWindow,
    must: "must be set together with maintenanceWindow: AWS picks a missing window at random, and the two may overlap",
    instead: "Set maintenanceWindow too, or remove snapshotWindow.",
  }),
  fieldsRule<CommonFields>({
    fields: ["maintenanceWindow", "snapshotWindow", "snapshotRetentionDays"],
    holds: ({ snapshotWindow, maintenanceWindow, snapshotRetentionDays }) =>
      snapshotRetentionDays === 0 || !maintenanceWindow || !!snapshotWindow,
    must: "must be set together with snapshotWindow while snapshots are kept: AWS picks a missing window at random, and the two may overlap",
    instead: "Set snapshotWindow too.",
  }),
  fieldsRule<CommonFields>({
    fields: ["snapshotWindow", "maintenanceWindow"],
    holds: ({ snapshotWindow = "", maintenanceWindow = "" }) =>
      !windowsOverlap(snapshotWindow, maintenanceWindow),
    must: ({ maintenanceWindow }) => `must not overlap maintenanceWindow "${maintenanceWindow}"`,
    instead: "Move one of them. Their ends may touch.",
  }),
  fieldsRule<CommonFields>({
    fields: ["autoMinorVersionUpgrade", "engineVersion", "engine", "kept"],
    holds: (cache) =>
      !cache.autoMinorVersionUpgrade ||
      cache.kept?.engineVersion === true ||
      versionOf(cache)?.minor === undefined ||
      isLastMinor(engineOf(cache), cache.engineVersion),
    must: ({ engineVersion }) =>
      `must be false with the exact version "${engineVersion}": once AWS has upgraded it, the next apply replaces the cache`,
    instead: "Set autoMinorVersionUpgrade: false.",
  }),
  fieldsRule<CommonFields>({
    fields: ["logExports", "engineVersion"],
    holds: ({ logExports, engineVersion }) =>
      !logExports.includes("engine-log") || engineVersion !== "6.0",
    must: 'must not have "engine-log" with Redis 6.0, which does not deliver it',
    instead: 'Remove it, or use engineVersion "6.2" or later.',
  }),
  ...evictionRules,
  ...keptByCacheRules,
];

const engineRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["engineVersion", "engine"],
    holds: (cache) => versionOf(cache) !== undefined,
    must: ({ engine }) => `must be one of ${versionsOf(engine)} for engine "${engine}"`,
    instead: "Use one of them, or the other engine.",
  }),
];

/** `<group>-default`, the ID of the disabled default user, must fit into 40 characters. */
const LONGEST_GROUP_WITH_USERS = 32;

const iamRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser", "engineVersion", "engine"],
    holds: (cache) => cache.iamUser === undefined || (versionOf(cache)?.major ?? 0) >= 7,
    must: "must be absent with Redis before 7.0, which has no IAM authentication",
    instead: 'Set engineVersion: "7.1", or remove iamUser.',
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser"],
    holds: ({ iamUser }) => iamUser !== "default",
    must: 'must not be "default", the user of connections that name no user',
    instead: "Name the user after the application.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["replicationGroupId", "iamUser"],
    holds: ({ replicationGroupId, iamUser }) =>
      iamUser === undefined || replicationGroupId.length <= LONGEST_GROUP_WITH_USERS,
    must: `must have at most ${LONGEST_GROUP_WITH_USERS} characters with an iamUser`,
    instead: "Shorten it now: a later change replaces the cache.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser", "userGroupId"],
    holds: ({ iamUser, userGroupId }) => iamUser === undefined || userGroupId === undefined,
    must: "must be absent with userGroupId: the user group has its own users",
    instead: "Remove one of them.",
  }),
];

const clusterRules = [
  fieldsRule<CommonFields>({
    fields: ["nodeType"],
    holds: ({ nodeType }) => !hasDataTiering(nodeType),
    must: "must not be of the family r6gd: only a replication group supports data tiering",
    instead: 'Use another family, or kind "replication-group".',
  }),
];

const nodeRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["multiAz", "nodes"],
    holds: ({ multiAz, nodes }) => !multiAz || nodes >= 2,
    must: "must be false with one node (the default is true)",
    instead: "Set multiAz: false, or use two or more nodes.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["nodeType", "engineVersion"],
    holds: ({ nodeType, engineVersion }) => !hasDataTiering(nodeType) || engineVersion !== "6.0",
    must: "must not be of the family r6gd with Redis 6.0, which has no data tiering",
    instead: 'Use another family, or engineVersion "6.2" or later.',
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["availabilityZones", "nodes"],
    holds: ({ availabilityZones: zones, nodes }) => zones === undefined || zones.length === nodes,
    must: ({ nodes }) => `must name one zone for each node (nodes: ${nodes})`,
    instead: "Name a zone once for each node in it, or remove the setting.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["availabilityZones", "multiAz"],
    holds: ({ availabilityZones: zones, multiAz }) =>
      zones === undefined || !multiAz || new Set(zones).size > 1,
    must: "must name at least two zones when multiAz is true (the default)",
    instead: "Name another zone, or set multiAz: false.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["transitEncryptionMode", "engineVersion", "engine"],
    holds: (cache) => cache.transitEncryptionMode === "required" || hasTlsMode(cache),
    must: ({ engineVersion }) =>
      `must be "required" for Redis ${engineVersion}, which has no other mode`,
    instead: 'Use "required", or engineVersion "7.0" or later.',
  }),
  ...requireReason<"transitEncryptionMode", ReplicationGroupFields>({
    setting: "transitEncryptionMode",
    overridden: ({ transitEncryptionMode }) => transitEncryptionMode === "preferred",
    loses: "lets clients connect without TLS",
    safe: '"required"',
  }),
];

/** Whether a replication group of this version has a TLS mode. Older versions always require TLS. */
export function hasTlsMode(cache: Versioned): boolean {
  return (versionOf(cache)?.major ?? 0) >= FIRST_MAJOR_WITH_TLS_MODE;
}

/** An ElastiCache cache of Redis or Valkey; its kind has no default, because changing it later changes the endpoint. */
export const cacheSchema = z
  .discriminatedUnion("kind", [
    clusterFields.check(...commonRules, ...clusterRules),
    replicationGroupFields.check(
      ...engineRules,
      ...commonRules,
      ...nodeRules,
      ...iamRules,
      ...keptByGroupRules,
    ),
  ])
  .meta({ id: "cache", description: "an ElastiCache cache of Redis or Valkey" });

export type CacheSettings = z.output<typeof cacheSchema>;
export type ClusterSettings = Extract<CacheSettings, { kind: "cluster" }>;
export type ReplicationGroupSettings = Extract<CacheSettings, { kind: "replication-group" }>;
