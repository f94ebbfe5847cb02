import {
  type AttributeRule,
  changes,
  changesFrom,
  compareVersions,
  isMajorChange,
  lowers,
  removes,
  turnsOff,
} from "./attribute-rule";

const types = ["aws_elasticache_replication_group", "aws_elasticache_cluster"];

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html */
const RULES: readonly Omit<AttributeRule, "types">[] = [
  {
    id: "transit-encryption",
    attribute: "transit_encryption_enabled",
    refuses: turnsOff("turns TLS off"),
  },
  {
    id: "transit-encryption",
    attribute: "transit_encryption_mode",
    refuses: (before, after) =>
      before === "required" && after !== "required"
        ? "accepts connections without TLS as well"
        : undefined,
  },
  {
    id: "storage-encryption",
    attribute: "at_rest_encryption_enabled",
    refuses: turnsOff("stops encrypting the data at rest"),
  },
  {
    id: "encryption-key",
    attribute: "kms_key_id",
    refuses: changesFrom("changes the KMS key of the data"),
  },
  {
    id: "multi-az",
    attribute: "multi_az_enabled",
    refuses: turnsOff("lets all nodes be in one zone"),
  },
  {
    id: "automatic-failover",
    attribute: "automatic_failover_enabled",
    refuses: turnsOff("turns automatic failover off"),
  },
  {
    id: "backup-retention",
    attribute: "snapshot_retention_limit",
    refuses: lowers("the snapshot retention in days", "deletes the older snapshots"),
  },
  {
    id: "final-snapshot",
    attribute: "final_snapshot_identifier",
    unknownIsHarmless:
      "the ID of the snapshot comes from a terraform_data, which is reviewed separately",
    refuses: removes("removes the name of the final snapshot: deleting the cache loses its data"),
  },
  {
    id: "shards",
    attribute: "num_node_groups",
    refuses: changesFrom("reshards the cache"),
  },
  {
    id: "shards",
    attribute: "cluster_mode",
    refuses: changesFrom("changes the cluster mode, which clients must support"),
  },
  {
    id: "nodes",
    attribute: "num_cache_clusters",
    refuses: lowers("the number of nodes", "removes replicas that failover needs"),
  },
  {
    id: "nodes",
    attribute: "replicas_per_node_group",
    refuses: lowers("the replicas of each shard", "removes what failover needs"),
  },
  {
    id: "nodes",
    attribute: "num_cache_nodes",
    refuses: lowers("the number of nodes", "loses the data of those removed", 1),
  },
  { id: "engine", attribute: "engine", refuses: changesFrom("changes the engine, one way only") },
  {
    id: "engine-version",
    attribute: "engine_version",
    refuses: (before, after) => {
      if (before === undefined || after === undefined) {
        return undefined;
      }
      if (compareVersions(after, before) < 0) {
        return `downgrades the engine from ${before} to ${after}`;
      }
      return isMajorChange(before, after)
        ? `upgrades the major version from ${before} to ${after}, which cannot be undone`
        : undefined;
    },
  },
  {
    id: "rotate-password",
    attribute: "auth_token",
    refuses: changes("changes the password: clients with the old one cannot log in"),
  },
  {
    id: "users",
    attribute: "user_group_ids",
    refuses: changes("changes who may log in"),
  },
  {
    id: "security-groups",
    attribute: "security_group_ids",
    unknownIsHarmless: "a security group that the same plan creates is reviewed separately",
    refuses: changes("changes the security groups, and so who may connect"),
  },
];

export const CACHE_RULES: readonly AttributeRule[] = RULES.map((rule) => ({ ...rule, types }));
