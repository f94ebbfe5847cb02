import type { LogDeliveryConfiguration } from "@aws-sdk/client-elasticache";
import type { EnvironmentSettings } from "../../settings/environment";
import { pendingOf } from "./database";
import type { ExistingCache, Translated } from "./existing";

export type WrittenCache = NonNullable<EnvironmentSettings["cache"]>;

type Finding = readonly [found: string, advice: string];

/** The settings of a cache, exactly as it is. Security groups and clients are added by `clients.ts`. */
export function translateCache(cache: ExistingCache): Translated<WrittenCache> {
  const subject = `cache ${cache.group?.ReplicationGroupId ?? cache.cluster.CacheClusterId}`;
  const say = ([found, advice]: Finding) => ({ subject, found, advice });
  return {
    settings: { ...(cache.group ? groupOf(cache) : clusterOf(cache)) } as WrittenCache,
    refusals: refusals(cache).map(say),
    remarks: remarks(cache).map(say),
  };
}

function clusterOf(cache: ExistingCache) {
  const { cluster } = cache;
  return {
    kind: "cluster" as const,
    clusterId: cluster.CacheClusterId ?? "",
    engineVersion: minorOf(cluster.EngineVersion),
    ...common(cache),
    adopted: { "aws_elasticache_cluster.cache": cluster.CacheClusterId ?? "" },
  };
}

const PREFERRED_REASON = "Adopted as it is: clients without TLS are still accepted";

function groupOf(cache: ExistingCache) {
  const { group = {}, cluster } = cache;
  const isPreferred = group.TransitEncryptionMode === "preferred";
  const [userGroupId] = group.UserGroupIds ?? [];
  return {
    kind: "replication-group" as const,
    replicationGroupId: group.ReplicationGroupId ?? "",
    description: group.Description ?? "",
    engine: cluster.Engine,
    engineVersion: minorOf(cluster.EngineVersion),
    ...common(cache),
    nodes: group.MemberClusters?.length ?? 0,
    multiAz: group.MultiAZ === "enabled",
    ...(group.KmsKeyId ? { kmsKeyArn: group.KmsKeyId } : {}),
    ...(userGroupId ? { userGroupId } : {}),
    ...(isPreferred
      ? {
          transitEncryptionMode: "preferred",
          reasons: { transitEncryptionMode: PREFERRED_REASON },
        }
      : {}),
    adopted: { "aws_elasticache_replication_group.cache": group.ReplicationGroupId ?? "" },
  };
}

/** `7.0` of `7.0.7`: how the provider writes a version. */
function minorOf(version = ""): string {
  return version.split(".").slice(0, 2).join(".");
}

function common(cache: ExistingCache) {
  const { group, cluster } = cache;
  const upgrades = group ? group.AutoMinorVersionUpgrade : cluster.AutoMinorVersionUpgrade;
  return {
    autoMinorVersionUpgrade: upgrades ?? false,
    nodeType: cluster.CacheNodeType ?? "",
    port: cachePort(cache),
    ...snapshots(cache),
    preventDestroy: true,
    logExports: deliveriesOf(cache).map(({ LogType }) => LogType),
    kept: {
      subnetGroupName: cluster.CacheSubnetGroupName ?? "default",
      parameterGroupName: cluster.CacheParameterGroup?.CacheParameterGroupName,
      ...logGroups(cache),
      tags: true as const,
      engineVersion: true as const,
    },
  };
}

function snapshots({ group, cluster }: ExistingCache) {
  const { SnapshotRetentionLimit: retention = 0, SnapshotWindow: window } = group ?? cluster;
  const { PreferredMaintenanceWindow: maintenanceWindow } = cluster;
  return {
    snapshotRetentionDays: retention,
    // The value that Terraform assumes for an imported cache. AWS takes it only when the cache is deleted.
    ...(retention > 0 ? { skipFinalSnapshot: true } : {}),
    ...(maintenanceWindow ? { maintenanceWindow } : {}),
    ...(window && maintenanceWindow ? { snapshotWindow: window } : {}),
  };
}

function logGroups(cache: ExistingCache) {
  const groups = deliveriesOf(cache).map(({ LogType, DestinationDetails }) => [
    LogType,
    DestinationDetails?.CloudWatchLogsDetails?.LogGroup,
  ]);
  return groups.length > 0 ? { logGroups: Object.fromEntries(groups) } : {};
}

export function cachePort({ cluster, group }: Pick<ExistingCache, "cluster" | "group">): number {
  const [node] = cluster.CacheNodes ?? [];
  const [shard] = group?.NodeGroups ?? [];
  return shard?.PrimaryEndpoint?.Port ?? node?.Endpoint?.Port ?? 0;
}

function deliveriesOf({ group, cluster }: Pick<ExistingCache, "cluster" | "group">) {
  return (group ?? cluster).LogDeliveryConfigurations ?? [];
}

function isExpressed({ DestinationType, LogFormat, Status }: LogDeliveryConfiguration): boolean {
  const isActive = Status === undefined || Status === "active";
  return DestinationType === "cloudwatch-logs" && LogFormat === "json" && isActive;
}

/** Properties that a plan would change, or that these stacks never manage. */
function refusals(cache: ExistingCache): Finding[] {
  const { group, cluster } = cache;
  const found = [
    ...commonRefusals(cache),
    ...(group ? groupRefusals(cache) : clusterRefusals(cache)),
  ];
  const pending = [
    ...pendingOf(cluster.PendingModifiedValues),
    ...pendingOf(group?.PendingModifiedValues),
  ];
  return [
    ...found,
    ...(pending.length > 0
      ? [
          [
            `Changes wait for its maintenance window: ${pending.join(", ")}.`,
            "Wait for the window, or apply them with --apply-immediately.",
          ] as const,
        ]
      : []),
  ];
}

type Conditional = readonly [holds: unknown, found: string, advice: string];

function where(found: readonly Conditional[]): Finding[] {
  return found.filter(([holds]) => holds).map(([, text, advice]) => [text, advice]);
}

function commonRefusals(cache: ExistingCache): Finding[] {
  const { group, cluster } = cache;
  const status = group?.Status ?? cluster.CacheClusterStatus;
  const engine = cluster.Engine ?? "";
  const deliveries = deliveriesOf(cache).filter((one) => !isExpressed(one));
  return where([
    [
      !["redis", "valkey"].includes(engine),
      `Its engine is ${engine}.`,
      "Only Redis and Valkey can be adopted.",
    ],
    [status !== "available", `Its status is ${status}.`, "Wait until it is available."],
    [
      cluster.NotificationConfiguration?.TopicArn,
      `It notifies ${cluster.NotificationConfiguration?.TopicArn}.`,
      "The settings have no notification topic for a cache, so a plan would remove it. Remove it first.",
    ],
    [
      deliveries.length > 0,
      `It delivers ${deliveries.map(({ LogType, DestinationType, LogFormat }) => `${LogType} to ${DestinationType} as ${LogFormat}`).join(", ")}.`,
      "The settings support only active log deliveries to cloudwatch-logs in json. Change the delivery first.",
    ],
  ]);
}

function clusterRefusals({ cluster }: ExistingCache): Finding[] {
  return where([
    [
      cluster.ReplicationGroupId,
      `It is a node of the replication group ${cluster.ReplicationGroupId}.`,
      `Adopt the replication group: --cache ${cluster.ReplicationGroupId}`,
    ],
    [
      cluster.Engine === "valkey",
      "It is a Valkey cluster.",
      "The settings support Valkey only as a replication group.",
    ],
    [
      cluster.TransitEncryptionEnabled || cluster.AtRestEncryptionEnabled,
      "It is an encrypted cluster.",
      "The settings support encryption only for a replication group.",
    ],
    [
      (cluster.NumCacheNodes ?? 1) !== 1,
      `It has ${cluster.NumCacheNodes} nodes.`,
      "A Redis cache cluster has one node.",
    ],
  ]);
}

function groupRefusals({ group = {} }: ExistingCache): Finding[] {
  const nodes = group.MemberClusters?.length ?? 0;
  return where([
    [
      group.ClusterEnabled || (group.NodeGroups ?? []).length > 1,
      `It is sharded: ${group.NodeGroups?.length ?? 0} shards.`,
      "Only a replication group without cluster mode can be adopted.",
    ],
    [
      !group.TransitEncryptionEnabled,
      "It has no TLS.",
      "These stacks require TLS for a replication group. Turn it on first. From Redis 7.0 on, this works in place: set the transit encryption mode to preferred, then to required.",
    ],
    [
      !group.AtRestEncryptionEnabled,
      "It is not encrypted at rest.",
      "ElastiCache encrypts a replication group only when it creates it. Restore a snapshot to an encrypted one, and adopt that one.",
    ],
    [
      group.GlobalReplicationGroupInfo?.GlobalReplicationGroupId,
      "It is a member of a global datastore.",
      "A global datastore cannot be adopted.",
    ],
    [
      (group.AutomaticFailover === "enabled") !== nodes > 1,
      `Its automatic failover is ${group.AutomaticFailover}, with ${nodes} nodes.`,
      "These stacks use automatic failover with two or more nodes, and none with one node. Change it first.",
    ],
    [
      (group.UserGroupIds ?? []).length > 1,
      `It has the user groups ${group.UserGroupIds?.join(", ")}.`,
      "The settings support one user group.",
    ],
  ]);
}

/** Properties that stay as they are, and that Terraform does not manage. */
function remarks({ group, cluster }: ExistingCache): Finding[] {
  const zones = [
    cluster.PreferredAvailabilityZone,
    ...(group?.NodeGroups?.[0]?.NodeGroupMembers ?? []).map(
      ({ PreferredAvailabilityZone }) => PreferredAvailabilityZone,
    ),
  ].filter((zone) => zone !== undefined);
  return where([
    [
      group?.AuthTokenEnabled,
      "It requires an auth token.",
      "The token stays. Terraform does not manage it, and the URL does not contain it, so the application keeps its current URL.",
    ],
    [
      zones.length > 0,
      `Its nodes are in ${[...new Set(zones)].join(", ")}.`,
      "The settings leave the zones out. The nodes stay where they are.",
    ],
  ]);
}
