import { MINIMAL, REPLICATION_GROUP } from "../minimal-environment";
import type { Difference } from "./hardened-stacks";

/** How the stacks meet a control, and how to violate it. */
interface Example {
  /** @default - no difference: the hardened stacks meet it */
  readonly meets?: Difference;
  readonly violates: readonly Difference[];
}

const REASON = "an example, and nothing that anybody would miss";

const INSTANCE = "database.resource.aws_db_instance.database";
const GROUP = "cache.resource.aws_elasticache_replication_group.cache";
const RULE = "database.resource.aws_vpc_security_group_ingress_rule.database_from_api";
const BASTION = "bastion.resource.aws_instance.bastion";
const BASTION_RULE = "bastion.resource.aws_vpc_security_group_ingress_rule.database_from_bastion";
const BASTION_EGRESS = "bastion.resource.aws_vpc_security_group_egress_rule";
const SECURITY_GROUP = "cache.resource.aws_security_group.cache_access";
const TOPIC = "database.resource.aws_sns_topic.alarms";
const LOG = "database.resource.aws_cloudwatch_log_group.database_upgrade_log";
const BUCKET = "bucket.resource.aws_s3_bucket";

const STORAGE_ALARM = "database.resource.aws_cloudwatch_metric_alarm.storage";
const MEMORY_ALARM = "cache.resource.aws_cloudwatch_metric_alarm.memory";
const MONITORING_ROLE = "database.resource.aws_iam_role.monitoring";
const TLS_ONLY = "bucket.data.aws_iam_policy_document.tls_only.statement.0";
const SERVICE_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole";

const settings = (changes: Difference["settings"]): Difference => ({ settings: changes });
const json = (path: string, ...values: unknown[]): Difference[] =>
  values.map((value) => ({ json: { [path]: value } }));
const without = (path: string): Difference => ({ json: { [path]: undefined } });

/** A statement of the policy that the application's execution role gets. */
const allowing = (statement: object): Difference[] => [
  ...json("database.output.execution_role_policy.value.Statement", [
    { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::a"] },
    { Effect: "Allow", ...statement },
  ]),
  ...json("database.resource.aws_iam_role_policy.execution_role.policy", [
    JSON.stringify({ Statement: { Effect: "Allow", ...statement } }),
    "${var.policy}",
    "${jsonencode(local.policy)}",
  ]),
  ...json(
    `${MONITORING_ROLE}.inline_policy`,
    [
      { policy: JSON.stringify({ Statement: [] }) },
      { policy: JSON.stringify({ Statement: { Effect: "Allow", ...statement } }) },
    ],
    { policy: "${var.policy}" },
  ),
];

const trusting = (...principals: unknown[]): Difference[] =>
  principals.flatMap((Principal) =>
    json(
      `${MONITORING_ROLE}.assume_role_policy`,
      JSON.stringify({ Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] }),
    ),
  );

const GITHUB = "token.actions.githubusercontent.com";
const github = (sub: unknown) => ({
  StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:sub`]: sub },
});

const publicPolicy = JSON.stringify({
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

const forEverybody = (Condition: object) =>
  JSON.stringify({
    Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*", Condition }],
  });

/** Conditions that any caller can fulfil. */
const CONDITIONS_FOR_EVERYBODY = [
  { Bool: { "aws:SecureTransport": "true" } },
  { StringNotEquals: { "aws:SourceAccount": "123456789012" } },
  { StringEqualsIfExists: { "aws:SourceAccount": "123456789012" } },
  { "ForAllValues:StringLike": { "aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*" } },
  { StringLike: { "aws:SourceAccount": "*" } },
  { ArnLike: { "aws:SourceArn": ["arn:aws:s3:::a", "arn:*:*:*:*:*"] } },
];

const policyFor = (AWS: string) =>
  JSON.stringify({ Statement: { Effect: "Allow", Principal: { AWS }, Action: "s3:GetObject" } });

const OPEN = [
  { cidr_ipv4: "0.0.0.0/0" },
  { cidr_ipv6: "::/0" },
  { cidr_ipv4: "10.0.0.0/8", cidr_ipv6: "0:0::/0" },
];
const rule = (source: object) => ({
  from_port: 5433,
  to_port: 5433,
  ip_protocol: "tcp",
  description: "an example",
  ...source,
});
const rules = (...sources: object[]) => json(RULE, ...sources.map(rule));
const oldRule = (of: object) =>
  json("cache.resource.aws_security_group_rule", { old: { type: "ingress", ...of } });

const replica = (of: object) =>
  json("database.resource.aws_db_instance.replica", {
    replicate_source_db: "${aws_db_instance.database.identifier}",
    ...of,
  });

export const EXAMPLES: Readonly<Record<string, Example>> = {
  "RDS.2": { violates: json(`${INSTANCE}.publicly_accessible`, true, "true", "${var.public}") },
  "RDS.3": {
    violates: [
      without(`${INSTANCE}.storage_encrypted`),
      ...replica({ storage_encrypted: false }),
      ...json("database.resource.aws_db_instance.replica", {
        replicate_source_db: "arn:aws:rds:eu-west-1:123456789012:db:other",
      }),
    ],
  },
  "RDS.5": { violates: [settings({ "database.multiAz": false })] },
  "RDS.6": {
    violates: [
      settings({ "database.enhancedMonitoring": undefined }),
      ...json(`${INSTANCE}.monitoring_interval`, 0),
      without(`${INSTANCE}.monitoring_role_arn`),
    ],
  },
  "RDS.8": { violates: [without(`${INSTANCE}.deletion_protection`), ...replica({})] },
  "RDS.9": {
    violates: [
      settings({ "database.logExports": [] }),
      settings({ "database.logExports": ["postgresql"] }),
    ],
  },
  "RDS.10": { violates: [settings({ "database.iamAuthentication": false })] },
  "RDS.11": {
    meets: settings({ "database.backupRetentionDays": 7 }),
    violates: [settings({ "database.backupRetentionDays": 6 })],
  },
  "RDS.13": {
    meets: without(`${INSTANCE}.auto_minor_version_upgrade`),
    violates: [settings({ "database.autoMinorVersionUpgrade": false })],
  },
  "RDS.17": { violates: json(`${INSTANCE}.copy_tags_to_snapshot`, false) },
  "RDS.25": { violates: json(`${INSTANCE}.username`, "postgres", undefined) },
  "RDS.38": {
    violates: [
      ...json("database.resource.aws_db_parameter_group.database_parameters.parameter", [
        { name: "rds.force_ssl", value: "0" },
      ]),
      ...json("database.resource.aws_db_parameter_group.database_parameters.parameter", []),
      ...json(`${INSTANCE}.parameter_group_name`, "default.postgres15"),
    ],
  },
  CKV2_AWS_30: {
    violates: [
      settings({ "database.parameters": { log_statement: "ddl" } }),
      settings({ "database.parameters": { log_min_duration_statement: "1" } }),
      settings({
        "database.parameters": { log_statement: "none", log_min_duration_statement: "-1" },
      }),
    ],
  },
  CKV_AWS_353: { violates: [settings({ "database.performanceInsights": undefined })] },
  CKV_AWS_354: { violates: [settings({ "database.performanceInsights": {} })] },
  CKV_AWS_211: { violates: json(`${INSTANCE}.ca_cert_identifier`, "rds-ca-2019", undefined) },
  CKV_AWS_250: {
    meets: settings({
      "database.engineVersion": "13.3",
      "database.existing": true,
      "database.autoMinorVersionUpgrade": false,
    }),
    violates: json(`${INSTANCE}.engine_version`, "13.2", "12", "12.9", "9.6"),
  },
  "MDS.4": {
    violates: json(
      `${INSTANCE}.engine_lifecycle_support`,
      "open-source-rds-extended-support",
      undefined,
    ),
  },
  "MDS.5": {
    violates: [
      ...json(`${INSTANCE}.skip_final_snapshot`, true),
      without(`${INSTANCE}.final_snapshot_identifier`),
    ],
  },
  "MDS.6": { violates: json(`${INSTANCE}.delete_automated_backups`, true, undefined) },
  "MDS.12": {
    meets: without("database.resource.aws_db_event_subscription.database.event_categories"),
    violates: [
      without("database.resource.aws_db_event_subscription"),
      ...json("database.resource.aws_db_event_subscription.database.enabled", false),
      ...json("database.resource.aws_db_event_subscription.database.source_ids", ["other-db"]),
      ...json("database.resource.aws_db_event_subscription.database", {
        name: "news-api-db",
        source_ids: ["other-db"],
      }),
      ...json("database.resource.aws_db_event_subscription.database.event_categories", ["failure"]),
    ],
  },
  "MDS.13": {
    violates: [
      without("database.resource.aws_cloudwatch_metric_alarm"),
      ...json(`${STORAGE_ALARM}.alarm_actions`, []),
      ...json(`${STORAGE_ALARM}.actions_enabled`, false, "false", "${var.enabled}"),
      ...json(`${STORAGE_ALARM}.metric_name`, "ReadIOPS", undefined),
      ...json(
        `${STORAGE_ALARM}.comparison_operator`,
        "GreaterThanThreshold",
        "GreaterThanOrEqualToThreshold",
        undefined,
      ),
      ...json(`${STORAGE_ALARM}.threshold`, 0, undefined, "${var.threshold}"),
      ...json(
        `${STORAGE_ALARM}.dimensions`,
        undefined,
        { DBInstanceIdentifier: "other-db" },
        { DBClusterIdentifier: "${aws_db_instance.database.identifier}" },
        { DBInstanceIdentifier: "${aws_db_instance.database.identifier}", EngineName: "postgres" },
      ),
      ...json(STORAGE_ALARM, {
        alarm_description: "FreeStorageSpace of ${aws_db_instance.database.identifier}",
        metric_name: "ReadIOPS",
        ...{ comparison_operator: "LessThanThreshold", threshold: 1 },
        dimensions: { DBInstanceIdentifier: "${aws_db_instance.database.identifier}" },
        alarm_actions: ["${aws_sns_topic.alarms.arn}"],
      }),
      ...json(STORAGE_ALARM, {
        alarm_description: "${aws_db_instance.database.identifier}",
        metric_name: "FreeStorageSpace",
        ...{ comparison_operator: "LessThanThreshold", threshold: 1 },
        dimensions: { DBInstanceIdentifier: "other-db" },
        alarm_actions: ["${aws_sns_topic.alarms.arn}"],
      }),
      ...replica({ identifier: "news-api-db-replica" }),
    ],
  },
  "MDS.15": { violates: [settings({ "database.maxAllocatedStorageGib": undefined })] },
  "MDS.16": {
    violates: [
      without(LOG),
      ...json(`${LOG}.name`, "/aws/rds/instance/other-db/upgrade"),
      ...json(`${INSTANCE}.identifier`, "${var.identifier}"),
    ],
  },
  "ElastiCache.1": { violates: json(`${GROUP}.snapshot_retention_limit`, 0, undefined) },
  "ElastiCache.2": {
    meets: without(`${GROUP}.auto_minor_version_upgrade`),
    violates: [
      settings({
        cache: { ...REPLICATION_GROUP, engineVersion: "7.1", autoMinorVersionUpgrade: false },
      }),
    ],
  },
  "ElastiCache.3": {
    violates: [settings({ cache: { ...REPLICATION_GROUP, nodes: 1, multiAz: false } })],
  },
  "ElastiCache.4": { violates: json(`${GROUP}.at_rest_encryption_enabled`, "false", undefined) },
  "ElastiCache.5": { violates: json(`${GROUP}.transit_encryption_enabled`, false) },
  "ElastiCache.6": {
    meets: { json: { [`${GROUP}.engine_version`]: "5.0.6", [`${GROUP}.auth_token`]: "${var.t}" } },
    violates: json(`${GROUP}.engine_version`, "5.0.6"),
  },
  "ElastiCache.7": { violates: json(`${GROUP}.subnet_group_name`, "default", undefined) },
  CKV_AWS_31: {
    violates: [
      without(`${GROUP}.user_group_ids`),
      ...json(`${GROUP}.transit_encryption_enabled`, false, undefined),
    ],
  },
  CKV_AWS_191: { violates: [without(`${GROUP}.kms_key_id`)] },
  "MDS.9": {
    violates: [
      settings({ cache: MINIMAL.cache }),
      ...json(`${GROUP}.transit_encryption_mode`, "preferred"),
    ],
  },
  "MDS.14": {
    violates: [
      without("cache.resource.aws_cloudwatch_metric_alarm"),
      without(`${MEMORY_ALARM}_001`),
      without(`${MEMORY_ALARM}_002`),
      ...json(`${GROUP}.num_cache_clusters`, 3, 0, undefined, "${var.nodes}"),
      ...json(`${GROUP}.replication_group_id`, "${var.id}"),
      ...json(`${MEMORY_ALARM}_002.comparison_operator`, "LessThanThreshold"),
      ...json(`${MEMORY_ALARM}_002.threshold`, 0, 100),
      ...json(`${MEMORY_ALARM}_002.metric_name`, "FreeableMemory", "Evictions"),
      ...json(`${MEMORY_ALARM}_002.actions_enabled`, false),
      ...json(
        `${MEMORY_ALARM}_002.dimensions`,
        { CacheClusterId: "news-api-cache-other-001" },
        { ReplicationGroupId: "${aws_elasticache_replication_group.cache.id}" },
      ),
    ],
  },
  "MDS.17": { violates: [settings({ cache: { ...REPLICATION_GROUP, multiAz: false } })] },
  "MDS.18": {
    violates: [
      without(`${GROUP}.log_delivery_configuration`),
      ...json(`${GROUP}.log_delivery_configuration`, [{ log_type: "slow-log" }]),
    ],
  },
  "MDS.1": {
    meets: settings({
      "clients.wide": { cidrIpv4: "10.0.0.0/8", reason: REASON },
      "clients.wide6": { cidrIpv6: "2001:db8::/32" },
    }),
    violates: [
      ...rules(...OPEN),
      ...rules(
        { cidr_ipv4: "0.0.0.0/1" },
        { cidr_ipv4: "128.0.0.0/1" },
        { cidr_ipv4: "8.0.0.0/7" },
      ),
      ...rules({ cidr_ipv6: "2000::/3" }, { cidr_ipv6: "2001::/31" }, { cidr_ipv4: "10.0.0.0" }),
      ...rules({ cidr_ipv4: "${var.network}" }, { prefix_list_id: "pl-01234567" }),
      ...rules({ cidr_ipv4: "${data.aws_vpc.vpc.cidr_block}/0" }),
      ...oldRule({ cidr_blocks: ["10.0.0.0/16", "0.0.0.0/1"] }),
      ...json(`${SECURITY_GROUP}.ingress`, [{ ipv6_cidr_blocks: ["::/0"] }]),
    ],
  },
  "MDS.2": {
    violates: [
      ...rules({ from_port: 0, to_port: 65535 }, { ip_protocol: "-1" }, { to_port: "${var.port}" }),
      ...rules({ from_port: 22, to_port: 22 }, { ip_protocol: "udp" }),
      ...oldRule({ protocol: "tcp", from_port: 0, to_port: 65535, cidr_blocks: ["10.0.0.0/16"] }),
      ...oldRule({ protocol: "-1", from_port: 6379, to_port: 6379 }),
      ...json(`${SECURITY_GROUP}.ingress`, [
        { protocol: "tcp", from_port: 6379, to_port: 6379 },
        { protocol: "tcp", from_port: 0, to_port: 65535, cidr_blocks: ["10.0.0.0/16"] },
      ]),
      ...json(`${BASTION_RULE}.from_port`, 22),
      ...json(
        `${BASTION_RULE}.security_group_id`,
        "sg-01234567",
        "${aws_security_group.bastion.id}",
      ),
      ...json("bastion.data.aws_security_groups.database.filter.0.values", ["other"]),
    ],
  },
  "EC2.18": {
    violates: [
      ...rules(...OPEN),
      ...oldRule({ ipv6_cidr_blocks: ["::/0"] }),
      ...json(`${SECURITY_GROUP}.ingress`, { cidr_blocks: ["0.0.0.0/0"] }),
    ],
  },
  CKV_AWS_382: {
    meets: settings({ "bastion.route": "nat" }),
    violates: [
      ...json(`${BASTION_EGRESS}.out`, { cidr_ipv4: "0.0.0.0/0", from_port: 443, to_port: 443 }),
      ...json("cache.resource.aws_vpc_security_group_egress_rule.out", {
        cidr_ipv4: "0.0.0.0/0",
        security_group_id: "${aws_security_group.cache_access.id}",
        ip_protocol: "tcp",
        from_port: 443,
        to_port: 443,
      }),
      ...json(`${BASTION_EGRESS}.bastion_to_port_443.cidr_ipv4`, "0.0.0.0/0").map((one) => ({
        json: { ...one.json, [`${BASTION_EGRESS}.bastion_to_port_443.to_port`]: 444 },
      })),
      ...json(`${SECURITY_GROUP}.egress`, [{ cidr_blocks: ["0.0.0.0/0"] }]),
      ...oldRule({ type: "egress", cidr_blocks: ["0.0.0.0/0"] }),
      ...json("cache.resource.aws_vpc_security_group_egress_rule", {
        out: { cidr_ipv6: "::/0" },
      }),
    ],
  },
  CKV_AWS_23: {
    violates: [
      without(`${RULE}.description`),
      ...rules({ description: "" }),
      without(`${BASTION_EGRESS}.bastion_to_port_443.description`),
    ],
  },
  "AVD-AWS-0099": {
    violates: json(`${SECURITY_GROUP}.description`, "Managed by Terraform", undefined),
  },
  CKV2_AWS_5: {
    violates: [
      ...json(`${GROUP}.security_group_ids`, ["sg-01234567"]),
      ...json(`${BASTION}.vpc_security_group_ids`, ["sg-01234567"]),
    ],
  },
  "EC2.8": {
    violates: [
      without(`${BASTION}.metadata_options`),
      ...json(`${BASTION}.metadata_options.http_tokens`, "optional", "${var.tokens}"),
    ],
  },
  "EC2.3": {
    violates: [
      without(`${BASTION}.root_block_device`),
      ...json(`${BASTION}.root_block_device.encrypted`, false, undefined),
    ],
  },
  "EC2.9": {
    violates: [
      settings({ "bastion.route": "public-ip" }),
      ...json(`${BASTION}.associate_public_ip_address`, undefined, "${var.public}"),
    ],
  },
  CKV_AWS_135: { violates: json(`${BASTION}.ebs_optimized`, false, undefined) },
  "SSM.1": { violates: [without(`${BASTION}.iam_instance_profile`)] },
  "MDS.26": {
    violates: [
      ...json(`${BASTION}.vpc_security_group_ids`, ["sg-01234567"], undefined),
      ...json("bastion.resource.aws_security_group.bastion.ingress", [{ from_port: 22 }]),
      ...json("bastion.resource.aws_security_group_rule", {
        ssh: { type: "ingress", security_group_id: "${aws_security_group.bastion.id}" },
      }),
      ...json("bastion.resource.aws_vpc_security_group_ingress_rule.ssh", {
        security_group_id: "${aws_security_group.bastion.id}",
        referenced_security_group_id: "${aws_security_group.bastion.id}",
      }),
      ...json(`${BASTION_RULE}.referenced_security_group_id`, "sg-01234567", undefined),
      ...json(`${BASTION_RULE}.cidr_ipv4`, "10.0.0.0/16"),
    ],
  },
  "MDS.27": {
    violates: [
      ...json(`${BASTION_EGRESS}.bastion_to_port_443.from_port`, 22, "${var.port}"),
      ...json(`${BASTION_EGRESS}.bastion_to_port_443.ip_protocol`, "-1"),
      ...json(`${BASTION_EGRESS}.ssh`, { ip_protocol: "tcp", from_port: 22, to_port: 22 }),
    ],
  },
  "MDS.30": {
    meets: settings({
      "database.kept": { tags: true, engineVersion: true },
      cache: { ...REPLICATION_GROUP, kept: { tags: true } },
    }),
    violates: [
      ...json(`${INSTANCE}.lifecycle.ignore_changes`, "all", ["engine_version", "kms_key_id"]),
      ...json(`${GROUP}.lifecycle`, { ignore_changes: "all" }),
      ...json(`${RULE}.lifecycle.ignore_changes`, ["cidr_ipv4"]),
    ],
  },
  "MDS.28": {
    violates: [
      ...json(`${BASTION}.ami`, "ami-0123456789abcdef0", undefined),
      ...json(`${BASTION}.lifecycle.ignore_changes`, "all", ["metadata_options"]),
      ...json("bastion.data.aws_ssm_parameter.image.name", "/own/image", "${var.image}"),
      ...json("bastion.resource.aws_iam_instance_profile.bastion.role", "administrator"),
      ...json(
        "bastion.resource.aws_iam_role_policy_attachment.bastion.policy_arn",
        "arn:aws:iam::aws:policy/PowerUserAccess",
        "${var.policy}",
      ),
      ...json("bastion.resource.aws_iam_role_policy", {
        own: { role: "${aws_iam_role.bastion.id}", policy: publicPolicy },
      }),
    ],
  },
  "S3.8": {
    violates: [
      without(`${BUCKET}_public_access_block`),
      ...["block_public_acls", "block_public_policy", "ignore_public_acls"].flatMap((name) =>
        json(`${BUCKET}_public_access_block.state_bucket_privacy.${name}`, false, undefined),
      ),
      ...json(`${BUCKET}_public_access_block.state_bucket_privacy.restrict_public_buckets`, false),
      ...json(`${BUCKET}_public_access_block.state_bucket_privacy.bucket`, "other-bucket"),
    ],
  },
  "S3.5": {
    meets: {
      json: {
        [`${TLS_ONLY}.actions`]: ["s3:*", "kms:*"],
        [`${TLS_ONLY}.resources`]: [
          "arn:aws:s3:::news-api-test-state",
          "${aws_s3_bucket.state_bucket.arn}/*",
        ],
      },
    },
    violates: [
      without(`${BUCKET}_policy`),
      without("bucket.data.aws_iam_policy_document.tls_only.statement"),
      ...json(
        `${TLS_ONLY}.resources`,
        ["${aws_s3_bucket.state_bucket.arn}"],
        ["${aws_s3_bucket.state_bucket.arn}/*"],
        ["${aws_s3_bucket.other.arn}", "${aws_s3_bucket.other.arn}/*"],
        ["arn:aws:s3:::other", "arn:aws:s3:::other/*"],
        ["${aws_s3_bucket.state_bucket.arn}", "${aws_s3_bucket.other.arn}/*"],
        ["${aws_s3_bucket.state_bucket.arn}", "${aws_s3_bucket.state_bucket.arn}/states/*"],
      ),
      ...["not_actions", "not_resources", "not_principals"].flatMap((name) =>
        json(`${TLS_ONLY}.${name}`, ["a"]),
      ),
      ...json(
        `${TLS_ONLY}.condition`,
        [],
        [
          { test: "Bool", variable: "aws:SecureTransport", values: ["false"] },
          { test: "StringEquals", variable: "aws:PrincipalAccount", values: ["123456789012"] },
        ],
        [{ test: "Null", variable: "aws:SecureTransport", values: ["false"] }],
        [{ test: "Bool", variable: "aws:ViaAWSService", values: ["false"] }],
        [{ test: "Bool", variable: "aws:SecureTransport", values: ["true"] }],
      ),
      ...json(`${TLS_ONLY}.actions`, ["s3:GetObject"]),
      ...json(`${TLS_ONLY}.principals`, [{ type: "AWS", identifiers: ["123456789012"] }]),
      ...json(`${TLS_ONLY}.effect`, "Allow"),
      ...json("bucket.data.aws_iam_policy_document.tls_only.override_policy_documents", ["{}"]),
    ],
  },
  "S3.6": {
    meets: {
      json: {
        "bucket.provider.aws.0.allowed_account_ids": ["111111111111", "222222222222"],
        [`${BUCKET}_policy.state_bucket_policy.policy`]: policyFor(
          "arn:aws:iam::222222222222:root",
        ),
      },
    },
    violates: [
      ...json(`${BUCKET}_policy.state_bucket_policy.policy`, publicPolicy, "${var.policy}"),
      ...json(
        `${BUCKET}_policy.state_bucket_policy.policy`,
        policyFor("arn:aws:iam::999999999999:root"),
      ),
    ],
  },
  "S3.9": { violates: [without(`${BUCKET}_logging`)] },
  "S3.11": { violates: [without(`${BUCKET}_notification`)] },
  "S3.12": {
    violates: json(`${BUCKET}_ownership_controls.state_bucket_ownership.rule`, {
      object_ownership: "ObjectWriter",
    }),
  },
  "S3.13": {
    violates: [
      without(`${BUCKET}_lifecycle_configuration`),
      ...json(`${BUCKET}_lifecycle_configuration.state_bucket_lifecycle.rule.0.status`, "Disabled"),
      ...json(`${BUCKET}_lifecycle_configuration.state_bucket_lifecycle.rule.1`, {
        status: "Disabled",
        noncurrent_version_expiration: [{ noncurrent_days: 1 }],
      }),
      without(
        `${BUCKET}_lifecycle_configuration.state_bucket_lifecycle.rule.0.noncurrent_version_expiration`,
      ),
    ],
  },
  CKV_AWS_300: {
    violates: [
      without(
        `${BUCKET}_lifecycle_configuration.state_bucket_lifecycle.rule.0.abort_incomplete_multipart_upload`,
      ),
    ],
  },
  "S3.14": {
    violates: [
      without(`${BUCKET}_versioning`),
      ...json(
        `${BUCKET}_versioning.state_bucket_versioning.versioning_configuration.status`,
        "Suspended",
      ),
    ],
  },
  CKV_AWS_19: { violates: [without(`${BUCKET}_server_side_encryption_configuration`)] },
  "S3.17": { violates: [settings({ "stateBucket.kmsKeyArn": undefined })] },
  "MDS.10": {
    violates: [
      without(`${BUCKET}.state_bucket.lifecycle`),
      ...json(`${BUCKET}.state_bucket.lifecycle.prevent_destroy`, false),
    ],
  },
  "MDS.7": {
    violates: [
      without("database.terraform.backend.s3.use_lockfile"),
      ...json("cache.terraform.backend.s3.encrypt", false),
      ...json("cache.terraform.backend", { local: { path: "terraform.tfstate" } }),
      ...json("cache.terraform.backend.s3.key", "news-api/test/database.tfstate"),
    ],
  },
  "MDS.3": {
    violates: [
      ...json(`${INSTANCE}.password`, "hunter2", "${var.password}"),
      ...json(`${INSTANCE}.password_wo`, "hunter2", "${var.password}"),
      ...json(
        "database.resource.aws_secretsmanager_secret_version.database_url.secret_string",
        "postgresql://newsadmin:hunter2@db/postgres",
      ),
      ...json(
        "database.resource.aws_secretsmanager_secret_version.database_url.secret_string_wo",
        "postgresql://newsadmin:hunter2@db/postgres",
      ),
      ...json(`${GROUP}.auth_token`, "hunter2"),
      ...json(
        "database.ephemeral.aws_secretsmanager_random_password.master_password_generated.password_length",
        ...[19, null],
      ),
      ...json("cache.resource.aws_elasticache_user.application.authentication_mode", {
        type: "password",
        passwords: ["hunter2"],
      }),
      ...["value", "insecure_value", "value_wo"].flatMap((name) =>
        json(
          `cache.resource.aws_ssm_parameter.own.${name}`,
          "rediss://news-api:hunter2@cache:6379",
          "rediss://:${random_password.cache.result}@cache:6379",
        ),
      ),
    ],
  },
  CKV_AWS_149: { violates: [settings({ "database.credentials": { kind: "secret" } })] },
  "MDS.11": {
    violates: json(
      "database.resource.aws_secretsmanager_secret.database_url.recovery_window_in_days",
      0,
      undefined,
    ),
  },
  CKV2_AWS_34: {
    violates: json("cache.resource.aws_ssm_parameter.own.type", "String"),
  },
  CKV_AWS_337: {
    violates: [without("cache.resource.aws_ssm_parameter.own.key_id")],
  },
  "KMS.4": { violates: [without("database.resource.aws_kms_key.alarms.enable_key_rotation")] },
  CKV_AWS_66: { violates: json(`${LOG}.retention_in_days`, 0, undefined) },
  "CloudWatch.16": { violates: json(`${LOG}.retention_in_days`, 364) },
  CKV_AWS_158: { violates: [without(`${LOG}.kms_key_id`)] },
  "RDS.20": {
    violates: json("database.resource.aws_db_event_subscription.database.event_categories", [
      "failure",
    ]),
  },
  "RDS.21": {
    violates: [
      without("database.resource.aws_db_event_subscription.parameters"),
      ...json("database.resource.aws_db_event_subscription.parameters.event_categories", ["a"]),
    ],
  },
  "RDS.22": {
    violates: [
      without("database.resource.aws_db_event_subscription.security_groups"),
      ...json("database.resource.aws_db_event_subscription.security_groups.event_categories", [
        "failure",
      ]),
      ...json("database.resource.aws_db_event_subscription.security_groups.enabled", false),
    ],
  },
  "CloudWatch.15": { violates: json(`${STORAGE_ALARM}.alarm_actions`, undefined, []) },
  "CloudWatch.17": { violates: json(`${STORAGE_ALARM}.actions_enabled`, false) },
  "SNS.1": { violates: [without("database.resource.aws_sns_topic.alarms.kms_master_key_id")] },
  "AVD-AWS-0136": {
    violates: json(
      "database.resource.aws_sns_topic.alarms.kms_master_key_id",
      "alias/aws/sns",
      undefined,
    ),
  },
  "SNS.4": {
    meets: {
      json: {
        "database.resource.aws_sns_topic_policy.alarms.policy": forEverybody({
          ...{ Bool: { "aws:SecureTransport": "true" } },
          StringEquals: { "AWS:SourceOwner": "123456789012" },
        }),
      },
    },
    violates: [
      ...json("database.resource.aws_sns_topic_policy.alarms.policy", publicPolicy, "${var.p}"),
      ...json(
        "database.resource.aws_sns_topic_policy.alarms.policy",
        ...CONDITIONS_FOR_EVERYBODY.map(forEverybody),
      ),
      ...json("database.resource.aws_sns_topic.alarms.policy", publicPolicy),
    ],
  },
  "IAM.1": { violates: allowing({ Action: "*", Resource: "*" }) },
  "IAM.21": {
    violates: [
      ...allowing({ Action: ["s3:GetObject", "rds:*"], Resource: "arn:aws:s3:::a" }),
      ...allowing({ NotAction: "iam:*", Resource: "arn:aws:s3:::a" }),
      ...json("database.data.aws_iam_policy_document.monitoring.statement.0.not_actions", ["s3:*"]),
    ],
  },
  CKV_AWS_355: {
    violates: [
      ...allowing({ Action: "s3:GetObject", Resource: ["*"] }),
      ...json("database.data.aws_iam_policy_document.monitoring.statement.0.resources", ["*"]),
    ],
  },
  "KMS.2": {
    violates: [
      ...allowing({ Action: "kms:Decrypt", Resource: "*" }),
      ...allowing({ Action: "kms:*", Resource: "arn:aws:kms:us-east-1:123456789012:key/*" }),
    ],
  },
  CKV_AWS_60: { violates: trusting("*", { AWS: "*" }, { Service: ["a", "*"] }) },
  CKV_AWS_61: { violates: trusting({ AWS: "123456789012" }, { AWS: "arn:aws:iam::1:root" }) },
  CKV_AWS_358: {
    violates: [
      {},
      { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" } },
      { StringEquals: { [`${GITHUB}:sub`]: "repo:acme/news-api:environment:prod" } },
      github("repo:acme/*"),
      github(["repo:acme/news-api:environment:prod", "repo:acme/news-api:*"]),
      { StringLike: github("repo:acme/news-api:environment:prod").StringEquals },
    ].flatMap((Condition) =>
      json(
        `${MONITORING_ROLE}.assume_role_policy`,
        JSON.stringify({
          Statement: {
            Effect: "Allow",
            Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${GITHUB}` },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition,
          },
        }),
      ),
    ),
  },
  CKV_AWS_274: {
    violates: [
      "arn:aws:iam::aws:policy/AdministratorAccess",
      "arn:aws:iam::aws:policy/IAMFullAccess",
      "arn:aws-us-gov:iam::aws:policy/AdministratorAccess",
      "arn:aws-cn:iam::aws:policy/IAMFullAccess",
    ].flatMap((arn) => [
      ...json("database.resource.aws_iam_role_policy_attachment.monitoring.policy_arn", arn),
      ...json("database.resource.aws_iam_policy_attachment", { all: { policy_arn: arn } }),
      ...json("database.resource.aws_iam_role_policy_attachments_exclusive", {
        all: { policy_arns: [SERVICE_POLICY, arn] },
      }),
      ...json(`${MONITORING_ROLE}.managed_policy_arns`, [SERVICE_POLICY, arn]),
    ]),
  },
  CKV2_AWS_64: { violates: [without("database.resource.aws_kms_key.alarms.policy")] },
  "KMS.5": {
    meets: {
      json: {
        "database.resource.aws_kms_key.alarms.policy": forEverybody({
          StringEquals: { "kms:CallerAccount": "123456789012" },
        }),
      },
    },
    violates: json(
      "database.resource.aws_kms_key.alarms.policy",
      ...[publicPolicy, "${var.policy}"],
      ...CONDITIONS_FOR_EVERYBODY.map(forEverybody),
    ),
  },
  "MDS.8": { violates: [settings({ account: undefined })] },
  "MDS.19": {
    violates: [
      ...json("database.module", { evil: { source: "./evil" } }),
      ...json("cache.resource.aws_kms_grant", { evil: { key_id: "x" } }),
      ...json(`${INSTANCE}.domain`, "example.com"),
    ],
  },
  "MDS.20": {
    violates: [
      ...trusting({ Service: "monitoring.rds.amazonaws.com" }, { Service: "ec2.amazonaws.com" }),
      ...trusting(
        ...[
          `arn:aws:iam::999999999999:oidc-provider/${GITHUB}`,
          "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
          "arn:aws:iam::123456789012:saml-provider/everybody",
          "cognito-identity.amazonaws.com",
          "${aws_iam_role.own.arn}",
        ].map((Federated) => ({ Federated })),
      ),
      ...json("database.resource.aws_kms_key.own.policy", "${var.policy}"),
      without("bastion.resource.aws_iam_instance_profile"),
    ],
  },
  "MDS.21": {
    meets: settings({ alarms: { emails: ["ops@example.com"] }, reasons: undefined }),
    violates: [
      ...json(`${STORAGE_ALARM}.alarm_actions`, ["arn:aws:sns:us-east-1:999999999999:alarms"]),
      ...json("database.resource.aws_sns_topic.own", { name: "alarms" }),
    ],
  },
  "MDS.22": {
    meets: settings({ alarms: { emails: ["ops@example.com"] }, reasons: undefined }),
    violates: json("database.resource.aws_sns_topic.own", { name: "alarms" }),
  },
  "MDS.23": {
    violates: [
      ...json("database.resource.aws_iam_role_policy_attachment.own", {
        role: "x",
        policy_arn: "arn:aws:iam::aws:policy/PowerUserAccess",
      }),
      ...json("database.resource.aws_iam_role_policy_attachment.own", {
        role: "${aws_iam_role.monitoring.name}",
        policy_arn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
      }),
      ...json("database.output.execution_role_policy.value.Statement", [
        { Effect: "Allow", Action: ["secretsmanager:G*"], Resource: ["arn:aws:s3:::a"] },
      ]),
      ...json("database.resource.aws_iam_role_policy.execution_role.policy", "${var.policy}"),
    ],
  },
  "MDS.24": {
    violates: [
      without(`${INSTANCE}.vpc_security_group_ids`),
      ...[undefined, ["sg-01234567"]].flatMap((groups) =>
        json("database.resource.aws_db_instance.replica", {
          replicate_source_db: "${aws_db_instance.database.identifier}",
          vpc_security_group_ids: groups,
        }),
      ),
      ...json(`${GROUP}.security_group_ids`, ["sg-01234567"]),
      ...json(`${BASTION}.vpc_security_group_ids`, ["sg-01234567"]),
    ],
  },
  "MDS.25": {
    meets: {
      json: {
        [`${INSTANCE}.kms_key_id`]: "${aws_kms_key.own.arn}",
        "database.resource.aws_kms_key.own": {},
      },
    },
    violates: [
      {
        json: {
          [`${INSTANCE}.kms_key_id`]: "${aws_kms_key.own.arn}",
          "database.resource.aws_kms_key.own": { lifecycle: { prevent_destroy: true } },
        },
      },
    ],
  },
  "MDS.29": {
    violates: [
      ...json(`${INSTANCE}.kms_key_id`, "arn:aws:kms:us-east-1:999999999999:key/other"),
      ...json(`${INSTANCE}.monitoring_role_arn`, "arn:aws:iam::999999999999:role/other"),
      ...json(
        `${INSTANCE}.snapshot_identifier`,
        "arn:aws:rds:us-east-1:999999999999:snapshot:other",
      ),
      ...json(
        `${INSTANCE}.master_user_secret_kms_key_id`,
        "arn:aws:kms:us-east-1:999999999999:key/other",
      ),
      ...json(`${GROUP}.kms_key_id`, "arn:aws:kms:us-east-1:999999999999:key/other"),
      ...json(`${TOPIC}.kms_master_key_id`, "arn:aws:kms:us-east-1:999999999999:key/other"),
    ],
  },
};
