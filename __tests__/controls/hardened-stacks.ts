import { App, type TerraformStack, Testing } from "cdktf";
import { SynthesizedStack } from "../../controls/synthesized-stack";
import { bastionsOf } from "../../settings/bastion";
import { dataStoresOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { BastionStack } from "../../stacks/bastion-stack";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { StateBucketStack } from "../../stacks/state-bucket-stack";
import { stateBucketsOf } from "../../stacks/state-buckets";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";
import { stackOf } from "../synthesized";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

/** Settings that meet every control that settings can meet. */
const SETTINGS: Changes = {
  account: "123456789012",
  executionRoleName: "news-api-execution",
  "bastion.route": "vpc-endpoints",
  "stateBucket.kmsKeyArn": KEY,
  "clients.api": { securityGroupId: "sg-01234567" },
  "clients.vpc": { vpcCidr: true },
  "database.port": 5433,
  "database.securityGroupName": "news-api-test-database",
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
    securityGroupName: "news-api-test-cache",
    kmsKeyArn: KEY,
    snapshotRetentionDays: 1,
    userGroupId: "news-api-users",
  },
};

const GROUP = "cache.resource.aws_elasticache_replication_group.";

const INSTANCE = "arn:aws:rds:us-east-1:123456789012:db:news-api-db";
const ALARMS = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:database-*";

const trust = (principal: object, source = INSTANCE) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: principal,
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "aws:SourceAccount": "123456789012" },
        ArnLike: { "aws:SourceArn": source },
      },
    },
  });

const memoryAlarm = (node: string) => ({
  metric_name: "DatabaseMemoryUsagePercentage",
  comparison_operator: "GreaterThanThreshold",
  threshold: 90,
  dimensions: { CacheClusterId: node },
  alarm_actions: ["arn:aws:sns:us-east-1:123456789012:alarms"],
});

/** Blocks that no setting creates but a control covers, by path in the stacks' JSON. */
const ADDED: Changes = {
  // The stacks have alarms, so no reason for having none.
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
  // No current provider has it: databases in a VPC have EC2 security groups.
  "database.resource.aws_db_security_group": { classic: { name: "classic" } },
  "database.resource.aws_sns_topic": {
    alarms: { kms_master_key_id: "${aws_kms_key.alarms.arn}" },
  },
  "database.resource.aws_sns_topic_policy": {
    alarms: {
      arn: "${aws_sns_topic.alarms.arn}",
      policy:
        '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Principal" = {"Service" = "cloudwatch.amazonaws.com"}, "Action" = ["sns:Publish"], "Resource" = [aws_sns_topic.alarms.arn], "Condition" = {"StringEquals" = {"aws:SourceAccount" = "123456789012"}, "ArnLike" = {"aws:SourceArn" = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:database-*"}}}, {"Effect" = "Deny", "Principal" = "*", "Action" = ["sns:Publish"], "Resource" = [aws_sns_topic.alarms.arn], "Condition" = {"Bool" = {"aws:SecureTransport" = "false"}}}]})}',
    },
  },
  "database.resource.aws_kms_key": {
    alarms: {
      enable_key_rotation: true,
      policy: trust({ Service: "cloudwatch.amazonaws.com" }, ALARMS),
    },
  },
  "database.resource.aws_iam_role": {
    monitoring: { assume_role_policy: trust({ Service: "monitoring.rds.amazonaws.com" }) },
  },
  "database.resource.aws_iam_openid_connect_provider": {
    github: {
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    },
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
  "cache.resource.aws_ssm_parameter.own.type": "SecureString",
  "cache.resource.aws_ssm_parameter.own.key_id": KEY,
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
  /** `database.resource.aws_db_instance.database.multi_az`; undefined removes it. */
  readonly json?: Changes;
}

type Json = Record<string, Record<string, unknown>>;
export const STACKS = ["database", "cache", "bastion", "bucket"] as const;
export type StackName = (typeof STACKS)[number];

const synthesized = new Map<string, string>();

/** Synthesized once for the same settings, because about a hundred differences are in the JSON only. */
function synthesizedOnce(settings: Changes): Record<StackName, Json> {
  const key = JSON.stringify(
    Object.entries(settings).map(([path, value]) => [path, value ?? null]),
  );
  const text = synthesized.get(key) ?? JSON.stringify(synthesizedJson(environmentWith(settings)));
  synthesized.set(key, text);
  return JSON.parse(text);
}

function newApp(): App {
  return Testing.stubVersion(new App({ stackTraces: false }));
}

/** Testing.synth() omits comments, and with them the reasons from the settings. */
function jsonOf(stack: TerraformStack): Json {
  stack.prepareStack();
  return JSON.parse(JSON.stringify(stack.toTerraform()));
}

function bucketJson(environment: Environment): Json {
  const [{ id = "", ...bucket } = {}] = stateBucketsOf([environment]) as never[];
  return jsonOf(new StateBucketStack(newApp(), `bucket${id}`, bucket as never));
}

function synthesizedJson(environment: Environment): Record<StackName, Json> {
  return {
    database: jsonOf(stackOf(DatabaseStack, environment, { app: newApp(), id: "database" })),
    cache: jsonOf(stackOf(CacheStack, environment, { app: newApp(), id: "cache" })),
    bastion: bastionJson(environment),
    bucket: bucketJson(environment),
  };
}

function bastionJson(environment: Environment): Json {
  const [bastion] = bastionsOf(environment);
  return bastion ? jsonOf(new BastionStack(newApp(), "bastion", { environment, bastion })) : {};
}

/** Sets or removes the value at a dotted path, and creates missing parents. */
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

/** The JSON of an environment's stacks that meet every control, with the difference applied. */
export function hardenedJson({ settings = {}, json = {} }: Difference): Record<StackName, Json> {
  const stacks = synthesizedOnce({ ...SETTINGS, ...settings });
  for (const [path, value] of Object.entries(structuredClone({ ...ADDED, ...json }))) {
    if (!path.startsWith(GROUP) || stacks.cache.resource?.aws_elasticache_replication_group) {
      set(stacks, path, value);
    }
  }
  return stacks;
}

/** The stacks of an environment, unchanged. */
export function stacksOf(environment: Environment): SynthesizedStack[] {
  const stores = dataStoresOf(environment).map((store) => [
    store.name,
    jsonOf(
      store.kind === "database"
        ? new DatabaseStack(newApp(), store.stackId, { environment, store })
        : new CacheStack(newApp(), store.stackId, { environment, store }),
    ),
  ]);
  return named({
    ...Object.fromEntries(stores),
    ...(environment.bastion ? { bastion: bastionJson(environment) } : {}),
    bucket: bucketJson(environment),
  });
}

export function hardenedStacks(difference: Difference = {}): SynthesizedStack[] {
  return named(hardenedJson(difference));
}

function named(stacks: Readonly<Record<string, Json>>): SynthesizedStack[] {
  return Object.entries(stacks).map(([name, json]) => new SynthesizedStack(name, json as never));
}
