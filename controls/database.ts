import {
  atLeast,
  type Check,
  checkOn,
  includesAll,
  isFalse,
  isNoneOf,
  isOneOf,
  isServed,
  isSet,
  isTrue,
  judged,
} from "./check";
import type { Control, Demand, Filter } from "./control";
import { references, Unknown } from "./expression";
import { type Fullness, isHeardOf, subscriptionsFor } from "./notification";
import type { TerraformBlock } from "./terraform-block";

const NO_REPLICA: Filter = {
  says: "except read replicas, which can be created again",
  takes: (instance) => !instance.has("replicate_source_db"),
};
const WITH_INSIGHTS: Filter = {
  says: "with Performance Insights",
  takes: (instance) => instance.has("performance_insights_enabled"),
};

const every = (...checks: Check[]): Demand[] => [{ type: "aws_db_instance", checks }];
const primary = (...checks: Check[]): Demand[] => [
  { type: "aws_db_instance", only: NO_REPLICA, checks },
];

/** A replica in the same region inherits values from its source. */
function inherited(attribute: string): (instance: TerraformBlock) => unknown {
  return (instance) => {
    if (instance.has(attribute) || !instance.has("replicate_source_db")) {
      return instance.value(attribute);
    }
    const [address = ""] = references(instance.attributes.replicate_source_db);
    const source = instance.stack.at(address);
    return source ? source.value(attribute) : new Unknown(`${attribute} of its source`);
  };
}

/** What https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html lists: they expire in the 2060s or later. */
const MODERN_CERTIFICATES = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];
const EXPORTED_LOGS = ["postgresql", "upgrade"];
const STORAGE: Fullness = {
  metrics: { FreeStorageSpace: { full: "below" } },
  dimension: "DBInstanceIdentifier",
};
const CRITICAL_EVENTS = ["failover", "failure", "low storage", "maintenance"];

/** A parameter of the instance's group. A replica without its own group uses that of its source. */
function parameter(instance: TerraformBlock, name: string): unknown {
  const [source = ""] = references(instance.attributes.replicate_source_db);
  const holder = instance.has("parameter_group_name") ? instance : instance.stack.at(source);
  const [address = ""] = references(holder?.attributes.parameter_group_name);
  const group = instance.stack.at(address);
  const values = group
    ?.blocks("parameter")
    .filter((one) => one.value("name") === name)
    .map((one) => one.value("value"));
  if (values === undefined) {
    return new Unknown("a parameter group of another stack");
  }
  return values.length > 1 ? new Unknown(`${name}, set ${values.length} times`) : values[0];
}

const forcesTls: Check = checkOn(
  'parameter "rds.force_ssl" of its parameter group',
  'be "1"',
  (value) => String(value) === "1",
  (instance) => parameter(instance, "rds.force_ssl"),
);

function setsParameter(name: string): Check {
  return checkOn(
    `parameter "${name}" of its parameter group`,
    "be set",
    (value) => value !== undefined,
    (instance) => parameter(instance, name),
  );
}

/** With these values, the parameters log nothing. */
const logsSomething: Check = checkOn(
  'parameters "log_statement", "log_min_duration_statement" of its parameter group',
  "enable logging: not be none and -1 together",
  (values) => {
    const [statement, duration] = (values as unknown[]).map(String);
    return statement !== "none" || duration !== "-1";
  },
  (instance) => [
    parameter(instance, "log_statement"),
    parameter(instance, "log_min_duration_statement"),
  ],
);

/** https://aws.amazon.com/security/security-bulletins/AWS-2022-004/: fixed in 13.3. Older majors always fail. */
const notVulnerable: Check = checkOn(
  "engine_version",
  "be 13.3 or later, or a major version whose minor version AWS upgrades",
  (version) => {
    const [major = 0, minor] = String(version).split(".").map(Number);
    return major > 13 || (major === 13 && (minor === undefined || minor >= 3));
  },
  inherited("engine_version"),
);

/** RDS creates a missing group itself. Such a group has no retention and outlives the stack. */
const ownsLogGroups: Check = {
  attribute: "enabled_cloudwatch_logs_exports",
  must: "name only logs whose log group is in the stack: aws_cloudwatch_log_group",
  look: (instance) => {
    const names = instance.stack
      .ofType("aws_cloudwatch_log_group")
      .map((group) => group.value("name"));
    const identifier = instance.value("identifier");
    if (identifier instanceof Unknown) {
      return { verdict: "unknown", got: identifier.expression };
    }
    const wanted = instance
      .list("enabled_cloudwatch_logs_exports")
      .map((log) => `/aws/rds/instance/${identifier}/${log}`);
    return judged(
      wanted.filter((name) => !names.includes(name)),
      (missing) => (missing as string[]).length === 0,
    );
  },
};

const isCovered: Check = isServed(
  "aws_db_event_subscription",
  `notify a recipient of its ${CRITICAL_EVENTS.join(", ")}`,
  (instance, stacks) =>
    subscriptionsFor(instance, stacks).some(({ categories }) =>
      CRITICAL_EVENTS.every((event) => categories?.includes(event) ?? true),
    ),
);

/** The database: RDS instances and read replicas. */
export const databaseControls: readonly Control[] = [
  {
    id: "RDS.2",
    also: ["CKV_AWS_17", "AVD-AWS-0180", "CIS-5.0.0/2.2.3"],
    demands: "A database has no public address.",
    on: every(isFalse("publicly_accessible")),
  },
  {
    id: "RDS.3",
    also: ["CKV_AWS_16", "AVD-AWS-0080", "CIS-5.0.0/2.2.1"],
    demands: "A database's storage, backups and snapshots are encrypted.",
    reason: "storageEncrypted",
    on: every(
      checkOn(
        "storage_encrypted",
        "be true",
        (value) => String(value) === "true",
        inherited("storage_encrypted"),
      ),
    ),
  },
  {
    id: "RDS.5",
    also: ["CKV_AWS_157", "CIS-5.0.0/2.2.4"],
    demands: "A database has a standby in a second availability zone.",
    production: true,
    on: primary(isTrue("multi_az")),
  },
  {
    id: "RDS.6",
    also: ["CKV_AWS_118"],
    demands: "Enhanced monitoring measures the operating system of a database.",
    production: true,
    on: every(atLeast("monitoring_interval", 1), isSet("monitoring_role_arn")),
  },
  {
    id: "RDS.8",
    also: ["CKV_AWS_293", "AVD-AWS-0177"],
    demands: "A database cannot be deleted in one step.",
    production: true,
    reason: "deletionProtection",
    on: every(isTrue("deletion_protection")),
  },
  {
    id: "RDS.9",
    also: ["RDS.36", "CKV_AWS_129"],
    demands: "A database's logs are exported to CloudWatch.",
    production: true,
    on: every(includesAll("enabled_cloudwatch_logs_exports", EXPORTED_LOGS)),
  },
  {
    id: "RDS.10",
    also: ["CKV_AWS_161", "AVD-AWS-0176"],
    demands: "Database users can log in with IAM authentication tokens instead of passwords.",
    production: true,
    on: every(isTrue("iam_database_authentication_enabled")),
  },
  {
    id: "RDS.11",
    also: ["CKV_AWS_133", "AVD-AWS-0077"],
    demands: "A database has automated backups, kept for at least a week.",
    reason: "backupRetentionDays",
    production: true,
    on: primary(atLeast("backup_retention_period", 7)),
  },
  {
    id: "RDS.13",
    also: ["CKV_AWS_226", "CIS-5.0.0/2.2.2"],
    demands: "AWS upgrades the minor version of a database automatically.",
    on: every(isTrue("auto_minor_version_upgrade", true)),
  },
  {
    id: "RDS.17",
    also: ["CKV2_AWS_60"],
    demands: "Snapshots carry the tags of their database.",
    on: every(isTrue("copy_tags_to_snapshot")),
  },
  {
    id: "RDS.25",
    also: [],
    demands: "The master user of a database does not have a default name.",
    on: primary(isNoneOf("username", ["postgres", "admin"])),
  },
  {
    id: "RDS.38",
    also: ["CKV2_AWS_69"],
    demands: "A database refuses connections without TLS.",
    reason: "forceSsl",
    on: every(forcesTls),
  },
  {
    id: "CKV2_AWS_30",
    also: [],
    demands: "A database logs the statements that it runs.",
    production: true,
    on: every(
      setsParameter("log_statement"),
      setsParameter("log_min_duration_statement"),
      logsSomething,
    ),
  },
  {
    id: "CKV_AWS_353",
    also: ["AVD-AWS-0133"],
    demands: "Performance Insights shows what a database waits for.",
    production: true,
    on: every(isTrue("performance_insights_enabled")),
  },
  {
    id: "CKV_AWS_354",
    also: ["AVD-AWS-0078"],
    demands: "Performance Insights is encrypted with a customer managed key.",
    production: true,
    on: [
      {
        type: "aws_db_instance",
        only: WITH_INSIGHTS,
        checks: [isSet("performance_insights_kms_key_id")],
      },
    ],
  },
  {
    id: "CKV_AWS_211",
    also: [],
    demands:
      "A database's certificate comes from a certificate authority that does not expire soon.",
    on: primary(isOneOf("ca_cert_identifier", MODERN_CERTIFICATES)),
  },
  {
    id: "CKV_AWS_250",
    also: [],
    demands: "A database runs no version whose log_fdw extension lets users read the host's files.",
    on: every(notVulnerable),
  },
  {
    id: "MDS.4",
    also: [],
    demands: "A database never enters extended support, which is billed by the hour.",
    on: primary(isOneOf("engine_lifecycle_support", ["open-source-rds-extended-support-disabled"])),
  },
  {
    id: "MDS.5",
    also: [],
    demands:
      "Destroying or replacing a database leaves a final snapshot with a configured identifier.",
    reason: "skipFinalSnapshot",
    on: primary(isFalse("skip_final_snapshot"), isSet("final_snapshot_identifier")),
  },
  {
    id: "MDS.6",
    also: [],
    demands: "Automated backups outlive their database.",
    reason: "deleteAutomatedBackups",
    on: primary(isFalse("delete_automated_backups", true)),
  },
  {
    id: "MDS.12",
    also: [],
    demands:
      "A recipient is notified of a database's failures, failovers, low storage and maintenance.",
    reason: "alarms",
    production: true,
    on: every(isCovered),
  },
  {
    id: "MDS.13",
    also: [],
    demands: "An alarm notifies a recipient before a database's storage is full.",
    reason: "alarms",
    production: true,
    on: every(isHeardOf(STORAGE, (instance) => [instance.value("identifier")])),
  },
  {
    id: "MDS.15",
    also: [],
    demands: "A database's storage grows automatically.",
    production: true,
    on: primary(isSet("max_allocated_storage")),
  },
  {
    id: "MDS.16",
    also: [],
    demands: "A database's exported logs go to log groups of the stack with a retention period.",
    on: every(ownsLogGroups),
  },
];
