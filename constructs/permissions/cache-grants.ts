import {
  arnOf,
  EVERYTHING,
  grant,
  type Place,
  type RoleGrants,
  serviceLinkedRole,
  together,
} from "./grant";
import { logGroupGrants } from "./log-group-grants";

export interface CacheGrantsProps extends Place {
  readonly kind: "cluster" | "replication-group";
  /** The cluster's or the replication group's ID. */
  readonly cacheId: string;
  readonly subnetGroupName: string;
  /** The prefix of the parameter groups' names. */
  readonly parameterGroupPrefix: string;
  /** Existing groups that the cache uses instead of the stack's. @default - none */
  readonly kept?:
    | {
        readonly subnetGroupName?: string | undefined;
        readonly parameterGroupName?: string | undefined;
      }
    | undefined;
  /** The application's user. @default - no users */
  readonly iamUser?: string | undefined;
  /** An existing user group. @default - none */
  readonly userGroupId?: string | undefined;
  /** Whether ElastiCache delivers logs. */
  readonly logs: boolean;
  /** Whether the cache starts from a snapshot. */
  readonly restored: boolean;
}

/** A cache's stack: cluster or replication group, groups, logs, users. */
export function cacheGrants(props: CacheGrantsProps): RoleGrants {
  return together([
    cacheItselfGrants(props),
    groupGrants(props),
    props.iamUser ? userGrants(props) : { plan: [], apply: [] },
    props.logs ? deliveryGrants(props) : { plan: [], apply: [] },
  ]);
}

function elasticache(props: CacheGrantsProps, ...names: readonly string[]): string[] {
  return names.map((name) => arnOf(props, "elasticache", name));
}

/** The cluster; or the replication group, and the clusters that are its nodes. */
function cachesOf(props: CacheGrantsProps) {
  const { kind, cacheId } = props;
  return kind === "cluster"
    ? { cache: elasticache(props, `cluster:${cacheId}`), nodes: [] }
    : {
        cache: elasticache(props, `replicationgroup:${cacheId}`),
        nodes: elasticache(props, `cluster:${cacheId}-*`),
      };
}

/** The names of the actions for each kind. */
const ACTIONS = {
  cluster: { of: "CacheCluster", more: "" },
  "replication-group": {
    of: "ReplicationGroup",
    more: "IncreaseReplicaCount DecreaseReplicaCount",
  },
};

function cacheItselfGrants(props: CacheGrantsProps): RoleGrants {
  const { cache, nodes } = cachesOf(props);
  const { of, more } = ACTIONS[props.kind];
  const finals = elasticache(props, `snapshot:${props.cacheId}-final*`);
  const { modified, created } = usedBy(props);
  return {
    plan: [
      grant("elasticache", `Describe${of}s`, cache),
      ...(nodes.length > 0 ? [grant("elasticache", "DescribeCacheClusters", nodes)] : []),
      grant("elasticache", "ListTagsForResource", [...cache, ...nodes]),
    ],
    apply: [
      grant("elasticache", `Create${of}`, [...cache, ...nodes, ...modified, ...created]),
      grant("elasticache", `Modify${of}`, [...cache, ...modified]),
      grant("elasticache", `Delete${of}`, [...cache, ...finals]),
      ...(more ? [grant("elasticache", more, cache)] : []),
      grant("elasticache", "CreateSnapshot", [...cache, ...finals]),
      grant("elasticache", "AddTagsToResource RemoveTagsFromResource", [...cache, ...nodes]),
      serviceLinkedRole(props, "elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
    ],
  };
}

/** The other resources in a request that creates or modifies a cache. */
function usedBy(props: CacheGrantsProps) {
  const { cacheId, iamUser, userGroupId, restored, subnetGroupName, kept = {} } = props;
  const group = userGroupId ?? (iamUser && cacheId);
  const users = group && props.kind === "replication-group" ? [`usergroup:${group}`] : [];
  const parameters = kept.parameterGroupName
    ? [`parametergroup:${kept.parameterGroupName}`]
    : [`parametergroup:${props.parameterGroupPrefix}-*`, "parametergroup:default.*"];
  return {
    modified: elasticache(props, ...parameters, ...users),
    // A cache starts from the snapshot in the settings.
    created: elasticache(
      props,
      `subnetgroup:${kept.subnetGroupName ?? subnetGroupName}`,
      ...(restored ? ["snapshot:*"] : []),
    ),
  };
}

/** Grants on the stack's own groups; none on kept groups. */
function groupGrants(props: CacheGrantsProps): RoleGrants {
  const { kept = {} } = props;
  return together([
    kept.subnetGroupName ? NOTHING : subnetGroupGrants(props),
    kept.parameterGroupName ? NOTHING : parameterGroupGrants(props),
  ]);
}

const NOTHING: RoleGrants = { plan: [], apply: [] };

function subnetGroupGrants(props: CacheGrantsProps): RoleGrants {
  const subnets = elasticache(props, `subnetgroup:${props.subnetGroupName}`);
  return {
    plan: [
      grant("elasticache", "DescribeCacheSubnetGroups", subnets),
      grant("elasticache", "ListTagsForResource", subnets),
    ],
    apply: [
      grant(
        "elasticache",
        "CreateCacheSubnetGroup ModifyCacheSubnetGroup DeleteCacheSubnetGroup",
        subnets,
      ),
      grant("elasticache", "AddTagsToResource RemoveTagsFromResource", subnets),
    ],
  };
}

function parameterGroupGrants(props: CacheGrantsProps): RoleGrants {
  const parameters = elasticache(props, `parametergroup:${props.parameterGroupPrefix}-*`);
  return {
    plan: [
      grant("elasticache", "DescribeCacheParameterGroups DescribeCacheParameters", parameters),
      grant("elasticache", "ListTagsForResource", parameters),
    ],
    apply: [
      grant(
        "elasticache",
        "CreateCacheParameterGroup ModifyCacheParameterGroup ResetCacheParameterGroup DeleteCacheParameterGroup",
        parameters,
      ),
      grant("elasticache", "AddTagsToResource RemoveTagsFromResource", parameters),
    ],
  };
}

function userGrants(props: CacheGrantsProps): RoleGrants {
  const { cacheId, iamUser } = props;
  const users = elasticache(props, `user:${cacheId}-default`, `user:${iamUser}`);
  const group = elasticache(props, `usergroup:${cacheId}`);
  const all = [...users, ...group];
  return {
    plan: [
      grant("elasticache", "DescribeUsers", users),
      grant("elasticache", "DescribeUserGroups", group),
      grant("elasticache", "ListTagsForResource", all),
    ],
    apply: [
      grant("elasticache", "CreateUser ModifyUser DeleteUser", users),
      grant("elasticache", "CreateUserGroup ModifyUserGroup", all),
      grant("elasticache", "DeleteUserGroup", group),
      grant("elasticache", "AddTagsToResource RemoveTagsFromResource", all),
    ],
  };
}

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html#Destination_Specs_CloudWatch_Logs */
function deliveryGrants(props: CacheGrantsProps): RoleGrants {
  const groups = [arnOf(props, "logs", `log-group:/aws/elasticache/${props.cacheId}/*`)];
  const deliveries = grant(
    "logs",
    "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy DescribeResourcePolicies",
    EVERYTHING,
  );
  return together([logGroupGrants(groups), { plan: [], apply: [deliveries] }]);
}
