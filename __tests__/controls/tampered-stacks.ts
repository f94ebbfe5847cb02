/** Edits of a stack's JSON, by stack and path. `undefined` removes a value, and `+` appends to a list. */
export interface Tampering {
  readonly environment: "dev" | "prod" | "hardened" | "pipeline";
  /** `database.resource.aws_kms_key.data.is_enabled` */
  readonly path: string;
  readonly value: unknown;
}

const FOREIGN = "999999999999";
const ACCOUNT = "123456789012";
const root = (account: string) => ({ type: "AWS", identifiers: [`arn:aws:iam::${account}:root`] });
const policy = (statement: object) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
const cases = (
  environment: Tampering["environment"],
  prefix: string,
  values: Readonly<Record<string, unknown>>,
): Tampering[] =>
  Object.entries(values).map(([path, value]) => ({
    environment,
    path: prefix === "" ? path : `${prefix}.${path}`,
    value,
  }));
const variants = (
  environment: Tampering["environment"],
  path: string,
  values: readonly unknown[],
): Tampering[] => values.map((value) => ({ environment, path, value }));

const UNKNOWN_TOP_LEVEL = {
  module: { evil: { source: "git::https://example.com/evil" } },
  locals: { password: "hunter2" },
  variable: { password: { default: "hunter2" } },
  import: [{ to: "aws_db_instance.database", id: "other" }],
  moved: [{ from: "aws_db_instance.database", to: "aws_db_instance.old" }],
  removed: [{ from: "aws_db_instance.database", lifecycle: { destroy: true } }],
  check: { health: {} },
  resource: [{ aws_kms_grant: { evil: {} } }],
  data: [{ external: { evil: { program: ["sh"] } } }],
  ephemeral: [{ evil: {} }],
  output: [{ evil: { value: "x" } }],
  provider: [{ aws: { region: "us-east-1", access_key: "x" } }],
};

const UNKNOWN_TYPES = {
  "resource.aws_kms_key_policy": { evil: { key_id: "x", policy: policy({ Principal: "*" }) } },
  "resource.aws_kms_grant": {
    evil: { key_id: "x", grantee_principal: `arn:aws:iam::${FOREIGN}:root` },
  },
  "resource.aws_secretsmanager_secret_policy": { evil: { policy: policy({ Principal: "*" }) } },
  "resource.aws_iam_user_policy": { evil: { user: "x", policy: policy({ Action: "*" }) } },
  "resource.aws_iam_user_policy_attachment": { evil: { user: "x", policy_arn: "x" } },
  "resource.aws_iam_group_policy": { evil: { group: "x", policy: "x" } },
  "resource.aws_iam_user": { evil: { name: "evil" } },
  "resource.aws_iam_access_key": { evil: { user: "evil" } },
  "resource.aws_default_security_group": { evil: { ingress: [{ cidr_blocks: ["0.0.0.0/0"] }] } },
  "resource.aws_s3_bucket_acl": { evil: { acl: "public-read" } },
  "resource.aws_s3_object": { evil: { bucket: "x", key: "x" } },
  "resource.aws_lambda_permission": { evil: { principal: "*" } },
  "resource.aws_db_snapshot": { evil: { shared_accounts: [FOREIGN] } },
  "resource.aws_db_snapshot_copy": { evil: { target_region: "eu-west-1" } },
  "resource.aws_db_instance_role_association": { evil: { role_arn: "x" } },
  "resource.aws_network_interface_sg_attachment": { evil: { security_group_id: "x" } },
  "resource.aws_rds_cluster": { evil: { master_password: "hunter2" } },
  "resource.null_resource": { evil: { provisioner: { "local-exec": { command: "id" } } } },
  "resource.aws_lb": { evil: { internal: false } },
  "resource.aws_ssm_document": { evil: { content: "x" } },
  "data.external": { evil: { program: ["sh", "-c", "id"] } },
  "data.http": { evil: { url: "https://example.com" } },
  "data.aws_secretsmanager_secret_version": { evil: { secret_id: "x" } },
  "data.aws_ssm_parameter": { evil: { name: "x" } },
  "ephemeral.aws_kms_secrets": { evil: { secret: [] } },
  "provider.null": [{}],
  "terraform.cloud": { organization: "evil" },
  "terraform.experiments": ["x"],
  "terraform.provider_meta": { aws: {} },
  "terraform.required_providers.aws.source": "evil/aws",
  "terraform.required_providers.null": { source: "hashicorp/null" },
};

const META_ARGUMENTS = {
  "lifecycle.ignore_changes": "all",
  provisioner: { "local-exec": { command: "id" } },
  connection: { host: "example.com" },
  count: 0,
  for_each: { a: "b" },
  provider: "aws.evil",
  dynamic: { ingress: { for_each: ["0.0.0.0/0"], content: {} } },
};

const KEY = "database.resource.aws_kms_key.data";
const KEY_POLICY = "database.data.aws_iam_policy_document.data_key.statement";
const TOPIC_POLICY = "database.data.aws_iam_policy_document.alarms.statement";
const INSTANCE = "database.resource.aws_db_instance.database";
const ROLE = "database.resource.aws_iam_role.database_monitoring";
const RULE = "database.resource.aws_vpc_security_group_ingress_rule.database_from_api";
const BACKEND = "database.terraform.backend";
const GROUP = "cache.resource.aws_elasticache_replication_group.cache";
const BUCKET = "bucket.resource.aws_s3_bucket.state_bucket";
const BASTION = "bastion.resource.aws_instance.bastion";
const EPHEMERAL = "ephemeral.aws_secretsmanager_random_password.master_password_generated";

const trusting = (statement: object) => policy({ Action: "sts:AssumeRole", ...statement });
const GITHUB = "token.actions.githubusercontent.com";
const GITHUB_PROVIDER = "${aws_iam_openid_connect_provider.github.arn}";
const JOBS = {
  StringEquals: {
    [`${GITHUB}:aud`]: "sts.amazonaws.com",
    [`${GITHUB}:sub`]: "repo:acme/news-api:environment:test",
  },
};
const monitoring = { Principal: { Service: "monitoring.rds.amazonaws.com" } };
const sourced = (account: string, arn: string) => ({
  StringEquals: { "aws:SourceAccount": account },
  ArnLike: { "aws:SourceArn": arn },
});

/** Each of them is violated or unknown. */
export const TAMPERED: readonly Tampering[] = [
  ...cases("prod", "database", UNKNOWN_TOP_LEVEL),
  ...cases("dev", "cache", UNKNOWN_TOP_LEVEL),
  ...cases("prod", "database", UNKNOWN_TYPES),
  ...cases("hardened", "bucket", UNKNOWN_TYPES),
  ...[INSTANCE, KEY, GROUP, BUCKET, "database.resource.aws_security_group.database_access"].flatMap(
    (block) => cases("prod", block, META_ARGUMENTS),
  ),
  // Resources written as lists
  ...variants("prod", INSTANCE, [[{ publicly_accessible: true }], null, "x"]),
  ...variants("prod", "database.resource.aws_kms_key", [[{ data: {} }], null]),
  // Providers
  ...cases("prod", "database.provider.aws.0", {
    access_key: "AKIAEXAMPLE",
    secret_key: "x",
    endpoints: [{ rds: "https://evil.example.com" }],
    shared_credentials_files: ["/tmp/x"],
    insecure: true,
    skip_credentials_validation: true,
    alias: "evil",
    allowed_account_ids: undefined,
  }),
  // State
  ...cases("prod", BACKEND, {
    s3: undefined,
    "s3.endpoints": { s3: "https://evil.example.com" },
    "s3.access_key": "x",
    "s3.bucket": "evil-states",
    "s3.key": "news-api/prod/cache.tfstate",
    "s3.skip_s3_checksum": true,
    "s3.encrypt": false,
    "s3.use_lockfile": undefined,
    http: { address: "https://evil.example.com" },
  }),
  ...variants("prod", BACKEND, [
    undefined,
    { http: { address: "https://evil.example.com" } },
    { local: { path: "x" } },
    { consul: {} },
    { remote: {} },
  ]),
  { environment: "dev", path: "cache.terraform.backend", value: { http: {} } },
  // Passwords
  ...variants("prod", `${INSTANCE}.password_wo`, [
    "hunter2",
    `\${true ? "hunter2" : ${EPHEMERAL}.random_password}`,
    `\${coalesce("hunter2", ${EPHEMERAL}.random_password)}`,
    `hunter2\${${EPHEMERAL}.random_password}`,
  ]),
  ...variants("prod", "database.output.evil", [
    { value: "postgresql://newsadmin:hunter2@example.com:5432/newsdb" },
    { value: "${aws_secretsmanager_secret_version.database_url.secret_string}" },
    { value: `\${${EPHEMERAL}.random_password}`, ephemeral: true },
    { value: { url: "redis://:hunter2@example.com" } },
    { value: "${aws_db_instance.database.password}" },
    { value: "${var.password}" },
    { value: "x", sensitive: true },
  ]),
  { environment: "prod", path: `${INSTANCE}.password`, value: "hunter2" },
  ...cases("prod", `database.${EPHEMERAL}`, {
    password_length: 8,
    exclude_lowercase: true,
    exclude_numbers: true,
  }),
  // TLS
  ...variants("prod", "database.resource.aws_db_parameter_group.database_parameters.parameter", [
    [
      { name: "rds.force_ssl", value: "1" },
      { name: "rds.force_ssl", value: "0" },
    ],
    [{ name: "rds.force_ssl", value: "0" }],
    [],
  ]),
  // Keys
  ...cases("prod", KEY, {
    is_enabled: false,
    enable_key_rotation: false,
    deletion_window_in_days: 7,
    bypass_policy_lockout_safety_check: true,
    "lifecycle.prevent_destroy": false,
    lifecycle: undefined,
    policy: undefined,
    multi_region: true,
  }),
  ...cases("prod", KEY_POLICY, {
    "0.principals": [root(FOREIGN)],
    "0.principals.0.identifiers": [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${FOREIGN}:root`],
    "0.actions": ["kms:*"],
    "0.not_actions": ["kms:PutKeyPolicy"],
    "1.condition": undefined,
    "1.condition.0.values": ["*"],
    "1.condition.0.test": "StringLike",
    "2.condition": undefined,
    "2.condition.0.values": [`arn:aws:logs:us-east-1:${FOREIGN}:log-group:*`],
    "3.condition": undefined,
    "3.condition.0.values": [FOREIGN],
    "3.condition.0.test": "StringNotEquals",
    "3.condition.1": undefined,
    "3.condition.1.values": ["*"],
    "4.condition": undefined,
    "4.condition.0.values": [FOREIGN],
    "4.principals.0.identifiers": ["events.rds.amazonaws.com", "cloudwatch.amazonaws.com"],
    "+": {
      effect: "Allow",
      actions: ["kms:Decrypt"],
      resources: ["*"],
      principals: [root(FOREIGN)],
    },
  }),
  // Topics
  ...cases("prod", TOPIC_POLICY, {
    "0.condition": undefined,
    "0.condition.0.values": [FOREIGN],
    "0.condition.0.test": "StringNotEquals",
    "0.principals.0.identifiers": ["lambda.amazonaws.com"],
    "0.condition.1": undefined,
    "0.condition.1.test": "ArnNotLike",
    "0.condition.1.values": [`arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:*`],
    "1.condition": undefined,
    "1.condition.0.values": [FOREIGN],
    "1.principals.0.identifiers": ["events.rds.amazonaws.com", "cloudwatch.amazonaws.com"],
    "2": undefined,
    "2.effect": "Allow",
    "2.condition.0.values": ["true"],
    "+": {
      effect: "Allow",
      actions: ["sns:Subscribe"],
      resources: ["*"],
      principals: [root(FOREIGN)],
    },
  }),
  ...cases("prod", "database.resource", {
    aws_sns_topic_policy: undefined,
    aws_sns_topic_subscription: undefined,
    "aws_sns_topic_subscription.evil": {
      topic_arn: "${aws_sns_topic.alarms.arn}",
      protocol: "sqs",
      endpoint: `arn:aws:sqs:us-east-1:${FOREIGN}:evil`,
    },
    "aws_sns_topic.alarms.kms_master_key_id": undefined,
    "aws_sns_topic.alarms.delivery_policy": "{}",
    "aws_cloudwatch_metric_alarm.database_connections.alarm_actions": [
      `arn:aws:sns:us-east-1:${FOREIGN}:evil`,
    ],
    "aws_cloudwatch_metric_alarm.database_connections.ok_actions": ["arn:aws:lambda:x"],
    "aws_cloudwatch_metric_alarm.database_connections.actions_enabled": false,
    "aws_db_event_subscription.database_events.sns_topic": `arn:aws:sns:us-east-1:${FOREIGN}:evil`,
    "aws_db_event_subscription.database_events.enabled": false,
  }),
  // Roles
  ...variants("prod", `${ROLE}.assume_role_policy`, [
    trusting(monitoring),
    trusting({
      ...monitoring,
      Condition: sourced(FOREIGN, `arn:aws:rds:us-east-1:${FOREIGN}:db:x`),
    }),
    trusting({ ...monitoring, Condition: sourced(ACCOUNT, "*") }),
    trusting({
      ...monitoring,
      Condition: sourced(ACCOUNT, `arn:aws:rds:us-east-1:${ACCOUNT}:db:x-*`),
    }),
    trusting({ Principal: { AWS: `arn:aws:iam::${FOREIGN}:root` } }),
    trusting({ Principal: { AWS: `arn:aws:iam::${FOREIGN}:role/evil` } }),
    trusting({ Principal: { Service: "ec2.amazonaws.com" } }),
    trusting({ Principal: { AWS: "*" } }),
    trusting({ NotPrincipal: { AWS: "x" } }),
    "${var.trust}",
  ]),
  ...cases("prod", ROLE, {
    managed_policy_arns: ["arn:aws:iam::aws:policy/PowerUserAccess"],
    inline_policy: [{ policy: policy({ Action: "*", Resource: "*" }) }],
    permissions_boundary: "x",
  }),
  ...variants(
    "prod",
    "database.resource.aws_iam_role_policy_attachment.database_monitoring.policy_arn",
    [
      "arn:aws:iam::aws:policy/PowerUserAccess",
      "arn:aws:iam::aws:policy/AdministratorAccess",
      "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
      `arn:aws:iam::${FOREIGN}:policy/evil`,
      "${var.policy}",
    ],
  ),
  ...variants("prod", "database.output.execution_role_policy.value.Statement.0", [
    {
      Effect: "Allow",
      Action: ["secretsmanager:G*"],
      Resource: ["${aws_secretsmanager_secret.database_url.arn}"],
    },
    {
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [`arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:*`],
    },
    { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: ["*"] },
    { Effect: "Allow", NotAction: ["iam:*"], Resource: ["x"] },
    { Effect: "Allow", Action: ["iam:PassRole"], Resource: ["arn:aws:iam::123456789012:role/x"] },
  ]),
  // The pipeline's roles
  ...["plan", "apply"].flatMap((role) =>
    variants("pipeline", `permissions.resource.aws_iam_role.${role}.assume_role_policy`, [
      ...[
        "${aws_iam_openid_connect_provider.evil.arn}",
        `arn:aws:iam::${FOREIGN}:oidc-provider/${GITHUB}`,
        `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`,
        "accounts.google.com",
      ].map((Federated) => trusting({ Principal: { Federated }, Condition: JOBS })),
      ...[
        undefined,
        { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" } },
        { StringLike: JOBS.StringEquals },
      ].map((Condition) => trusting({ Principal: { Federated: GITHUB_PROVIDER }, Condition })),
    ]),
  ),
  ...cases("pipeline", "permissions.resource.aws_iam_openid_connect_provider.github", {
    url: "https://evil.example.com",
    client_id_list: ["sts.amazonaws.com", "evil"],
    thumbprint_list: ["x"],
  }),
  // Network
  ...cases("prod", INSTANCE, {
    "vpc_security_group_ids.+": "sg-0123456789abcdef0",
    vpc_security_group_ids: undefined,
    publicly_accessible: true,
    storage_encrypted: false,
    deletion_protection: false,
    skip_final_snapshot: true,
    delete_automated_backups: true,
    backup_retention_period: 0,
    "lifecycle.prevent_destroy": false,
    final_snapshot_identifier: undefined,
    manage_master_user_password: true,
    kms_key_id: `arn:aws:kms:us-east-1:${FOREIGN}:key/evil`,
    performance_insights_kms_key_id: `arn:aws:kms:us-east-1:${FOREIGN}:key/evil`,
    master_user_secret_kms_key_id: `arn:aws:kms:us-east-1:${FOREIGN}:key/evil`,
    monitoring_role_arn: `arn:aws:iam::${FOREIGN}:role/evil`,
    snapshot_identifier: `arn:aws:rds:us-east-1:${FOREIGN}:snapshot:evil`,
    replicate_source_db: `arn:aws:rds:us-east-1:${FOREIGN}:db:evil`,
    domain: "evil",
    s3_import: [{}],
    custom_iam_instance_profile: "x",
  }),
  ...variants("prod", "database.resource.aws_sns_topic.alarms.kms_master_key_id", [
    `arn:aws:kms:us-east-1:${FOREIGN}:key/evil`,
  ]),
  ...cases("prod", RULE, {
    cidr_ipv4: "0.0.0.0/0",
    cidr_ipv6: "::/0",
    ip_protocol: "-1",
    to_port: 65535,
    prefix_list_id: "pl-01234567",
  }),
  ...cases("prod", "database.resource.aws_security_group.database_access", {
    ingress: [{ from_port: 0, to_port: 65535, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] }],
    egress: [{ from_port: 0, to_port: 0, protocol: "-1", cidr_blocks: ["0.0.0.0/0"] }],
  }),
  ...cases("prod", GROUP, {
    "security_group_ids.+": "sg-0123456789abcdef0",
    security_group_ids: undefined,
    transit_encryption_enabled: false,
    at_rest_encryption_enabled: false,
    auth_token: "hunter2",
    kms_key_id: `arn:aws:kms:us-east-1:${FOREIGN}:key/evil`,
    "lifecycle.prevent_destroy": false,
  }),
  // The bastion
  ...cases("hardened", "bastion", UNKNOWN_TYPES),
  ...[BASTION, "bastion.resource.aws_security_group.bastion"].flatMap((block) =>
    cases("hardened", block, META_ARGUMENTS),
  ),
  ...cases("hardened", BASTION, {
    ami: "ami-0123456789abcdef0",
    associate_public_ip_address: true,
    "metadata_options.http_tokens": "optional",
    "root_block_device.encrypted": false,
    ebs_block_device: [{ device_name: "/dev/sdf" }],
    iam_instance_profile: undefined,
    key_name: "somebody",
    user_data: "#!/bin/sh",
    "vpc_security_group_ids.+": "sg-0123456789abcdef0",
  }),
  ...cases("hardened", "bastion.resource", {
    "aws_iam_instance_profile.bastion.role": "administrator",
    "aws_iam_role.bastion.assume_role_policy": trusting({ Principal: { AWS: FOREIGN } }),
    "aws_iam_role_policy_attachment.bastion.policy_arn": "arn:aws:iam::aws:policy/PowerUserAccess",
    "aws_iam_role_policy_attachment.evil": {
      role: "${aws_iam_role.bastion.name}",
      policy_arn: "arn:aws:iam::aws:policy/AmazonS3FullAccess",
    },
    "aws_vpc_security_group_egress_rule.bastion_to_port_6379.cidr_ipv4": "0.0.0.0/0",
    "aws_vpc_security_group_egress_rule.bastion_to_port_443.ip_protocol": "-1",
    "aws_vpc_security_group_ingress_rule.cache_from_bastion.cidr_ipv4": "10.0.0.0/16",
    "aws_vpc_security_group_ingress_rule.cache_from_bastion.to_port": 65535,
    "aws_vpc_security_group_ingress_rule.evil": {
      security_group_id: "${aws_security_group.bastion.id}",
      cidr_ipv4: "10.0.0.0/16",
      description: "ssh",
      ip_protocol: "tcp",
      from_port: 22,
      to_port: 22,
    },
  }),
  ...cases("hardened", "bastion.data", {
    "aws_ssm_parameter.image.name": "/own/image",
    "aws_security_groups.cache.filter.0.values": ["default"],
  }),
  // The state bucket
  ...cases("prod", BUCKET, {
    force_destroy: true,
    "lifecycle.prevent_destroy": false,
    lifecycle: undefined,
    acl: "public-read",
    policy: policy({ Principal: "*" }),
    website: [{}],
  }),
  ...cases("prod", "bucket.resource", {
    "aws_s3_bucket_lifecycle_configuration.state_bucket_lifecycle.rule.0.expiration": [{ days: 1 }],
    "aws_s3_bucket_lifecycle_configuration.state_bucket_lifecycle.rule.0.transition": [{ days: 1 }],
    "aws_s3_bucket_public_access_block.state_bucket_privacy.block_public_acls": false,
    aws_s3_bucket_public_access_block: undefined,
    aws_s3_bucket_policy: undefined,
    aws_s3_bucket_versioning: undefined,
    "aws_s3_bucket_versioning.state_bucket_versioning.versioning_configuration.status": "Suspended",
  }),
  ...cases("prod", "bucket.data.aws_iam_policy_document.tls_only.statement", {
    "0": undefined,
    "0.effect": "Allow",
    "+": { effect: "Allow", actions: ["s3:*"], resources: ["*"], principals: [root(FOREIGN)] },
  }),
];

/** Edits that no control covers, with the reason. */
export const HARMLESS: readonly (Tampering & { readonly why: string })[] = [
  ...cases("prod", "database.resource", {
    "aws_db_instance.database.allocated_storage": 200,
    "aws_security_group.database_access.tags.Owner": "somebody",
    "aws_cloudwatch_metric_alarm.database_connections.threshold": 500,
    "aws_kms_key.data.description": "Encrypts the database",
    "aws_db_event_subscription.database_events.name": "other-name",
  }).map((one) => ({
    ...one,
    why: "size, names, labels and thresholds are the operator's choice",
  })),
  {
    environment: "pipeline",
    path: "permissions.resource.aws_iam_role.apply.assume_role_policy",
    value: trusting({ Principal: { Federated: GITHUB_PROVIDER }, Condition: JOBS }),
    why: "which job of the repository applies is the operator's choice",
  },
  {
    environment: "prod",
    path: "database.//.author",
    value: "somebody",
    why: "Terraform and AWS read no comments",
  },
];
