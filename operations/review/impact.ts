import { applyMethod } from "../../settings/aws/parameters";
import { type AttributeChange, actionOf, attributeChanges, type Change } from "./change";
import { isMajorChange, isOn } from "./rules/attribute-rule";
import { sourceAttributes } from "./rules/network-rules";

export type Effect =
  | "downtime"
  | "failover"
  | "reboot"
  | "slower I/O"
  | "clients"
  | "nothing"
  | "see AWS";

/** The effect of an in-place change on the users of the data store. */
export interface Impact {
  readonly address: string;
  readonly attribute: string;
  readonly effect: Effect;
  /** "during the apply", or "in the maintenance window". */
  readonly when: string;
  readonly message: string;
  readonly link: string;
}

interface Known {
  readonly effect: Effect;
  readonly message: string;
  /** Whether AWS applies it during the apply whatever apply_immediately says. */
  readonly always?: boolean;
}

const RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide";
const ELASTICACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest";
const LINKS: Readonly<Record<string, string>> = {
  aws_db_instance: `${RDS}/USER_ModifyInstance.Settings.html`,
  aws_db_parameter_group: `${RDS}/parameter-groups-overview.html`,
  aws_elasticache_replication_group: `${ELASTICACHE}/APIReference/API_ModifyReplicationGroup.html`,
  aws_elasticache_cluster: `${ELASTICACHE}/APIReference/API_ModifyCacheCluster.html`,
  aws_elasticache_parameter_group: `${ELASTICACHE}/dg/ParameterGroups.html`,
  aws_instance: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html",
  aws_vpc_security_group_ingress_rule:
    "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
};

const STORAGE: Known = {
  effect: "slower I/O",
  message:
    "No downtime. RDS optimizes the storage for hours. You cannot change it again for six hours.",
};
const NOTHING: Known = { effect: "nothing", message: "No outage.", always: true };

const RESTART: Known = {
  effect: "clients",
  message: "The instance stops and starts again: open tunnels close.",
  always: true,
};

const DATABASE: Readonly<Record<string, (change: Change, one: AttributeChange) => Known>> = {
  instance_class: ({ after }) =>
    isOn(after?.multi_az)
      ? {
          effect: "failover",
          message: "The standby is changed first; the failover takes one to two minutes.",
        }
      : { effect: "downtime", message: "The instance is down for some minutes." },
  allocated_storage: () => STORAGE,
  storage_type: () => STORAGE,
  iops: () => STORAGE,
  storage_throughput: () => STORAGE,
  engine_version: (_, { before, after }) =>
    isMajorChange(before, after)
      ? {
          effect: "downtime",
          message:
            "A major upgrade: the instance and its standby are down for ten minutes or more, and there is no way back but a snapshot.",
        }
      : {
          effect: "downtime",
          message: "A minor upgrade: the instance and its standby are down for some minutes.",
        },
  multi_az: () => ({
    effect: "slower I/O",
    message: "RDS creates the standby from a snapshot; writes are slower meanwhile.",
  }),
  identifier: () => ({
    effect: "reboot",
    message:
      "RDS reboots the instance and gives it another address: clients with the old one cannot connect.",
  }),
  port: () => ({
    effect: "reboot",
    message: "RDS reboots the instance at once; clients need the new port.",
    always: true,
  }),
  parameter_group_name: () => ({
    effect: "reboot",
    message: "Static parameters of the new group wait for a reboot that you start.",
    always: true,
  }),
  db_subnet_group_name: () => ({
    effect: "downtime",
    message: "The instance moves to other subnets and is down meanwhile.",
  }),
  ca_cert_identifier: () => ({
    effect: "reboot",
    message:
      "RDS restarts the instance, unless its engine version takes a certificate without a restart.",
  }),
  backup_retention_period: (_, { before }) =>
    before === 0
      ? { effect: "downtime", message: "The first backup is taken at once, with a short outage." }
      : NOTHING,
  password_wo_version: () => ({
    effect: "clients",
    message:
      "Open connections stay. New ones need the new password: restart the application's tasks.",
    always: true,
  }),
};

const DATABASE_NOTHING = new Set(
  (
    "max_allocated_storage backup_window maintenance_window deletion_protection tags tags_all apply_immediately " +
    "iam_database_authentication_enabled performance_insights_enabled performance_insights_retention_period " +
    "performance_insights_kms_key_id monitoring_interval monitoring_role_arn enabled_cloudwatch_logs_exports " +
    "copy_tags_to_snapshot skip_final_snapshot final_snapshot_identifier delete_automated_backups " +
    "auto_minor_version_upgrade allow_major_version_upgrade vpc_security_group_ids engine_lifecycle_support " +
    "database_insights_mode blue_green_update publicly_accessible"
  ).split(" "),
);

const CACHE: Readonly<Record<string, (change: Change, one: AttributeChange) => Known>> = {
  node_type: ({ after }) =>
    isOn(after?.automatic_failover_enabled)
      ? {
          effect: "failover",
          message: "The replicas are changed first; the failover closes connections for seconds.",
        }
      : {
          effect: "downtime",
          message: "The node is replaced by another one; clients cannot connect meanwhile.",
        },
  engine_version: ({ after }) =>
    isOn(after?.automatic_failover_enabled)
      ? {
          effect: "failover",
          message:
            "ElastiCache upgrades node by node; the failover closes connections for seconds.",
        }
      : {
          effect: "downtime",
          message:
            "The node is upgraded; clients cannot connect meanwhile, and a single node may lose its data.",
        },
  num_cache_clusters: () => ({
    effect: "nothing",
    message: "ElastiCache adds or removes replicas while the primary works.",
  }),
  parameter_group_name: () => ({
    effect: "reboot",
    message: "Some parameters of the new group wait for a reboot that you start.",
  }),
  transit_encryption_mode: () => ({
    effect: "clients",
    message: "Clients that do not use TLS can no longer connect once it is required.",
  }),
  transit_encryption_enabled: () => ({ effect: "clients", message: "Clients must use TLS." }),
  user_group_ids: () => ({
    effect: "clients",
    message: "Clients must log in as one of the users.",
  }),
};

const CACHE_NOTHING = new Set(
  (
    "snapshot_retention_limit snapshot_window maintenance_window tags tags_all apply_immediately description " +
    "final_snapshot_identifier auto_minor_version_upgrade log_delivery_configuration security_group_ids " +
    "notification_topic_arn multi_az_enabled automatic_failover_enabled"
  ).split(" "),
);

/** The effect of each in-place change, and of each removed source of a rule, on the users of the data stores. */
export function impacts(changes: readonly Change[]): Impact[] {
  return changes.flatMap((change) => {
    const action = actionOf(change);
    if (change.type === "aws_vpc_security_group_ingress_rule" && action === "delete") {
      return [
        lostAccess(change, "Its clients can no longer connect, unless another rule admits them."),
      ];
    }
    if (action === "replace" && changesSource(change)) {
      return [lostAccess(change, "Clients that only the old source admits can no longer connect.")];
    }
    return action === "update"
      ? attributeChanges(change).flatMap((one) => impactOf(change, one))
      : [];
  });
}

/** A rule is also replaced together with its security group, for the same clients. */
function changesSource(change: Change): boolean {
  const sources = sourceAttributes(change.type);
  return attributeChanges(change).some(({ attribute }) => sources.includes(attribute));
}

function lostAccess({ address, type }: Change, message: string): Impact {
  return {
    address,
    attribute: "",
    effect: "clients",
    when: "during the apply",
    message,
    link: LINKS[type] ?? "",
  };
}

function impactOf(change: Change, one: AttributeChange): Impact[] {
  const { type, address, after } = change;
  const known = knownEffect(change, one);
  const now = known?.always || isOn(after?.apply_immediately) || !hasWindow(type);
  return known
    ? [
        {
          address,
          attribute: one.attribute,
          effect: known.effect,
          when: now ? "during the apply" : "not before the maintenance window",
          message: known.message,
          link: LINKS[type] ?? "",
        },
      ]
    : [];
}

function hasWindow(type: string): boolean {
  return type === "aws_db_instance" || type.startsWith("aws_elasticache_");
}

function knownEffect(change: Change, one: AttributeChange): Known | undefined {
  switch (change.type) {
    case "aws_db_instance":
      return listed(DATABASE, DATABASE_NOTHING, change, one);
    case "aws_elasticache_replication_group":
    case "aws_elasticache_cluster":
      return listed(CACHE, CACHE_NOTHING, change, one);
    case "aws_db_parameter_group":
      return one.attribute === "parameter" ? parameters(one) : NOTHING;
    case "aws_elasticache_parameter_group":
      return {
        effect: "reboot",
        message: "Most parameters change at once; some wait for a reboot.",
        always: true,
      };
    case "aws_instance":
      return one.attribute === "instance_type" ? RESTART : NOTHING;
    case "aws_vpc_security_group_ingress_rule":
      return one.attribute.startsWith("cidr_")
        ? {
            effect: "clients",
            message: "Addresses that the new range does not contain can no longer connect.",
            always: true,
          }
        : NOTHING;
    default:
      return NOTHING;
  }
}

function listed(
  table: Readonly<Record<string, (change: Change, one: AttributeChange) => Known>>,
  harmless: ReadonlySet<string>,
  change: Change,
  one: AttributeChange,
): Known | undefined {
  const known = table[one.attribute]?.(change, one);
  if (known || harmless.has(one.attribute)) {
    return known ?? NOTHING;
  }
  // Attributes that only AWS sets change as a consequence. Their cause is in the table.
  return one.unknown
    ? undefined
    : {
        effect: "see AWS",
        message: "This review does not know the effect of this change. Read the AWS documentation.",
      };
}

type Parameters = readonly { readonly name: string; readonly value: string }[];

function parameters({ before, after }: AttributeChange): Known {
  const [old, now] = [before ?? [], after ?? []] as [Parameters, Parameters];
  const text = ({ name, value }: Parameters[number]) => `${name}=${value}`;
  const changed = [
    ...now.filter((one) => !old.some((other) => text(other) === text(one))),
    ...old.filter((one) => !now.some(({ name }) => name === one.name)),
  ].map(({ name }) => name);
  const waiting = changed.filter((name) => applyMethod(name) === "pending-reboot");
  return waiting.length > 0
    ? {
        effect: "reboot",
        message: `${waiting.join(", ")}: takes effect after a reboot that you start.`,
        always: true,
      }
    : {
        effect: "nothing",
        message: `${changed.join(", ")}: takes effect without a reboot.`,
        always: true,
      };
}
