import { App, type TerraformStack, Testing } from "cdktf";
import { SynthesisedStack } from "../../controls/synthesised-stack";
import type { Environment } from "../../settings/environment";
import { stateBucketsOf } from "../../settings/state-bucket";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { StateBucketStack } from "../../stacks/state-bucket-stack";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

/** Settings that meet every control that settings can meet. */
const SETTINGS: Changes = {
  account: "123456789012",
  executionRoleName: "news-api-execution",
  "stateBucket.kmsKeyArn": KEY,
  "clients.api": { securityGroupId: "sg-01234567" },
  "clients.vpc": { vpcCidr: true },
  "database.port": 5433,
  "database.maxAllocatedStorageGib": 100,
  "database.iamAuthentication": true,
  "database.enhancedMonitoring": {
    intervalSeconds: 60,
    roleArn: "arn:aws:iam::123456789012:role/rds-monitoring",
  },
  "database.performanceInsights": { kmsKeyArn: KEY },
  "database.parameters": { log_statement: "ddl", log_min_duration_statement: "1000" },
  "database.logRetentionDays": 365,
  "database.credentials": { kind: "secret", kmsKeyArn: KEY },
  cache: {
    ...REPLICATION_GROUP,
    kmsKeyArn: KEY,
    snapshotRetentionDays: 1,
    userGroupId: "news-api-users",
  },
};

const GROUP = "cache.resource.aws_elasticache_replication_group.";

const trust = (principal: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole" },
  });

const memoryAlarm = (node: string) => ({
  metric_name: "DatabaseMemoryUsagePercentage",
  comparison_operator: "GreaterThanThreshold",
  threshold: 90,
  dimensions: { CacheClusterId: node },
  alarm_actions: ["arn:aws:sns:us-east-1:123456789012:alarms"],
});

/** What no setting makes: the rest of what a control looks at, by path in the stacks' JSON. */
const ADDED: Changes = {
  // They have alarms, and so no reason for having none.
  "database.//.reasons": undefined,
  "cache.//.reasons": undefined,
  "database.resource.aws_secretsmanager_secret_rotation": {
    url: { secret_id: "${aws_secretsmanager_secret.database_url.id}" },
    password: { secret_id: "${aws_secretsmanager_secret.master_password.id}" },
  },
  "database.resource.aws_db_event_subscription": {
    database: {
      source_type: "db-instance",
      source_ids: ["${aws_db_instance.database.identifier}"],
      event_categories: [
        ...["failover", "failure", "low storage", "maintenance", "configuration change"],
      ],
    },
    parameters: {
      source_type: "db-parameter-group",
      event_categories: ["configuration change"],
    },
    security_groups: {
      source_type: "db-security-group",
      event_categories: ["configuration change", "failure"],
    },
  },
  "database.resource.aws_cloudwatch_metric_alarm": {
    storage: {
      metric_name: "FreeStorageSpace",
      comparison_operator: "LessThanThreshold",
      threshold: 10_000_000_000,
      dimensions: { DBInstanceIdentifier: "${aws_db_instance.database.identifier}" },
      alarm_actions: ["${aws_sns_topic.alarms.arn}"],
    },
  },
  // No provider of today has it: databases in a VPC have security groups of EC2.
  "database.resource.aws_db_security_group": { classic: { name: "classic" } },
  "database.resource.aws_sns_topic": {
    alarms: { kms_master_key_id: "${aws_kms_key.alarms.arn}" },
  },
  "database.resource.aws_sns_topic_policy": {
    alarms: {
      arn: "${aws_sns_topic.alarms.arn}",
      policy:
        '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Principal" = {"Service" = "cloudwatch.amazonaws.com"}, "Action" = ["sns:Publish"], "Resource" = [aws_sns_topic.alarms.arn]}]})}',
    },
  },
  "database.resource.aws_kms_key": {
    alarms: { enable_key_rotation: true, policy: trust({ Service: "cloudwatch.amazonaws.com" }) },
  },
  "database.resource.aws_iam_role": {
    monitoring: { assume_role_policy: trust({ Service: "monitoring.rds.amazonaws.com" }) },
  },
  "database.resource.aws_iam_policy": {
    monitoring: { policy: "${data.aws_iam_policy_document.monitoring.json}" },
  },
  "database.data.aws_iam_policy_document": {
    monitoring: {
      statement: [
        { actions: ["logs:PutLogEvents"], resources: ["arn:aws:logs:*:*:log-group:RDSOSMetrics"] },
      ],
    },
  },
  "database.resource.aws_iam_role_policy_attachment": {
    monitoring: {
      policy_arn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    },
  },
  "database.resource.aws_cloudwatch_log_group.database_postgresql_log.kms_key_id": KEY,
  "database.resource.aws_cloudwatch_log_group.database_upgrade_log.kms_key_id": KEY,
  "cache.resource.aws_cloudwatch_metric_alarm": {
    memory_001: memoryAlarm("news-api-cache-001"),
    memory_002: memoryAlarm("${aws_elasticache_replication_group.cache.replication_group_id}-002"),
  },
  "cache.resource.aws_elasticache_replication_group.cache.log_delivery_configuration": [
    { log_type: "slow-log" },
    { log_type: "engine-log" },
  ],
  "cache.resource.aws_elasticache_user": {
    application: { authentication_mode: { type: "iam" } },
  },
  "cache.resource.aws_ssm_parameter.redis_url_parameter.type": "SecureString",
  "cache.resource.aws_ssm_parameter.redis_url_parameter.key_id": KEY,
  "bucket.resource.aws_s3_bucket_replication_configuration": {
    states: { bucket: "${aws_s3_bucket.state_bucket.id}" },
  },
  "bucket.resource.aws_s3_bucket_logging": {
    states: { bucket: "${aws_s3_bucket.state_bucket.id}" },
  },
  "bucket.resource.aws_s3_bucket_notification": {
    states: { bucket: "${aws_s3_bucket.state_bucket.id}" },
  },
  "bucket.resource.aws_s3_bucket_object_lock_configuration": {
    states: { bucket: "${aws_s3_bucket.state_bucket.id}" },
  },
  "bucket.resource.aws_s3_bucket_versioning.state_bucket_versioning.versioning_configuration.mfa_delete":
    "Enabled",
};

/** How stacks differ from those that meet every control: in the settings, or in the JSON by path. */
export interface Difference {
  readonly settings?: Changes;
  /** `database.resource.aws_db_instance.database.multi_az`; undefined takes it away. */
  readonly json?: Changes;
}

type Json = Record<string, Record<string, unknown>>;
const STORES = ["database", "cache", "bucket"] as const;
export type StackName = (typeof STORES)[number];

const synthesised = new Map<string, string>();

/** Synthesised once for the same settings: there are some hundred differences in the JSON alone. */
function synthesisedOnce(settings: Changes): Record<StackName, Json> {
  const key = JSON.stringify(
    Object.entries(settings).map(([path, value]) => [path, value ?? null]),
  );
  const text = synthesised.get(key) ?? JSON.stringify(synthesisedJson(environmentWith(settings)));
  synthesised.set(key, text);
  return JSON.parse(text);
}

function synthesisedJson(environment: Environment): Record<StackName, Json> {
  const app = () => Testing.stubVersion(new App({ stackTraces: false }));
  // Testing.synth() leaves comments out, and the settings' reasons with them.
  const json = (stack: TerraformStack) => {
    stack.prepareStack();
    return JSON.parse(JSON.stringify(stack.toTerraform()));
  };
  const [{ id = "", ...bucket } = {}] = stateBucketsOf([environment]) as never[];
  return {
    database: json(new DatabaseStack(app(), "database", environment)),
    cache: json(new CacheStack(app(), "cache", environment)),
    bucket: json(new StateBucketStack(app(), `bucket${id}`, bucket as never)),
  };
}

/** Sets what stands at a dotted path, or takes it away; what is on the way is made. */
function set(json: object, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() as string;
  const container = keys.reduce<Record<string, unknown>>(
    (inner, key) => {
      inner[key] ??= {};
      return inner[key] as Record<string, unknown>;
    },
    json as Record<string, unknown>,
  );
  if (value === undefined) {
    delete container[last];
  } else {
    container[last] = value;
  }
}

/** The JSON of an environment's stacks that meets every control, but for the difference. */
export function hardenedJson({ settings = {}, json = {} }: Difference): Record<StackName, Json> {
  const stacks = synthesisedOnce({ ...SETTINGS, ...settings });
  for (const [path, value] of Object.entries(structuredClone({ ...ADDED, ...json }))) {
    if (!path.startsWith(GROUP) || stacks.cache.resource?.aws_elasticache_replication_group) {
      set(stacks, path, value);
    }
  }
  return stacks;
}

/** The stacks of an environment as they are. */
export function stacksOf(environment: Environment): SynthesisedStack[] {
  return named(synthesisedJson(environment));
}

export function hardenedStacks(difference: Difference = {}): SynthesisedStack[] {
  return named(hardenedJson(difference));
}

function named(stacks: Record<StackName, Json>): SynthesisedStack[] {
  return Object.entries(stacks).map(([name, json]) => new SynthesisedStack(name, json as never));
}
