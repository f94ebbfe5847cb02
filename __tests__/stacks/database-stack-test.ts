import "../cdktf-matchers";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DataAwsSubnets } from "@cdktf/provider-aws/lib/data-aws-subnets";
import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { DatabaseStack } from "../../stacks/database-stack";
import { type Changes, environmentWith } from "../minimal-environment";
import { type SynthesizedStack, stackOf, synthesized } from "../synthesized";

const REASON = "a scratch database that is rebuilt every night";
const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

const ROLE = "arn:aws:iam::123456789012:role/rds-monitoring";
const RESOURCE = `db-${"A1".repeat(13)}`;
const BACKUPS = "arn:aws:rds:us-east-1:123456789012:auto-backup:ab-l2ijcexjp7xq7hoj4s";

const synth = (changes: Changes = {}): SynthesizedStack => synthesized(DatabaseStack, changes);
const instance = (changes: Changes = {}) => synth(changes).resource.aws_db_instance?.database;

test("the stack has exactly these resources, at these addresses", () => {
  expect(synth({ "clients.api": { securityGroupId: "sg-01234567" } }).addresses).toEqual([
    "aws_cloudwatch_log_group.database_postgresql_log",
    "aws_cloudwatch_log_group.database_upgrade_log",
    "aws_db_instance.database",
    "aws_db_parameter_group.database_parameters",
    "aws_db_subnet_group.database_subnets",
    "aws_secretsmanager_secret.database_url",
    "aws_secretsmanager_secret.master_password",
    "aws_secretsmanager_secret_version.database_url",
    "aws_secretsmanager_secret_version.master_password",
    "aws_security_group.database_access",
    "aws_vpc_security_group_ingress_rule.database_from_api",
    "terraform_data.database_url_shape",
    "terraform_data.final_snapshot",
  ]);
});

test("the instance of a minimal environment is ready for production", () => {
  expect(instance()).toEqual({
    identifier: "news-api-db",
    engine: "postgres",
    engine_version: "15",
    engine_lifecycle_support: "open-source-rds-extended-support-disabled",
    auto_minor_version_upgrade: true,
    instance_class: "db.t4g.micro",
    allocated_storage: 20,
    storage_type: "gp3",
    storage_encrypted: true,
    username: "newsadmin",
    password_wo:
      "${ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_string}",
    password_wo_version: 1,
    port: 5432,
    multi_az: true,
    publicly_accessible: false,
    db_subnet_group_name: "${aws_db_subnet_group.database_subnets.name}",
    parameter_group_name: "${aws_db_parameter_group.database_parameters.name}",
    vpc_security_group_ids: ["${aws_security_group.database_access.id}"],
    ca_cert_identifier: "rds-ca-rsa2048-g1",
    copy_tags_to_snapshot: true,
    apply_immediately: false,
    backup_retention_period: 30,
    delete_automated_backups: false,
    deletion_protection: true,
    skip_final_snapshot: false,
    final_snapshot_identifier: "news-api-db-final-${terraform_data.final_snapshot.id}",
    enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
    depends_on: [
      "aws_cloudwatch_log_group.database_postgresql_log",
      "aws_cloudwatch_log_group.database_upgrade_log",
    ],
  });
});

test.each<[Changes, Record<string, unknown>]>([
  [{ "database.identifier": "other-db" }, { identifier: "other-db" }],
  [
    { "database.engineVersion": "16.13", "database.autoMinorVersionUpgrade": false },
    { engine_version: "16.13", auto_minor_version_upgrade: false },
  ],
  [{ "database.instanceClass": "db.m7g.large" }, { instance_class: "db.m7g.large" }],
  [
    { "database.allocatedStorageGib": 100, "database.maxAllocatedStorageGib": 200 },
    { allocated_storage: 100, max_allocated_storage: 200 },
  ],
  [
    {
      "database.allocatedStorageGib": 400,
      "database.iops": 16000,
      "database.storageThroughputMibps": 1000,
    },
    { iops: 16000, storage_throughput: 1000 },
  ],
  [{ "database.storageType": "gp2" }, { storage_type: "gp2" }],
  [{ "database.kmsKeyArn": KMS }, { kms_key_id: KMS }],
  [
    { "database.storageEncrypted": false, "database.reasons.storageEncrypted": REASON },
    { storage_encrypted: false },
  ],
  [{ "database.username": "other" }, { username: "other" }],
  [{ "database.dbName": "newsdb" }, { db_name: "newsdb" }],
  [{ "database.port": 5433 }, { port: 5433 }],
  [
    { "database.multiAz": false, "database.availabilityZone": "us-east-1b" },
    { multi_az: false, availability_zone: "us-east-1b" },
  ],
  [{ "database.backupRetentionDays": 7 }, { backup_retention_period: 7 }],
  [
    {
      "database.backupWindow": "03:00-04:00",
      "database.maintenanceWindow": "sun:04:00-sun:05:00",
    },
    { backup_window: "03:00-04:00", maintenance_window: "sun:04:00-sun:05:00" },
  ],
  [
    { "database.deletionProtection": false, "database.reasons.deletionProtection": REASON },
    { deletion_protection: false },
  ],
  [{ "database.preventDestroy": true }, { lifecycle: { prevent_destroy: true } }],
  [
    {
      "database.blueGreenUpdate": true,
      "database.applyImmediately": true,
      "database.reasons.blueGreenUpdate": REASON,
    },
    { blue_green_update: { enabled: true }, apply_immediately: true },
  ],
  [
    { "database.caCertificateIdentifier": "rds-ca-ecc384-g1" },
    { ca_cert_identifier: "rds-ca-ecc384-g1" },
  ],
  [{ "database.logExports": ["upgrade"] }, { enabled_cloudwatch_logs_exports: ["upgrade"] }],
  [{ "database.credentials": { kind: "secret", passwordVersion: 4 } }, { password_wo_version: 4 }],
  [
    { "database.allowMajorVersionUpgrade": true, "database.applyImmediately": true },
    { allow_major_version_upgrade: true, apply_immediately: true },
  ],
  [{ "database.applyImmediately": true }, { apply_immediately: true }],
  [{ "database.iamAuthentication": true }, { iam_database_authentication_enabled: true }],
  [
    { "database.enhancedMonitoring": { intervalSeconds: 60, roleArn: ROLE } },
    { monitoring_interval: 60, monitoring_role_arn: ROLE },
  ],
  [
    { "database.performanceInsights": {} },
    {
      performance_insights_enabled: true,
      performance_insights_retention_period: 7,
      database_insights_mode: "standard",
    },
  ],
  [
    {
      "database.performanceInsights": { retentionDays: 465, mode: "advanced", kmsKeyArn: KMS },
    },
    {
      performance_insights_enabled: true,
      performance_insights_retention_period: 465,
      performance_insights_kms_key_id: KMS,
      database_insights_mode: "advanced",
    },
  ],
  [
    { "database.restoreFrom": { kind: "snapshot", snapshotIdentifier: "before" } },
    { snapshot_identifier: "before" },
  ],
  [
    { "database.restoreFrom": { kind: "point-in-time", sourceIdentifier: "other-db" } },
    {
      restore_to_point_in_time: {
        source_db_instance_identifier: "other-db",
        use_latest_restorable_time: true,
      },
    },
  ],
  [
    {
      "database.restoreFrom": {
        kind: "point-in-time",
        sourceResourceId: RESOURCE,
        time: "2026-05-31T09:45:00Z",
      },
    },
    {
      restore_to_point_in_time: {
        source_dbi_resource_id: RESOURCE,
        restore_time: "2026-05-31T09:45:00Z",
      },
    },
  ],
  [
    { "database.restoreFrom": { kind: "point-in-time", automatedBackupsArn: BACKUPS } },
    {
      restore_to_point_in_time: {
        source_db_instance_automated_backups_arn: BACKUPS,
        use_latest_restorable_time: true,
      },
    },
  ],
  [
    { "database.finalSnapshotPrefix": "Last" },
    { final_snapshot_identifier: "Last-${terraform_data.final_snapshot.id}" },
  ],
])("%j reaches the instance", (changes, attributes) => {
  expect(instance(changes)).toMatchObject(attributes);
});

test.each([
  { kind: "snapshot", snapshotIdentifier: "before" },
  { kind: "point-in-time", sourceIdentifier: "other-db" },
])("an instance restored from %j gets no database name", (restoreFrom) => {
  const changes = { "database.dbName": "newsdb" };
  expect(instance(changes)).toHaveProperty("db_name");
  expect(instance({ ...changes, "database.restoreFrom": restoreFrom })).not.toHaveProperty(
    "db_name",
  );
});

test("without exported logs there are no log groups and no dependencies on them", () => {
  const stack = synth({ "database.logExports": [] });
  expect(stack.resource.aws_cloudwatch_log_group).toBeUndefined();
  expect(Object.keys(stack.resource.aws_db_instance?.database ?? {})).not.toEqual(
    expect.arrayContaining(["enabled_cloudwatch_logs_exports"]),
  );
  expect(stack.resource.aws_db_instance?.database).not.toHaveProperty("depends_on");
});

test("the log groups have RDS's names and a retention period", () => {
  expect(synth({ "database.logRetentionDays": 90 }).json).toHaveResourceWithProperties(
    CloudwatchLogGroup,
    { name: "/aws/rds/instance/news-api-db/postgresql", retention_in_days: 90 },
  );
});

const MONITORED = { "database.enhancedMonitoring": { intervalSeconds: 60 } };

/** The argument of jsonencode(), which cdktf writes as HCL. */
function trustOf(stack: SynthesizedStack): unknown {
  const text = String(stack.resource.aws_iam_role?.database_monitoring?.assume_role_policy);
  const [, inner = ""] = /^\$\{jsonencode\((.*)\)\}$/s.exec(text) ?? [];
  return JSON.parse(inner.replaceAll('" = ', '": '));
}

test("the monitoring role belongs to the stack and is for this database only", () => {
  const stack = synth({ ...MONITORED, account: "123456789012" });
  expect(stack.addresses).toEqual(
    expect.arrayContaining([
      "aws_iam_role.database_monitoring",
      "aws_iam_role_policy_attachment.database_monitoring",
    ]),
  );
  expect(stack.resource.aws_iam_role?.database_monitoring).toMatchObject({
    name: "stack-monitoring",
  });
  const database = "arn:aws:rds:us-east-1:123456789012:db:news-api-db";
  expect(trustOf(stack)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "monitoring.rds.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": "123456789012" },
          ArnLike: { "aws:SourceArn": [database, `${database}-green-??????`] },
        },
      },
    ],
  });
  expect(stack.resource.aws_iam_role_policy_attachment?.database_monitoring).toEqual({
    role: "${aws_iam_role.database_monitoring.name}",
    policy_arn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
  });
  expect(stack.resource.aws_db_instance?.database).toMatchObject({
    monitoring_interval: 60,
    monitoring_role_arn: "${aws_iam_role.database_monitoring.arn}",
    depends_on: expect.arrayContaining(["aws_iam_role_policy_attachment.database_monitoring"]),
  });
  expect(stack.data).toEqual({});
});

test("the role's account is looked up if the settings do not name it", () => {
  const stack = synth({ ...MONITORED, region: "cn-north-1" });
  expect(stack.data).toEqual({ aws_caller_identity: { account: {} } });
  expect(stack.json).toContain("arn:aws-cn:iam::aws:policy/service-role/");
  expect(stack.json).toContain(
    "arn:aws-cn:rds:cn-north-1:${data.aws_caller_identity.account.account_id}:db:news-api-db",
  );
});

test("the account is looked up once, for the role and for the topic", () => {
  const stack = synth({
    "database.enhancedMonitoring": { intervalSeconds: 60 },
    alarms: {},
    "reasons.alarms": undefined,
  });
  expect(stack.data.aws_caller_identity).toEqual({ account: {} });
});

test("a role in the settings is used, and none is created", () => {
  const stack = synth({
    "database.enhancedMonitoring": { intervalSeconds: 60, roleArn: ROLE },
    "database.readReplicas": { reports: { monitoringIntervalSeconds: 1 } },
  });
  expect(stack.resource.aws_iam_role).toBeUndefined();
  expect(stack.resource.aws_db_instance?.database_replica_reports).toMatchObject({
    monitoring_interval: 1,
    monitoring_role_arn: ROLE,
  });
});

test("a replica references its instance and has its own address", () => {
  const stack = synth({ "database.readReplicas": { for_reports: {} } });
  expect(stack.addresses).toEqual(
    expect.arrayContaining([
      "aws_cloudwatch_log_group.database_replica_for_reports_postgresql_log",
      "aws_cloudwatch_log_group.database_replica_for_reports_upgrade_log",
      "aws_db_instance.database_replica_for_reports",
    ]),
  );
  expect(stack.resource.aws_db_instance?.database_replica_for_reports).toEqual({
    identifier: "news-api-db-for-reports",
    replicate_source_db: "${aws_db_instance.database.identifier}",
    instance_class: "db.t4g.micro",
    allocated_storage: 20,
    multi_az: false,
    publicly_accessible: false,
    vpc_security_group_ids: ["${aws_security_group.database_access.id}"],
    parameter_group_name: "${aws_db_parameter_group.database_parameters.name}",
    ca_cert_identifier: "rds-ca-rsa2048-g1",
    auto_minor_version_upgrade: true,
    apply_immediately: false,
    deletion_protection: true,
    copy_tags_to_snapshot: true,
    storage_type: "gp3",
    storage_encrypted: true,
    skip_final_snapshot: true,
    enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
    depends_on: [
      "aws_cloudwatch_log_group.database_replica_for_reports_postgresql_log",
      "aws_cloudwatch_log_group.database_replica_for_reports_upgrade_log",
    ],
    lifecycle: { replace_triggered_by: ["aws_db_instance.database.id"] },
  });
  expect(stack.resource.aws_cloudwatch_log_group?.database_replica_for_reports_upgrade_log).toEqual(
    { name: "/aws/rds/instance/news-api-db-for-reports/upgrade", retention_in_days: 30 },
  );
  expect(stack.output.database_replica_addresses).toEqual({
    value: { for_reports: "${aws_db_instance.database_replica_for_reports.address}" },
  });
});

test.each<[Record<string, unknown>, Changes, Record<string, unknown>]>([
  [{ instanceClass: "db.t4g.medium" }, {}, { instance_class: "db.t4g.medium" }],
  [{ availabilityZone: "us-east-1b" }, {}, { availability_zone: "us-east-1b" }],
  [{ multiAz: true }, {}, { multi_az: true }],
  [{ deletionProtection: false }, { production: false }, { deletion_protection: false }],
  [
    { monitoringIntervalSeconds: 15 },
    {},
    {
      monitoring_interval: 15,
      monitoring_role_arn: "${aws_iam_role.database_monitoring.arn}",
      depends_on: expect.arrayContaining(["aws_iam_role_policy_attachment.database_monitoring"]),
    },
  ],
  [{}, MONITORED, { monitoring_interval: 60 }],
  [{ monitoringIntervalSeconds: 15 }, MONITORED, { monitoring_interval: 15 }],
  [
    { performanceInsightsRetentionDays: 31 },
    {},
    { performance_insights_enabled: true, performance_insights_retention_period: 31 },
  ],
  [
    {},
    { "database.performanceInsights": { retentionDays: 465, mode: "advanced", kmsKeyArn: KMS } },
    {
      performance_insights_enabled: true,
      performance_insights_retention_period: 7,
      performance_insights_kms_key_id: KMS,
    },
  ],
  [
    {},
    {
      "database.allocatedStorageGib": 400,
      "database.iops": 16000,
      "database.storageThroughputMibps": 1000,
    },
    { iops: 16000, storage_throughput: 1000 },
  ],
  [
    {},
    { "database.allocatedStorageGib": 100, "database.maxAllocatedStorageGib": 200 },
    { max_allocated_storage: 200 },
  ],
  [
    {},
    { "database.backupWindow": "03:00-04:00", "database.maintenanceWindow": "sun:04:00-sun:05:00" },
    { maintenance_window: "sun:04:00-sun:05:00" },
  ],
  [{}, { "database.iamAuthentication": true }, { iam_database_authentication_enabled: true }],
  [{}, { production: false, "database.deletionProtection": false }, { deletion_protection: false }],
])("a replica with %j of an instance with %j", (replica, changes, attributes) => {
  const stack = synth({ ...changes, "database.readReplicas": { reports: replica } });
  expect(stack.resource.aws_db_instance?.database_replica_reports).toMatchObject(attributes);
});

test("a replica has no Database Insights mode, because AWS does not allow one", () => {
  const stack = synth({
    "database.performanceInsights": {},
    "database.readReplicas": { reports: {} },
  });
  expect(stack.resource.aws_db_instance?.database).toHaveProperty("database_insights_mode");
  expect(stack.resource.aws_db_instance?.database_replica_reports).not.toHaveProperty(
    "database_insights_mode",
  );
});

test("skipping the final snapshot omits its identifier", () => {
  const { resource, addresses } = synth({
    "database.skipFinalSnapshot": true,
    "database.reasons.skipFinalSnapshot": REASON,
  });
  expect(resource.aws_db_instance?.database).toMatchObject({ skip_final_snapshot: true });
  expect(resource.aws_db_instance?.database).not.toHaveProperty("final_snapshot_identifier");
  expect(addresses).not.toContain("terraform_data.final_snapshot");
});

test("the reason for an overridden safe default is a comment on the instance", () => {
  const environment = environmentWith({
    "database.skipFinalSnapshot": true,
    "database.reasons.skipFinalSnapshot": REASON,
  });
  // Testing.synth() omits comments.
  const { resource } = stackOf(DatabaseStack, environment).toTerraform();
  expect(resource.aws_db_instance.database["//"].reasons).toEqual({ skipFinalSnapshot: REASON });
});

test("every change that replaces the instance renews the final snapshot's identifier", () => {
  const changes = {
    "database.dbName": "newsdb",
    "database.kmsKeyArn": KMS,
    "database.multiAz": false,
    "database.availabilityZone": "us-east-1b",
  };
  expect(synth(changes).resource.terraform_data?.final_snapshot).toEqual({
    triggers_replace: {
      username: "newsadmin",
      db_name: "newsdb",
      storage_encrypted: true,
      kms_key_id: KMS,
      availability_zone: "us-east-1b",
    },
  });
});

test.each([
  [{ kind: "snapshot", snapshotIdentifier: "before" }, { snapshot_identifier: "before" }],
  [
    { kind: "point-in-time", sourceIdentifier: "other-db" },
    { restore_to_point_in_time: { kind: "point-in-time", sourceIdentifier: "other-db" } },
  ],
])("a restore from %j renews the final snapshot's identifier too", (restoreFrom, trigger) => {
  expect(
    synth({ "database.restoreFrom": restoreFrom }).resource.terraform_data?.final_snapshot,
  ).toEqual({ triggers_replace: { username: "newsadmin", storage_encrypted: true, ...trigger } });
});

test("dynamic parameters are applied immediately, and static ones at the next reboot", () => {
  const changes = {
    "database.parameters": { work_mem: "65536", max_connections: "200", "rds.force_ssl": "0" },
    "database.reasons.forceSsl": REASON,
  };
  expect(synth(changes).resource.aws_db_parameter_group?.database_parameters?.parameter).toEqual([
    { name: "rds.force_ssl", value: "0" },
    { name: "work_mem", value: "65536" },
    { name: "max_connections", value: "200", apply_method: "pending-reboot" },
  ]);
});

test("the groups may have names of their own", () => {
  const { resource } = synth({
    "database.securityGroupName": "news database",
    "database.subnetGroupName": "news-subnets",
    "database.parameterGroupPrefix": "news",
  });
  expect(resource.aws_security_group?.database_access).toMatchObject({ name: "news database" });
  expect(resource.aws_db_subnet_group?.database_subnets).toMatchObject({ name: "news-subnets" });
  expect(resource.aws_db_parameter_group?.database_parameters).toMatchObject({
    name_prefix: "news-postgres15-",
  });
});

test("the parameter group follows the major version, enforces TLS and can be replaced while in use", () => {
  const { json } = synth({ "database.engineVersion": "16" });
  expect(json).toHaveResource(DbInstance);
  expect(json).toHaveResourceWithProperties(DbParameterGroup, {
    family: "postgres16",
    name_prefix: "stack-postgres16-",
    parameter: [{ name: "rds.force_ssl", value: "1" }],
    lifecycle: { create_before_destroy: true },
  });
});

test("the subnet group has the subnets in the settings, without a lookup", () => {
  const stack = synth();
  expect(stack.json).toHaveResourceWithProperties(DbSubnetGroup, {
    name: "stack",
    subnet_ids: ["subnet-0123456a", "subnet-0123456b"],
  });
  expect(stack.data).toEqual({});
});

test("the default VPC and all its subnets are looked up", () => {
  const stack = synth({ "network.vpcId": "default", "network.subnetIds": "all" });
  expect(stack.json).toHaveDataSourceWithProperties(DataAwsVpc, { default: true });
  expect(stack.json).toHaveDataSourceWithProperties(DataAwsSubnets, {
    filter: [{ name: "vpc-id", values: ["${data.aws_vpc.vpc.id}"] }],
  });
  expect(stack.resource.aws_db_subnet_group?.database_subnets?.subnet_ids).toBe(
    "${data.aws_subnets.subnets.ids}",
  );
});

test("every resource has the tags, and the settings' own tags take precedence", () => {
  const tagsOf = (changes: Changes) => synth(changes).provider.aws[0]?.default_tags;
  expect(tagsOf({})).toEqual([
    {
      tags: { app: "news-api", environment: "test", stack: "stack", "managed-by": "terraform" },
    },
  ]);
  expect(tagsOf({ tags: { "managed-by": "platform", team: "news" } })).toEqual([
    {
      tags: {
        app: "news-api",
        environment: "test",
        stack: "stack",
        "managed-by": "platform",
        team: "news",
      },
    },
  ]);
});

test("the state is in S3, encrypted and locked by S3, with access restricted to the named account", () => {
  const { terraform, provider } = synth({
    account: "123456789012",
    "stateBucket.region": "eu-west-1",
    "stateBucket.kmsKeyArn": KMS.replace("us-east-1", "eu-west-1"),
  });
  expect(terraform).toEqual({
    backend: {
      s3: {
        bucket: "news-api-test-state",
        key: "news-api/test/database.tfstate",
        region: "eu-west-1",
        encrypt: true,
        kms_key_id: KMS.replace("us-east-1", "eu-west-1"),
        use_lockfile: true,
        allowed_account_ids: ["123456789012"],
      },
    },
    required_providers: { aws: { source: "hashicorp/aws", version: ">= 5.100.0, < 7.0.0" } },
    required_version: ">= 1.11.0",
  });
  expect(provider.aws[0]).toMatchObject({
    region: "us-east-1",
    allowed_account_ids: ["123456789012"],
  });
});

test("the outputs contain the endpoint and no secret", () => {
  expect(synth().output).toEqual({
    database_identifier: { value: "${aws_db_instance.database.identifier}" },
    database_address: { value: "${aws_db_instance.database.address}" },
    database_port: { value: "${aws_db_instance.database.port}" },
    database_name: { value: "postgres" },
    database_username: { value: "newsadmin" },
    database_security_group_id: { value: "${aws_security_group.database_access.id}" },
    ecs_secrets: {
      value: [{ name: "DATABASE_URL", valueFrom: "${aws_secretsmanager_secret.database_url.arn}" }],
    },
    ecs_environment: { value: [] },
    execution_role_policy: { value: expect.anything() },
  });
});
