import { z } from "zod";
import { kmsKeyArnSchema } from "./account";
import { identifier } from "./identifier";
import { wholeNumber } from "./number";
import { fieldsRule, rule } from "./rule";
import { REDIS_VERSIONS_TEXT, redisVersion } from "./version";
import { dailyWindow, weeklyWindow, windowsOverlap } from "./window";

export const REDIS_PORT = 6379;

/** Node families that ElastiCache knows. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
const CACHE_FAMILIES = "t2 t3 t4g m4 m5 m6g m7g r4 r5 r6g r6gd r7g c7gn".split(" ");
const CACHE_SIZES =
  "micro small medium large xlarge 2xlarge 4xlarge 8xlarge 10xlarge 12xlarge 16xlarge 24xlarge".split(
    " ",
  );
const MIN_WINDOW_MINUTES = 60;

const nodeTypeSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => {
        const [, family = "", size = ""] = /^cache\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(name) ?? [];
        return CACHE_FAMILIES.includes(family) && CACHE_SIZES.includes(size);
      },
      must: "must be cache.<family>.<size> of a family that ElastiCache has",
      instead: 'Write for example "cache.t4g.micro" or "cache.m7g.large".',
    }),
  )
  .describe('a cache node type, such as "cache.t4g.micro"');

const engineVersionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (version) => redisVersion(version) !== undefined,
      must: `must be one of ${REDIS_VERSIONS_TEXT}`,
      instead: "Write one of them, in quotes.",
    }),
  )
  .describe('a Redis version in a string, such as "7.1"');

/** What both kinds of cache have. */
const common = {
  engineVersion: engineVersionSchema,
  /** Whether AWS installs new minors in the maintenance window. Only with a version that leaves the minor open. */
  autoMinorVersionUpgrade: z.boolean().default(true),
  nodeType: nodeTypeSchema,
  port: wholeNumber({ from: 1, to: 65535 }).default(REDIS_PORT),
  /** How long daily snapshots are kept; 0 takes none: a cache can be filled again. */
  snapshotRetentionDays: wholeNumber({ from: 0, to: 35, unit: "days" }).default(0),
  /** @default - AWS picks one at random; set it together with maintenanceWindow */
  snapshotWindow: dailyWindow(MIN_WINDOW_MINUTES).optional(),
  /** @default - AWS picks one at random */
  maintenanceWindow: weeklyWindow(MIN_WINDOW_MINUTES).optional(),
};

/**
 * One node, as `aws elasticache create-cache-cluster` makes it. ElastiCache has no TLS, no encryption at rest and
 * no authentication for Redis on this resource: whoever reaches the port reads everything.
 */
const clusterFields = z.strictObject({
  kind: z.literal("cluster"),
  clusterId: identifier(50, 'the cache cluster\'s id, such as "news-api-cache"'),
  ...common,
});

/** One to six nodes with TLS and encryption at rest; with two or more, failover. One node costs what a cluster costs. */
const replicationGroupFields = z.strictObject({
  kind: z.literal("replication-group"),
  replicationGroupId: identifier(40, 'the replication group\'s id, such as "news-api-cache"'),
  ...common,
  /** The primary and its replicas; failover is on from two. */
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
});

type CommonFields = Omit<z.output<typeof clusterFields>, "kind" | "clusterId">;
type ReplicationGroupFields = z.output<typeof replicationGroupFields>;

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
    fields: ["autoMinorVersionUpgrade", "engineVersion"],
    holds: ({ autoMinorVersionUpgrade, engineVersion }) =>
      !autoMinorVersionUpgrade || redisVersion(engineVersion)?.minor === undefined,
    must: ({ engineVersion }) =>
      `must be false with the exact version "${engineVersion}": once AWS has upgraded it, the next apply replaces the cache`,
    instead: "Write autoMinorVersionUpgrade: false.",
  }),
];

/** `<group>-default`, the id of the disabled default user, has to fit into 40 characters. */
const LONGEST_GROUP_WITH_USERS = 32;

const iamRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["iamUser", "engineVersion"],
    holds: ({ iamUser, engineVersion }) =>
      iamUser === undefined || (redisVersion(engineVersion)?.major ?? 0) >= 7,
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
];

const nodeRules = [
  fieldsRule<ReplicationGroupFields>({
    fields: ["multiAz", "nodes"],
    holds: ({ multiAz, nodes }) => !multiAz || nodes >= 2,
    must: "must be false with one node (it is on by default)",
    instead: "Write multiAz: false, or 2 nodes or more.",
  }),
];

/** An ElastiCache for Redis cache; its kind has no default, because changing it later changes the endpoint. */
export const cacheSchema = z
  .discriminatedUnion("kind", [
    clusterFields.check(...commonRules),
    replicationGroupFields.check(...commonRules, ...nodeRules, ...iamRules),
  ])
  .describe("the ElastiCache Redis cache");

export type CacheSettings = z.output<typeof cacheSchema>;
export type ClusterSettings = Extract<CacheSettings, { kind: "cluster" }>;
export type ReplicationGroupSettings = Extract<CacheSettings, { kind: "replication-group" }>;
