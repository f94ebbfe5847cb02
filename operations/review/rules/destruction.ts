import { actionOf, type Change, deletesFirst } from "../change";
import { cannotTell, type Finding, refused } from "../finding";

/** The loss with a resource of each type, as the end of a sentence. */
const LOST: Readonly<Record<string, string>> = {
  aws_db_instance: "its data, unless a final snapshot is taken, and its endpoint",
  aws_rds_cluster: "its data",
  aws_db_snapshot: "a backup",
  aws_elasticache_cluster: "everything in the cache, and its endpoint",
  aws_elasticache_replication_group: "everything in the cache, and its endpoint",
  aws_elasticache_serverless_cache: "everything in the cache, and its endpoint",
  aws_elasticache_user: "a user that applications log in with",
  aws_elasticache_user_group: "the users that applications log in with",
  aws_secretsmanager_secret: "the secret under the ARN that the application reads",
  aws_kms_key: "everything that the key encrypts, once its waiting period is over",
  aws_cloudwatch_log_group: "the logs",
  aws_s3_bucket: "the states, and with them Terraform's record of every resource",
  aws_s3_bucket_policy: "the policy that requires TLS for the bucket's states",
  aws_s3_bucket_public_access_block: "the protection of the states from public access",
  aws_s3_bucket_versioning: "old versions of the states",
  aws_s3_bucket_server_side_encryption_configuration: "the encryption of the states",
  aws_iam_role_policy: "the permission to read the secret",
  "terraform_data.final_snapshot": "the ID of the final snapshot",
};

/** Types whose replacement is harmless, and whose removal hurts. */
const LOST_WHEN_REMOVED: Readonly<Record<string, string>> = {
  aws_cloudwatch_metric_alarm: "the alarm",
  aws_db_event_subscription: "the notifications of events",
  aws_sns_topic: "the topic that alarms notify",
  aws_sns_topic_subscription: "a recipient of the alarms",
  aws_sns_topic_policy: "the permission to notify",
  aws_secretsmanager_secret_version: "the value of the secret",
};

/** Types and addresses without data. Their users are reviewed separately. */
const HARMLESS = new Set(
  (
    "aws_db_parameter_group aws_elasticache_parameter_group aws_db_subnet_group aws_elasticache_subnet_group " +
    "aws_iam_role aws_iam_role_policy_attachment aws_kms_alias aws_s3_bucket_logging aws_s3_bucket_notification " +
    "aws_iam_instance_profile aws_instance.bastion aws_s3_bucket_lifecycle_configuration aws_s3_bucket_ownership_controls terraform_data"
  ).split(" "),
);

/** Judged by other rules: network-rules.ts. */
const RULES = new Set([
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
  "aws_security_group_rule",
]);

function lostWith({ type, address }: Change): string | undefined {
  return LOST[address] ?? LOST[type];
}

type Destroying = "delete" | "replace" | "forget";

/**
 * Judges a resource that is deleted, replaced or forgotten, for whatever reason. Unknown types are refused too.
 */
export function destruction(change: Change, all: readonly Change[]): Finding[] {
  const action = actionOf(change);
  if (change.deposed !== undefined) {
    return deposed(change);
  }
  const isDestroying = action === "delete" || action === "replace" || action === "forget";
  if (!isDestroying || RULES.has(change.type)) {
    return [];
  }
  return change.type === "aws_security_group"
    ? securityGroup(change, action)
    : destroyed(change, action, all);
}

function destroyed(change: Change, action: Destroying, all: readonly Change[]): Finding[] {
  const { address, type } = change;
  const isListed = Object.hasOwn(LOST_WHEN_REMOVED, type);
  const lost = lostWith(change) ?? (action === "replace" ? undefined : LOST_WHEN_REMOVED[type]);
  if (lost !== undefined) {
    return [refused(action, address, `${sentence(change, action, lost)}${hint(change, all)}`)];
  }
  return HARMLESS.has(type) || HARMLESS.has(address) || isListed
    ? []
    : [
        cannotTell(
          action,
          address,
          `${verb(action)} a resource of type ${type}, whose loss this review cannot assess.`,
        ),
      ];
}

function verb(action: Destroying): string {
  return { delete: "Deletes", replace: "Replaces", forget: "Stops managing" }[action];
}

function sentence({ importing, type }: Change, action: Destroying, lost: string): string {
  if (action === "forget") {
    return `Stops managing the ${type}: Terraform no longer protects or changes it. At stake: ${lost}.`;
  }
  return importing
    ? `Imports the existing ${type} and then replaces it, which loses ${lost}.`
    : `${verb(action)} the ${type}, which loses ${lost}.`;
}

/** A rename without a `moved` block looks like this. */
function hint({ type, actions }: Change, all: readonly Change[]): string {
  const created = all.find((one) => one.type === type && one.actions.join() === "create");
  return created && !actions.includes("create")
    ? ` The plan creates ${created.address}: if that is the same resource, add a moved block.`
    : "";
}

function deposed(change: Change): Finding[] {
  const lost = LOST[change.type];
  return lost === undefined
    ? []
    : [
        refused(
          "delete-deposed",
          change.address,
          `Deletes the object that an interrupted replacement has left behind, which loses ${lost}.`,
        ),
      ];
}

function securityGroup(change: Change, action: Destroying): Finding[] {
  if (action === "replace" && !deletesFirst(change)) {
    return [];
  }
  const why =
    action === "replace"
      ? "Deletes the security group before the new one exists: AWS refuses while a data store uses it, and the apply hangs."
      : "Removes the security group that decides who may connect.";
  return [refused(action, change.address, why)];
}
