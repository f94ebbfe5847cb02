import { type AttributeRule, changesFrom, isOn, lowers, turnsOff, turnsOn } from "./attribute-rule";

/** In synthesized JSON a policy may be a reference, which counts as one statement. */
function statementsOf(policy: unknown): string[] {
  const text = String(policy ?? "");
  if (!text.startsWith("{")) {
    return text === "" ? [] : [text];
  }
  return [JSON.parse(text).Statement ?? []].flat().map((one) => JSON.stringify(one));
}

/** Every statement of the old policy that the new one no longer has takes a permission away. */
function losesStatements(before: unknown, after: unknown): boolean {
  const kept = statementsOf(after);
  return statementsOf(before).some((statement) => !kept.includes(statement));
}

const PUBLIC_ACCESS = [
  "block_public_acls",
  "block_public_policy",
  "ignore_public_acls",
  "restrict_public_buckets",
];

/** Secrets, keys, logs, alarms and the state bucket. */
export const OTHER_RULES: readonly AttributeRule[] = [
  {
    id: "encryption-key",
    types: ["aws_secretsmanager_secret", "aws_cloudwatch_log_group"],
    attribute: "kms_key_id",
    refuses: changesFrom("changes the KMS key: its readers need permission for the new one"),
  },
  {
    id: "encryption-key",
    types: ["aws_sns_topic"],
    attribute: "kms_master_key_id",
    refuses: changesFrom(
      "changes the KMS key: whatever publishes to the topic needs permission for the new one",
    ),
  },
  {
    id: "recovery-window",
    types: ["aws_secretsmanager_secret"],
    attribute: "recovery_window_in_days",
    refuses: lowers(
      "the recovery window in days",
      "leaves less time to restore a deleted secret",
      30,
    ),
  },
  {
    id: "log-retention",
    types: ["aws_cloudwatch_log_group"],
    attribute: "retention_in_days",
    // 0 keeps logs forever.
    refuses: (before, after) =>
      lowers("the log retention in days", "deletes the older ones")(
        Number(before) || Number.POSITIVE_INFINITY,
        Number(after) || Number.POSITIVE_INFINITY,
        {} as never,
      ),
  },
  {
    id: "key-enabled",
    types: ["aws_kms_key"],
    attribute: "is_enabled",
    refuses: turnsOff("disables the key: nothing that it encrypts can be read"),
  },
  {
    id: "key-rotation",
    types: ["aws_kms_key"],
    attribute: "enable_key_rotation",
    refuses: turnsOff("stops rotating the key"),
  },
  {
    id: "key-policy",
    types: ["aws_kms_key"],
    attribute: "policy",
    refuses: (before, after) =>
      losesStatements(before, after)
        ? "takes permissions away in the key's policy: some users may no longer read what it encrypts"
        : undefined,
  },
  {
    id: "alarm-actions",
    types: ["aws_cloudwatch_metric_alarm"],
    attribute: "actions_enabled",
    refuses: turnsOff("silences the alarm"),
  },
  {
    id: "alarm-actions",
    types: ["aws_cloudwatch_metric_alarm"],
    attribute: "alarm_actions",
    unknownIsHarmless: "the topic that is notified is created by the same plan",
    refuses: (_, after) =>
      Array.isArray(after) && after.length > 0 ? undefined : "no longer notifies anyone",
  },
  {
    id: "events",
    types: ["aws_db_event_subscription"],
    attribute: "enabled",
    refuses: turnsOff("stops the notifications of events"),
  },
  {
    id: "instance-metadata",
    types: ["aws_instance"],
    attribute: "metadata_options",
    alsoNew: true,
    refuses: (_, after) =>
      (after as readonly { http_tokens?: string }[] | undefined)?.[0]?.http_tokens === "required"
        ? undefined
        : "gives the credentials of the instance's role to requests without a token (IMDSv1)",
  },
  {
    id: "force-destroy",
    types: ["aws_s3_bucket"],
    attribute: "force_destroy",
    refuses: turnsOn("lets the bucket be deleted together with all states in it"),
  },
  {
    id: "versioning",
    types: ["aws_s3_bucket_versioning"],
    attribute: "versioning_configuration",
    refuses: (_, after) =>
      (after as readonly { status?: string }[] | undefined)?.[0]?.status === "Enabled"
        ? undefined
        : "stops keeping old versions of the states",
  },
  ...PUBLIC_ACCESS.map((attribute) => ({
    id: "public-access",
    types: ["aws_s3_bucket_public_access_block"],
    attribute,
    refuses: (before: unknown, after: unknown) =>
      isOn(before) && !isOn(after) ? "lets the bucket become public" : undefined,
  })),
];
