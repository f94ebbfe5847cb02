import { z } from "zod";
import { kmsKeyArnSchema } from "./account";
import { evictionRules, evictionSchema } from "./eviction";
import {
  cacheSubnetGroupNameSchema,
  parameterGroupPrefixSchema,
  securityGroupNameSchema,
} from "./group-name";
import { identifier } from "./identifier";
import { cacheNodeTypeSchema, hasDataTiering } from "./instance-class";
import { logRetentionSchema } from "./log";
import { wholeNumber } from "./number";
import { redisParametersSchema } from "./parameters";
import { fieldsRule, rule } from "./rule";
import { text } from "./text";
import {
  type CacheEngine,
  cacheVersion,
  type EngineVersion,
  redisOrValkeyVersionSchema,
  redisVersionSchema,
  versionsOf,
} from "./version";
import { costsReason, reasonSchema } from "./weakening";
import { dailyWindow, weeklyWindow, windowsOverlap } from "./window";

export const REDIS_PORT = 6379;

const MIN_WINDOW_MINUTES = 60;
/** Before 7.0.5 a replication group takes no TLS mode. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption-enable.html */
const FIRST_MAJOR_WITH_TLS_MODE = 7;

const zoneSchema = z.string().describe('a zone of the region, such as "us-east-1a"');

/** What both kinds of cache have. */
const common = {
  /** Whether AWS installs new minors in the maintenance window. Only with a version that leaves the minor open. */
  autoMinorVersionUpgrade: z.boolean().default(true),
  nodeType: cacheNodeTypeSchema,
  port: wholeNumber({ from: 1, to: 65535 }).default(REDIS_PORT),
  /**
   * How long daily snapshots are kept; 0 takes none: a cache can be filled again. While they are kept, destroying or
   * replacing the cache leaves a last snapshot.
   */
  snapshotRetentionDays: wholeNumber({ from: 0, to: 35, unit: "days" }).default(0),
  /** @default - AWS picks one at random; set it together with maintenanceWindow */
  snapshotWindow: dailyWindow(MIN_WINDOW_MINUTES).optional(),
  /** @default - AWS picks one at random */
  maintenanceWindow: weeklyWindow(MIN_WINDOW_MINUTES).optional(),
  /** Whether changes are made at once, with any outage they bring, and not in the maintenance window. */
  applyImmediately: z.boolean().default(false),
  /**
   * Terraform refuses every plan that would destroy or replace the cache: ElastiCache has no deletion protection. To
   * retire the cache, take it back and apply.
   */
  preventDestroy: z.boolean().default(false),
  /**
   * What happens when memory is full: `cache` makes room, `queue` refuses writes.
   * @default - the engine's own: it drops only keys that have a TTL (volatile-lru)
   */
  eviction: evictionSchema.optional(),
  /** @default - the engine's own values, and no parameter group */
  parameters: redisParametersSchema.default({}),
  /**
   * The logs that go to CloudWatch Logs, as JSON, to groups of the stack: commands that took long, and what the engine
   * says of itself. For a cache that exists, AWS takes a change of them only with applyImmediately. Whoever applies
   * needs logs:CreateLogDelivery, logs:PutResourcePolicy, logs:DescribeResourcePolicies and logs:DescribeLogGroups: with
   * them AWS writes the groups' resource policies itself.
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
   */
  logExports: z
    .array(z.enum(["slow-log", "engine-log"]))
    .check(
      rule<string[]>({
        holds: (logs) => new Set(logs).size === logs.length,
        must: "must name each log once",
        instead: "Remove the repeated name.",
      }),
    )
    .default([]),
  logRetentionDays: logRetentionSchema.default(30),
  /**
   * A snapshot that the new cache starts from; a change later replaces the cache.
   * @default - an empty cache
   */
  snapshotName: text({
    pattern: /^(automatic\.)?(?=[^.]{1,255}$)[a-z](-?[a-z0-9])*$/,
    what: "a cache snapshot's name",
    must: "must be a cache snapshot's name: lower-case letters, digits and single hyphens, a letter first",
    instead: "Write the name that `aws elasticache describe-snapshots` shows.",
  }).optional(),
  /** @default - the stack's id; another name replaces the group, which hangs while the cache uses it */
  securityGroupName: securityGroupNameSchema.optional(),
  /** @default - the stack's id; another name replaces the cache */
  subnetGroupName: cacheSubnetGroupNameSchema.optional(),
  /**
   * What the parameter group's name starts with; the family follows.
   * @default - the stack's id
   */
  parameterGroupPrefix: parameterGroupPrefixSchema.optional(),
};

/**
 * One node, as `aws elasticache create-cache-cluster` makes it. ElastiCache has no TLS, no encryption at rest and
 * no authentication for Redis on this resource: whoever reaches the port reads everything.
 */
const clusterFields = z.strictObject({
  kind: z.literal("cluster"),
  clusterId: identifier(50, 'the cache cluster\'s id, such as "news-api-cache"'),
  /** Of Redis: ElastiCache makes Valkey only as a replication group. */
  engineVersion: redisVersionSchema,
  ...common,
  /** @default - AWS picks the zone; a change later replaces the cache */
  availabilityZone: zoneSchema.optional(),
});

/** One to six nodes with TLS and encryption at rest; with two or more, failover. One node costs what a cluster costs. */
const replicationGroupFields = z.strictObject({
  kind: z.literal("replication-group"),
  replicationGroupId: identifier(40, 'the replication group\'s id, such as "news-api-cache"'),
  /**
   * Valkey speaks Redis' protocol: the URL and the application stay. From redis to valkey is an upgrade in place (with
   * applyImmediately: otherwise the old parameter group, still in use, cannot be deleted); the way back replaces the cache.
   */
  engine: z.enum(["redis", "valkey"]).default("redis"),
  engineVersion: redisOrValkeyVersionSchema,
  ...common,
  /**
   * The primary and its replicas; failover is on from two. Before you lower it, fail over until 001 is the primary
   * (`aws elasticache test-failover`): ElastiCache chooses which replicas go, and alarms are on 001 and the next.
   */
  nodes: wholeNumber({ from: 1, to: 6, unit: "nodes" }).default(2),
  /** Nodes in different availability zones; needs two nodes. */
  multiAz: z.boolean().default(true),
  /** @default - ElastiCache's own key */
  kmsKeyArn: kmsKeyArnSchema.optional(),
  /**
   * The user that the application logs in as, with a token that IAM signs: nothing secret is stored anywhere. Its id
   * and its name are the same, and unique in the account and region.
   * @default - no user: whoever may connect may do everything
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
   */
  iamUser: identifier(40, 'the application\'s user, such as "news-api"').optional(),
  /** The zone of each node, the primary's first. @default - AWS picks the zones */
  availabilityZones: z.array(zoneSchema).optional(),
  /** `preferred` lets clients in without TLS too, while they move to it; Redis 7 and later, Valkey. */
  transitEncryptionMode: z.enum(["required", "preferred"]).default("required"),
  /** @default - no user group: whoever may connect may do everything */
  userGroupId: text({
    pattern: /^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/,
    what: "the id of a user group that exists",
    must: "must be a user group's id: 1 to 40 lower-case letters, digits and single hyphens, a letter first",
    instead: "Write the id that `aws elasticache describe-user-groups` shows.",
  }).optional(),
  reasons: z.strictObject({ transitEncryptionMode: reasonSchema.optional() }).default({}),
});

type CommonFields = Omit<z.output<typeof clusterFields>, "kind" | "clusterId"> & Versioned;
type ReplicationGroupFields = z.output<typeof replicationGroupFields>;

interface Versioned {
  /** A cluster has no choice: Redis. */
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
    must: "must be set together with maintenanceWindow: AWS picks a missing one at random and may hit the other",
    instead: "Set maintenanceWindow too, or remove it.",
  }),
  fieldsRule<CommonFields>({
    fields: ["maintenanceWindow", "snapshotWindow", "snapshotRetentionDays"],
    holds: ({ snapshotWindow, maintenanceWindow, snapshotRetentionDays }) =>
      snapshotRetentionDays === 0 || !maintenanceWindow || !!snapshotWindow,
    must: "must be set together with snapshotWindow while snapshots are kept: AWS picks a missing one at random and may hit the other",
    instead: "Set snapshotWindow too.",
  }),
  fieldsRule<CommonFields>({
    fields: ["snapshotWindow", "maintenanceWindow"],
    holds: ({ snapshotWindow = "", maintenanceWindow = "" }) =>
      !windowsOverlap(snapshotWindow, maintenanceWindow),
    must: ({ maintenanceWindow }) => `must not overlap maintenanceWindow "${maintenanceWindow}"`,
    instead: "Move one of them; they may touch.",
  }),
  fieldsRule<CommonFields>({
    fields: ["autoMinorVersionUpgrade", "engineVersion", "engine"],
    holds: (cache) => !cache.autoMinorVersionUpgrade || versionOf(cache)?.minor === undefined,
    must: ({ engineVersion }) =>
      `must be false with the exact version "${engineVersion}": once AWS has upgraded it, the next apply replaces the cache`,
    instead: "Write autoMinorVersionUpgrade: false.",
  }),
  fieldsRule<CommonFields>({
    fields: ["logExports", "engineVersion"],
    holds: ({ logExports, engineVersion }) =>
      !logExports.includes("engine-log") || engineVersion !== "6.0",
    must: 'must not have "engine-log" with Redis 6.0, which does not deliver it',
    instead: 'Remove it, or use engineVersion "6.2" or later.',
  }),
  ...evictionRules,
];

const engineRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["engineVersion", "engine"],
    holds: (cache) => versionOf(cache) !== undefined,
    must: ({ engine }) => `must be one of ${versionsOf(engine)} for engine "${engine}"`,
    instead: "Write one of them, or the other engine.",
  }),
];

/** `<group>-default`, the id of the disabled default user, has to fit into 40 characters. */
const LONGEST_GROUP_WITH_USERS = 32;

const iamRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser", "engineVersion", "engine"],
    holds: (cache) => cache.iamUser === undefined || (versionOf(cache)?.major ?? 0) >= 7,
    must: "must be absent below Redis 7.0, which cannot authenticate by IAM",
    instead: 'Write engineVersion "7.1" with autoMinorVersionUpgrade: false, or remove it.',
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser"],
    holds: ({ iamUser }) => iamUser !== "default",
    must: 'must not be "default", the user that everybody is without a name',
    instead: "Name the user after the application.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["replicationGroupId", "iamUser"],
    holds: ({ replicationGroupId, iamUser }) =>
      iamUser === undefined || replicationGroupId.length <= LONGEST_GROUP_WITH_USERS,
    must: `must have at most ${LONGEST_GROUP_WITH_USERS} characters with an iamUser`,
    instead: "Shorten it: changing it later replaces the cache.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser", "userGroupId"],
    holds: ({ iamUser, userGroupId }) => iamUser === undefined || userGroupId === undefined,
    must: "must be absent with a userGroupId, which has users of its own",
    instead: "Remove one of them.",
  }),
];

const clusterRules = [
  fieldsRule<CommonFields>({
    fields: ["nodeType"],
    holds: ({ nodeType }) => !hasDataTiering(nodeType),
    must: "must not be of the family r6gd, which only a replication group takes (data tiering)",
    instead: 'Use another family, or kind "replication-group".',
  }),
];

const nodeRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["multiAz", "nodes"],
    holds: ({ multiAz, nodes }) => !multiAz || nodes >= 2,
    must: "must be false with one node (it is on by default)",
    instead: "Write multiAz: false, or 2 nodes or more.",
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
    must: ({ nodes }) => `must name a zone for each node, ${nodes} in all`,
    instead: "Repeat a zone for a second node in it, or leave it out.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["availabilityZones", "multiAz"],
    holds: ({ availabilityZones: zones, multiAz }) =>
      zones === undefined || !multiAz || new Set(zones).size > 1,
    must: "must name at least two zones when multiAz is on (which it is by default)",
    instead: "Name another zone, or write multiAz: false.",
  }),
  fieldsRule<ReplicationGroupFields>({
    fields: ["transitEncryptionMode", "engineVersion", "engine"],
    holds: (cache) => cache.transitEncryptionMode === "required" || hasTlsMode(cache),
    must: ({ engineVersion }) =>
      `must be "required" for Redis ${engineVersion}, which has no other mode`,
    instead: 'Write "required", or engineVersion "7.0" or later.',
  }),
  ...costsReason<"transitEncryptionMode", ReplicationGroupFields>({
    setting: "transitEncryptionMode",
    weakened: ({ transitEncryptionMode }) => transitEncryptionMode === "preferred",
    loses: "lets clients connect without TLS",
    safe: '"required"',
  }),
];

/** Whether a replication group of this version can be told its TLS mode; an older one always requires TLS. */
export function hasTlsMode(cache: Versioned): boolean {
  return (versionOf(cache)?.major ?? 0) >= FIRST_MAJOR_WITH_TLS_MODE;
}

/** An ElastiCache cache of Redis or Valkey; its kind has no default, because changing it later changes the endpoint. */
export const cacheSchema = z
  .discriminatedUnion("kind", [
    clusterFields.check(...commonRules, ...clusterRules),
    replicationGroupFields.check(...engineRules, ...commonRules, ...nodeRules, ...iamRules),
  ])
  .describe("the ElastiCache Redis cache");

export type CacheSettings = z.output<typeof cacheSchema>;
export type ClusterSettings = Extract<CacheSettings, { kind: "cluster" }>;
export type ReplicationGroupSettings = Extract<CacheSettings, { kind: "replication-group" }>;
