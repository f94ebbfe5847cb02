import { arnOf, EVERYTHING, type Grant, grant, type Place } from "./grant";

export interface PreflightGrantsProps extends Place {
  /** The state bucket's ARN. @default - Terraform assumes a role for the state, and so does preflight */
  readonly stateBucketArn?: string | undefined;
  /** The instances and the sources of their restores. @default - no databases */
  readonly databases?:
    | { readonly restoreFrom: readonly ("snapshot" | "point-in-time")[] }
    | undefined;
  /** The IDs of clusters and replication groups, and the snapshots that they start from. @default - no caches */
  readonly caches?:
    | { readonly ids: readonly string[]; readonly snapshots: readonly string[] }
    | undefined;
  /** The execution and monitoring roles in the settings. */
  readonly roleArns: readonly string[];
  /** The topic in the settings. @default - none */
  readonly topicArn?: string | undefined;
  /** The keys in the settings. */
  readonly keyArns: readonly string[];
  readonly prefixLists: boolean;
  readonly bastion: boolean;
}

/** Permissions that `npm run preflight` needs and a plan does not: on quotas, offers, existing names, and the resources in the settings. */
export function preflightGrants(props: PreflightGrantsProps): Grant[] {
  const { stateBucketArn, roleArns, topicArn, keyArns } = props;
  return [
    ...some("s3", "GetBucketVersioning GetEncryptionConfiguration GetBucketPublicAccessBlock", [
      stateBucketArn,
    ]),
    ...networkGrants(props),
    ...quotaGrants(props),
    ...(props.databases ? databaseGrants(props, props.databases.restoreFrom) : []),
    ...(props.caches ? cacheGrants(props, props.caches) : []),
    ...some("iam", "GetRole", roleArns),
    ...some("sns", "GetTopicAttributes", [topicArn]),
    ...some("kms", "DescribeKey GetKeyPolicy", keyArns),
  ];
}

function some(service: string, names: string, resources: readonly (string | undefined)[]): Grant[] {
  const there = resources.filter((one) => one !== undefined);
  return there.length > 0 ? [grant(service, names, there)] : [];
}

function networkGrants({ prefixLists, bastion }: PreflightGrantsProps): Grant[] {
  return [
    grant("ec2", "DescribeVpcs", EVERYTHING),
    grant("ec2", "DescribeSubnets", EVERYTHING),
    grant("ec2", "DescribeVpcPeeringConnections", EVERYTHING),
    ...(prefixLists ? [grant("ec2", "DescribeManagedPrefixLists", EVERYTHING)] : []),
    ...(bastion ? [grant("ec2", "DescribeInstanceTypeOfferings", EVERYTHING)] : []),
  ];
}

/** A quota that was never changed has AWS's default. */
function quotaGrants(props: PreflightGrantsProps): Grant[] {
  const quotas = ["vpc/*", ...(props.caches ? ["elasticache/*"] : [])];
  return [
    grant(
      "servicequotas",
      "GetServiceQuota",
      quotas.map((quota) => arnOf(props, "servicequotas", quota)),
    ),
    grant("servicequotas", "GetAWSDefaultServiceQuota", EVERYTHING),
  ];
}

function databaseGrants(
  props: PreflightGrantsProps,
  restoreFrom: readonly ("snapshot" | "point-in-time")[],
): Grant[] {
  const rds = (...names: readonly string[]) => names.map((name) => arnOf(props, "rds", name));
  return [
    grant(
      "rds",
      "DescribeAccountAttributes DescribeDBEngineVersions DescribeOrderableDBInstanceOptions",
      EVERYTHING,
    ),
    ...(restoreFrom.includes("snapshot")
      ? [grant("rds", "DescribeDBSnapshots", rds("db:*", "snapshot:*"))]
      : []),
    ...(restoreFrom.includes("point-in-time")
      ? [grant("rds", "DescribeDBInstanceAutomatedBackups", rds("db:*", "auto-backup:*"))]
      : []),
  ];
}

function cacheGrants(
  props: PreflightGrantsProps,
  { ids, snapshots }: NonNullable<PreflightGrantsProps["caches"]>,
): Grant[] {
  const elasticache = (kind: string, names: readonly string[]) =>
    names.map((name) => arnOf(props, "elasticache", `${kind}:${name}`));
  return [
    // Every node counts towards the quota.
    grant("elasticache", "DescribeCacheClusters", elasticache("cluster", ["*"])),
    // A cluster and a replication group cannot have the same ID.
    grant("elasticache", "DescribeReplicationGroups", elasticache("replicationgroup", ids)),
    ...some("elasticache", "DescribeSnapshots", elasticache("snapshot", snapshots)),
  ];
}
