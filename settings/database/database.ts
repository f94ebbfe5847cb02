import { z } from "zod";
import { reasonSchema, requireReason } from "../../validation/exception";
import { wholeNumber } from "../../validation/number";
import { fieldsRule, rule, rulesFor } from "../../validation/rule";
import { adoptedSchema } from "../adopted";
import { tooOldFor } from "../aws/class-version";
import {
  dbSubnetGroupNameSchema,
  parameterGroupPrefixSchema,
  securityGroupNameSchema,
} from "../aws/group-name";
import { identifier } from "../aws/identifier";
import { dbInstanceClassSchema } from "../aws/instance-class";
import { logRetentionSchema } from "../aws/log-group";
import { FORCE_SSL, postgresParameterRules, postgresParametersSchema } from "../aws/parameters";
import {
  isWithdrawn,
  postgresInstead,
  postgresVersion,
  postgresVersionSchema,
} from "../aws/version";
import { dailyWindow, weeklyWindow, windowsOverlap } from "../aws/window";
import { keptRules } from "../kept";
import { urlVariableSchema } from "../url-variable";
import { ownDatabaseThresholdsSchema } from "./alarm-thresholds";
import { applicationUserRules, applicationUserSchema } from "./application-user";
import { blueGreenRules } from "./blue-green";
import { credentialsSchema } from "./credentials";
import { keptByDatabaseSchema } from "./kept";
import { enhancedMonitoringSchema, performanceInsightsSchema } from "./monitoring";
import { readReplicaRules, readReplicasSchema } from "./read-replica";
import { finalSnapshotPrefixSchema, restoreSchema } from "./restore";
import { databaseNameSchema, usernameSchema } from "./sql-name";
import { storageFields, storageRules } from "./storage";

export const POSTGRES_PORT = 5432;
/** The database that every RDS PostgreSQL instance has. */
export const INITIAL_DATABASE = "postgres";

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, unless another source is named.

const fields = z.strictObject({
  identifier: identifier(63, 'the DB instance\'s identifier, such as "news-api-db"').meta({
    purpose:
      "The identifier of the DB instance, unique in the account and region. A change renames the instance in place.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RenameInstance.html",
  }),
  engineVersion: postgresVersionSchema.meta({
    purpose:
      "A major version, so that AWS chooses the minor version; or an exact minor version, with autoMinorVersionUpgrade off.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html",
  }),
  existing: z.boolean().default(false).meta({
    purpose:
      "Whether the instance already exists, created manually or by an earlier apply. Validation then warns about a minor version that AWS has withdrawn, instead of refusing it: a running instance keeps running.",
  }),
  autoMinorVersionUpgrade: z.boolean().default(true).meta({
    purpose:
      "Whether AWS installs new minor versions in the maintenance window. Must be off with an exact engineVersion.",
  }),
  allowMajorVersionUpgrade: z.boolean().default(false).meta({
    purpose: "Whether a major version upgrade is allowed. Otherwise AWS refuses it.",
  }),
  instanceClass: dbInstanceClassSchema.meta({
    purpose: "The instance class: CPU, memory and network.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html",
  }),
  ...storageFields,
  username: usernameSchema.meta({
    purpose: "The name of the master user. A change replaces the instance.",
  }),
  applicationUser: applicationUserSchema.optional(),
  dbName: databaseNameSchema.optional().meta({
    purpose: "The database to create with the instance. A change replaces the instance.",
    absent: "no database is created; the application uses `postgres`, which every instance has",
  }),
  port: wholeNumber({ from: 1150, to: 65535 })
    .default(POSTGRES_PORT)
    .meta({ purpose: "The TCP port that the database listens on." }),
  multiAz: z.boolean().default(true).meta({
    purpose: "A standby in a second availability zone, with automatic failover. Billed twice.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
  }),
  availabilityZone: z
    .string()
    .describe('a zone of the region, such as "us-east-1a"')
    .optional()
    .meta({
      purpose: "The zone of a single-AZ instance. A change replaces the instance.",
      absent: "AWS chooses the zone",
    }),
  backupRetentionDays: wholeNumber({ from: 0, to: 35, unit: "days" }).default(30).meta({
    purpose:
      "How long RDS keeps automated backups, which point-in-time restore needs. 0 turns them off and requires a reason.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
  }),
  backupWindow: dailyWindow(30).optional().meta({
    purpose:
      "When the daily backup runs. Set it together with maintenanceWindow; the two must not overlap.",
    absent: "AWS chooses a random window",
  }),
  maintenanceWindow: weeklyWindow(30).optional().meta({
    purpose:
      "When AWS installs updates and applies deferred changes. Set it together with backupWindow.",
    absent: "AWS chooses a random window",
  }),
  copyTagsToSnapshot: z.boolean().default(true).meta({
    purpose: "Whether snapshots have the tags of the instance.",
  }),
  deleteAutomatedBackups: z.boolean().default(false).meta({
    purpose: "Whether deleting the instance deletes its automated backups too. Requires a reason.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
  }),
  extendedSupport: z.boolean().default(false).meta({
    purpose:
      "Whether RDS keeps the instance on its major version after the end of standard support. This Extended Support is billed by the hour. The setting can only be set when the instance is created; RDS's own default is true.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html",
  }),
  deletionProtection: z
    .boolean()
    .default(true)
    .meta({ purpose: "AWS refuses to delete the instance while this is on." }),
  preventDestroy: z.boolean().default(false).meta({
    purpose:
      "Terraform refuses every plan that would destroy or replace the instance, before it touches anything. deletionProtection alone stops such an apply halfway. To retire the database, turn both off and apply.",
    link: "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
  }),
  skipFinalSnapshot: z.boolean().default(false).meta({
    purpose:
      "Whether destroying the instance skips the final snapshot and loses the data. Requires a reason.",
  }),
  finalSnapshotPrefix: finalSnapshotPrefixSchema.optional().meta({
    purpose: "The prefix of the final snapshot's identifier; a UUID follows.",
    absent: "the identifier and `-final`",
  }),
  readReplicas: readReplicasSchema.default({}).meta({
    purpose:
      "Read replicas by name, each with its own settings. A replica is billed as an instance. It shares the clients, parameters and storage type of its source. It is a copy for reads, not a backup: it repeats every mistake immediately. Its address is in the output `database_replica_addresses`.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html",
  }),
  restoreFrom: restoreSchema.optional().meta({
    purpose:
      "The snapshot or point in time from which RDS restores a new instance. Adding or changing it later replaces the instance, and so does removing a point in time. Restore under another identifier and move the application.",
    absent: "a new, empty instance",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html",
  }),
  applyImmediately: z.boolean().default(false).meta({
    purpose:
      "Whether changes take effect during the apply, with any outage they cause, instead of in the maintenance window.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html",
  }),
  blueGreenUpdate: z.boolean().default(false).meta({
    purpose:
      "Whether Terraform makes changes on a copy (green) and then switches over, with an outage of about one minute. Requires a reason. Turn it off again after the upgrade: every later change creates a copy, and after the switchover the provider deletes the old instance with its automated backups and without a final snapshot, despite all protection. A password cannot be rotated meanwhile. For a new major version, RDS copies the data by logical replication, which leaves out schema changes, large objects and updates of tables without a primary key.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html",
  }),
  parameters: postgresParametersSchema.default({}).meta({
    purpose:
      "PostgreSQL parameters of the instance's own parameter group, all values as strings. Static parameters take effect after a reboot.",
    absent: "the engine's defaults, and TLS is enforced",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html",
  }),
  iamAuthentication: z.boolean().default(false).meta({
    purpose: "Whether database users may log in with IAM authentication tokens.",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html",
  }),
  enhancedMonitoring: enhancedMonitoringSchema.optional().meta({
    purpose: "Metrics of the operating system, sent to CloudWatch Logs, which bills them.",
    absent: "off",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.html",
  }),
  performanceInsights: performanceInsightsSchema.optional().meta({
    purpose: "Database load by wait event and by query (Database Insights).",
    absent: "off",
    link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html",
  }),
  securityGroupName: securityGroupNameSchema.optional().meta({
    purpose:
      "The name of the security group that the stack creates. A change replaces the group, which fails while the instance uses it.",
    absent: "the stack's ID",
  }),
  subnetGroupName: dbSubnetGroupNameSchema.optional().meta({
    purpose: "The name of the DB subnet group that the stack creates.",
    absent: "the stack's ID",
  }),
  parameterGroupPrefix: parameterGroupPrefixSchema.optional().meta({
    purpose: "The prefix of the parameter group's name; the family and a unique suffix follow.",
    absent: "the stack's ID",
  }),
  caCertificateIdentifier: z
    .enum(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"])
    .default("rds-ca-rsa2048-g1")
    .meta({
      purpose: "The certificate authority that signs the server certificate.",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html",
    }),
  logExports: z
    .array(z.enum(["postgresql", "upgrade", "iam-db-auth-error"]))
    .check(
      rule<string[]>({
        holds: (logs) => new Set(logs).size === logs.length,
        must: "must name each log once",
        instead: "Remove the duplicate.",
      }),
    )
    .default(["postgresql", "upgrade"])
    .meta({
      purpose: "The logs that RDS sends to CloudWatch Logs.",
      link: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html",
    }),
  logRetentionDays: logRetentionSchema
    .default(30)
    .meta({ purpose: "How long CloudWatch Logs keeps the exported logs." }),
  credentials: credentialsSchema.prefault({ kind: "secret" }).meta({
    purpose:
      "Where the master password comes from: `secret` (the stack generates it, and the whole URL is one secret), `rds-managed` (RDS keeps and rotates it) or `existing` (it stays unchanged).",
  }),
  urlVariable: urlVariableSchema.optional().meta({
    purpose:
      "The environment variable that holds the URL. Before you add a second database, name the first one's variable: the default depends on how many there are.",
    absent:
      "`DATABASE_URL` for the only database and for one named `database`; otherwise from the name: `ORDERS_DATABASE_URL` for `orders`",
  }),
  alarms: ownDatabaseThresholdsSchema.optional().meta({
    purpose: "Alarm thresholds of this database, which override those of the environment.",
    absent: "the environment's `alarms.database`",
  }),
  kept: keptByDatabaseSchema.optional().meta({
    purpose:
      "Existing resources that the instance keeps using. The stack neither creates nor changes them. For a KMS key or a monitoring role, use kmsKeyArn and enhancedMonitoring.",
    absent: "the stack creates its own resources",
  }),
  adopted: adoptedSchema,
  reasons: z
    .strictObject({
      storageEncrypted: reasonSchema.optional(),
      backupRetentionDays: reasonSchema.optional(),
      deleteAutomatedBackups: reasonSchema.optional(),
      skipFinalSnapshot: reasonSchema.optional(),
      deletionProtection: reasonSchema.optional(),
      blueGreenUpdate: reasonSchema.optional(),
      forceSsl: reasonSchema.optional(),
    })
    .default({})
    .meta({
      purpose:
        "Reasons for overriding safe defaults, each under the name of the setting. They are written to the Terraform JSON.",
    }),
});

type Fields = z.output<typeof fields>;

const windowRules = [
  fieldsRule<Fields>({
    fields: ["backupWindow", "maintenanceWindow"],
    holds: ({ backupWindow, maintenanceWindow }) => !backupWindow === !maintenanceWindow,
    must: "must be set together with maintenanceWindow: AWS picks a missing window at random, and the two may overlap",
    got: ({ backupWindow, maintenanceWindow }) => ({ backupWindow, maintenanceWindow }),
    instead: "Set both, or remove both.",
  }),
  fieldsRule<Fields>({
    fields: ["backupWindow", "maintenanceWindow"],
    holds: ({ backupWindow = "", maintenanceWindow = "" }) =>
      !windowsOverlap(backupWindow, maintenanceWindow),
    must: ({ maintenanceWindow }) => `must not overlap maintenanceWindow "${maintenanceWindow}"`,
    instead: "Move one of them. Their ends may touch.",
  }),
];

const upgradeRules = [
  fieldsRule<Fields>({
    fields: ["applyImmediately", "allowMajorVersionUpgrade"],
    holds: ({ applyImmediately, allowMajorVersionUpgrade }) =>
      applyImmediately || !allowMajorVersionUpgrade,
    must: "must be true with allowMajorVersionUpgrade: otherwise the upgrade waits for the maintenance window, and the apply cannot delete the old parameter group, which is in use until then",
    instead: "Set applyImmediately: true, and apply when an outage of some minutes is acceptable.",
  }),
];

const placementRules = [
  fieldsRule<Fields>({
    fields: ["availabilityZone", "multiAz"],
    holds: ({ availabilityZone, multiAz }) => availabilityZone === undefined || !multiAz,
    must: "must be absent when multiAz is true (the default)",
    instead: "Remove it, or set multiAz: false.",
  }),
  fieldsRule<Fields>({
    fields: ["autoMinorVersionUpgrade", "engineVersion", "kept"],
    holds: ({ autoMinorVersionUpgrade, engineVersion, kept }) =>
      !autoMinorVersionUpgrade ||
      kept?.engineVersion === true ||
      postgresVersion(engineVersion)?.minor === undefined,
    must: ({ engineVersion }) =>
      `must be false with the exact version "${engineVersion}": once AWS has upgraded it, every later apply fails`,
    instead: ({ engineVersion }) =>
      `Set engineVersion to "${postgresVersion(engineVersion)?.major}" so that AWS chooses the minor version, or set autoMinorVersionUpgrade: false.`,
  }),
];

const offerRules = [
  fieldsRule<Fields>({
    fields: ["engineVersion", "existing"],
    holds: ({ engineVersion, existing }) => existing || !isWithdrawn(engineVersion),
    must: ({ engineVersion }) =>
      `must be a version for new instances: AWS has withdrawn ${engineVersion}`,
    instead: ({ engineVersion }) =>
      `${postgresInstead(engineVersion)} If an instance already runs it, set existing: true.`,
  }),
  fieldsRule<Fields>({
    fields: ["engineVersion", "instanceClass"],
    holds: ({ engineVersion, instanceClass }) =>
      tooOldFor(instanceClass, engineVersion) === undefined,
    must: ({ engineVersion, instanceClass }) =>
      `must be ${tooOldFor(instanceClass, engineVersion)} or later with ${instanceClass}`,
    instead: "Use a later version or another instance class.",
  }),
  fieldsRule<Fields>({
    fields: ["readReplicas", "engineVersion"],
    holds: (database) => tooOldReplicas(database).length === 0,
    must: ({ engineVersion }) =>
      `must have instance classes that RDS offers with PostgreSQL ${engineVersion}`,
    got: tooOldReplicas,
    instead: "Use other instance classes or a later engineVersion.",
  }),
];

/** The classes of read replicas that need a later version. */
function tooOldReplicas({ readReplicas, engineVersion }: Fields): string[] {
  return Object.values(readReplicas)
    .map(({ instanceClass }) => instanceClass ?? "")
    .filter((instanceClass) => tooOldFor(instanceClass, engineVersion) !== undefined);
}

const existingRules = [
  fieldsRule<Fields>({
    fields: ["credentials.kind", "existing", "restoreFrom"],
    holds: ({ credentials, existing, restoreFrom }) =>
      credentials.kind !== "existing" || existing || restoreFrom !== undefined,
    must: 'must not be "existing" for a new instance, which needs a password',
    instead: 'Set existing: true if the instance exists, or credentials of kind "secret".',
  }),
];

const restoreRules = [
  fieldsRule<Fields>({
    fields: ["finalSnapshotPrefix", "skipFinalSnapshot"],
    holds: ({ finalSnapshotPrefix, skipFinalSnapshot }) =>
      finalSnapshotPrefix === undefined || !skipFinalSnapshot,
    must: "must be absent when skipFinalSnapshot is true",
    instead: "Remove it, or keep the final snapshot.",
  }),
  fieldsRule<Fields>({
    fields: ["restoreFrom", "identifier"],
    at: "restoreFrom.sourceIdentifier",
    holds: ({ restoreFrom, identifier }) =>
      restoreFrom?.kind !== "point-in-time" || restoreFrom.sourceIdentifier !== identifier,
    must: "must not be this instance's own identifier: a restore creates a new instance",
    instead: "Give the new instance another identifier.",
  }),
];

const safeDefaults = [
  ...requireReason<"storageEncrypted", Fields>({
    setting: "storageEncrypted",
    overridden: ({ storageEncrypted }) => !storageEncrypted,
    loses:
      "leaves storage, backups and snapshots unencrypted, and encryption cannot be turned on later",
    safe: "true",
  }),
  ...requireReason<"backupRetentionDays", Fields>({
    setting: "backupRetentionDays",
    overridden: ({ backupRetentionDays }) => backupRetentionDays === 0,
    loses: "turns automated backups off and deletes existing ones",
    safe: "1 or more",
  }),
  ...requireReason<"skipFinalSnapshot", Fields>({
    setting: "skipFinalSnapshot",
    overridden: ({ skipFinalSnapshot }) => skipFinalSnapshot,
    loses: "loses the data when the instance is destroyed or replaced",
    safe: "false",
  }),
  ...requireReason<"deleteAutomatedBackups", Fields>({
    setting: "deleteAutomatedBackups",
    overridden: ({ deleteAutomatedBackups }) => deleteAutomatedBackups,
    loses: "loses point-in-time restore when the instance is destroyed or replaced",
    safe: "false",
  }),
  ...requireReason<"blueGreenUpdate", Fields>({
    setting: "blueGreenUpdate",
    overridden: ({ blueGreenUpdate }) => blueGreenUpdate,
    loses:
      "deletes the old instance and its automated backups after each change, without a final snapshot, even if it is protected",
    safe: "false",
  }),
  ...requireReason<"forceSsl", Fields>({
    setting: "forceSsl",
    at: "parameters",
    overridden: ({ parameters }) => parameters[FORCE_SSL] === "0",
    loses: `allows unencrypted passwords and data on the network`,
    safe: '"1"',
    subject: FORCE_SSL,
  }),
];

/** An RDS for PostgreSQL instance. */
export const databaseSchema = fields
  .check(
    ...storageRules,
    ...windowRules,
    ...placementRules,
    ...upgradeRules,
    ...offerRules,
    rulesFor<Fields>(postgresParameterRules),
    ...existingRules,
    ...restoreRules,
    ...readReplicaRules,
    ...blueGreenRules,
    ...applicationUserRules,
    ...keptRules(),
    ...safeDefaults,
  )
  .meta({ id: "database", description: "an RDS for PostgreSQL instance" });

export type DatabaseSettings = z.output<typeof databaseSchema>;
