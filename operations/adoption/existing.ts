import type { SecurityGroup, SecurityGroupRule, Vpc } from "@aws-sdk/client-ec2";
import type { CacheCluster, ReplicationGroup } from "@aws-sdk/client-elasticache";
import type { DBInstance } from "@aws-sdk/client-rds";
import type { Tags } from "../preflight/checks/names";

export interface ExistingDatabase {
  readonly instance: DBInstance;
  /** The read replicas in the region. */
  readonly replicas: readonly DBInstance[];
}

export interface ExistingCache {
  /** The replication group; undefined for a cluster on its own. */
  readonly group?: ReplicationGroup | undefined;
  /** The cluster, or the first node of the replication group. */
  readonly cluster: CacheCluster;
  readonly tags: Tags;
}

/** The data stores to adopt, as AWS describes them. */
export interface Existing {
  readonly account: string;
  readonly region: string;
  readonly database?: ExistingDatabase | undefined;
  readonly cache?: ExistingCache | undefined;
  /** The security groups of the data stores. */
  readonly groups: readonly SecurityGroup[];
  /** All rules of these groups. */
  readonly rules: readonly SecurityGroupRule[];
  /** The security groups of the region that the rules name as sources. */
  readonly sources: readonly SecurityGroup[];
  /** The VPCs of the data stores' groups. */
  readonly vpcs: readonly Vpc[];
}

/** Something that the settings cannot express. */
export interface Remark {
  /** `database news-api-db` */
  readonly subject: string;
  /** The finding. */
  readonly found: string;
  /** What it means, or what to do. */
  readonly advice: string;
}

/** The settings for a part of the account, with remarks. */
export interface Translated<Settings> {
  readonly settings: Settings;
  /** Properties that block the adoption, because a plan would change them. */
  readonly refusals: readonly Remark[];
  /** Properties that stay as they are, and that Terraform does not manage. */
  readonly remarks: readonly Remark[];
}

/** The IDs of the security groups of a data store. */
export function groupIdsOf({ database, cache }: Pick<Existing, "database" | "cache">): string[] {
  return [...databaseGroupIds(database), ...cacheGroupIds(cache)];
}

export function databaseGroupIds(database: ExistingDatabase | undefined): string[] {
  const groups = database?.instance.VpcSecurityGroups ?? [];
  return groups.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []);
}

export function cacheGroupIds(cache: ExistingCache | undefined): string[] {
  const groups = cache?.cluster.SecurityGroups ?? [];
  return groups.flatMap(({ SecurityGroupId }) => SecurityGroupId ?? []);
}
