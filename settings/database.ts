import { z } from "zod";
import { blueGreenRules } from "./blue-green";
import { credentialsSchema } from "./credentials";
import {
  dbSubnetGroupNameSchema,
  parameterGroupPrefixSchema,
  securityGroupNameSchema,
} from "./group-name";
import { identifier } from "./identifier";
import { dbInstanceClassSchema } from "./instance-class";
import { logRetentionSchema } from "./log";
import { enhancedMonitoringSchema, performanceInsightsSchema } from "./monitoring";
import { wholeNumber } from "./number";
import { FORCE_SSL, postgresParametersSchema } from "./parameters";
import { readReplicaRules, readReplicasSchema } from "./read-replica";
import { finalSnapshotPrefixSchema, restoreSchema } from "./restore";
import { fieldsRule, rule } from "./rule";
import { databaseNameSchema, usernameSchema } from "./sql-name";
import { storageFields, storageRules } from "./storage";
import { postgresVersion, postgresVersionSchema } from "./version";
import { costsReason, reasonSchema } from "./weakening";
import { dailyWindow, weeklyWindow, windowsOverlap } from "./window";

export const POSTGRES_PORT = 5432;
/** The database that every RDS PostgreSQL instance has. */
export const INITIAL_DATABASE = "postgres";

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, where no other source is named.

const fields = z.strictObject({
  identifier: identifier(63, 'the DB instance\'s identifier, such as "news-api-db"'),
  engineVersion: postgresVersionSchema,
  /** Whether AWS installs new minors in the maintenance window. Only without an exact minor in `engineVersion`. */
  autoMinorVersionUpgrade: z.boolean().default(true),
  /** Whether a higher major in `engineVersion` is applied, instead of refused by AWS. */
  allowMajorVersionUpgrade: z.boolean().default(false),
  instanceClass: dbInstanceClassSchema,
  ...storageFields,
  username: usernameSchema,
  /** @default - none is made; the application uses the database that every instance has, `postgres` */
  dbName: databaseNameSchema.optional(),
  port: wholeNumber({ from: 1150, to: 65535 }).default(POSTGRES_PORT),
  /** A standby in a second availability zone, with failover. */
  multiAz: z.boolean().default(true),
  /** @default - AWS picks the zone */
  availabilityZone: z.string().describe('a zone of the region, such as "us-east-1a"').optional(),
  backupRetentionDays: wholeNumber({ from: 0, to: 35, unit: "days" }).default(30),
  /** @default - AWS picks one at random; set it together with maintenanceWindow */
  backupWindow: dailyWindow(30).optional(),
  /** @default - AWS picks one at random; set it together with backupWindow */
  maintenanceWindow: weeklyWindow(30).optional(),
  /** AWS refuses to delete the instance while this is on. */
  deletionProtection: z.boolean().default(true),
  /**
   * Terraform refuses every plan that would destroy or replace the instance, whole, before anything is touched.
   * deletionProtection alone stops such an apply half-way. To retire the database, take both back and apply.
   */
  preventDestroy: z.boolean().default(false),
  /** Whether destroying the instance destroys its data without a last snapshot. */
  skipFinalSnapshot: z.boolean().default(false),
  /**
   * What the final snapshot's id starts with; a UUID follows.
   * @default - the identifier and "-final"
   */
  finalSnapshotPrefix: finalSnapshotPrefixSchema.optional(),
  readReplicas: readReplicasSchema.default({}),
  /**
   * To add or change it later replaces the instance, and so does taking a point in time out again: restore under another
   * identifier, in an environment beside this one, move the application over, and leave it as it is. Apply until a
   * plan shows no changes: the provider restores first, and sets much of the rest in a second apply.
   * https://github.com/hashicorp/terraform-provider-aws/issues/34522 and /47689
   * @default - a new, empty instance
   */
  restoreFrom: restoreSchema.optional(),
  /** Whether changes are made at once, with any outage they bring, and not in the maintenance window. */
  applyImmediately: z.boolean().default(false),
  /**
   * Whether Terraform makes changes on a copy (green) and then switches over, with about a minute of outage instead of
   * several. Turn it on for an update and off again, because:
   * - Every change goes that way and at once, however small (not tags, not deletion protection); the copy is billed.
   * - After the switch, the provider turns deletion protection off on the old instance and deletes it together with its
   *   automated backups and without a final snapshot, whatever preventDestroy says. Take a snapshot by hand before.
   *   https://github.com/hashicorp/terraform-provider-aws/issues/42354
   * - The new instance has another resource id, and its point-in-time restore begins anew.
   * - A new major is copied by logical replication: without changes to the schema, large objects, and updates of tables
   *   that have no primary key. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html
   * - A password is not rotated with it on: RDS refuses another one on the copy.
   *   https://github.com/hashicorp/terraform-provider-aws/issues/46544
   */
  blueGreenUpdate: z.boolean().default(false),
  /** @default - the engine's own values, and TLS demanded */
  parameters: postgresParametersSchema.default({}),
  /** Whether database users may log in with IAM tokens. */
  iamAuthentication: z.boolean().default(false),
  /** @default - none */
  enhancedMonitoring: enhancedMonitoringSchema.optional(),
  /** @default - none */
  performanceInsights: performanceInsightsSchema.optional(),
  /** @default - the stack's id; another name replaces the group, which hangs while the instance uses it */
  securityGroupName: securityGroupNameSchema.optional(),
  /** @default - the stack's id */
  subnetGroupName: dbSubnetGroupNameSchema.optional(),
  /**
   * What the parameter group's name starts with; the family and a unique end follow.
   * @default - the stack's id
   */
  parameterGroupPrefix: parameterGroupPrefixSchema.optional(),
  caCertificateIdentifier: z
    .enum(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"])
    .default("rds-ca-rsa2048-g1"),
  logExports: z
    .array(z.enum(["postgresql", "upgrade"]))
    .check(
      rule<string[]>({
        holds: (logs) => new Set(logs).size === logs.length,
        must: "must name each log once",
        instead: "Remove the repeated name.",
      }),
    )
    .default(["postgresql", "upgrade"]),
  logRetentionDays: logRetentionSchema.default(30),
  credentials: credentialsSchema.prefault({ kind: "secret" }),
  reasons: z
    .strictObject({
      storageEncrypted: reasonSchema.optional(),
      backupRetentionDays: reasonSchema.optional(),
      skipFinalSnapshot: reasonSchema.optional(),
      deletionProtection: reasonSchema.optional(),
      blueGreenUpdate: reasonSchema.optional(),
      forceSsl: reasonSchema.optional(),
    })
    .default({}),
});

type Fields = z.output<typeof fields>;

const windowRules = [
  fieldsRule<Fields>({
    fields: ["backupWindow", "maintenanceWindow"],
    holds: ({ backupWindow, maintenanceWindow }) => !backupWindow === !maintenanceWindow,
    must: "must be set together with maintenanceWindow, or neither: AWS picks a missing one at random and may hit the other",
    got: ({ backupWindow, maintenanceWindow }) => ({ backupWindow, maintenanceWindow }),
    instead: "Set both, or remove both.",
  }),
  fieldsRule<Fields>({
    fields: ["backupWindow", "maintenanceWindow"],
    holds: ({ backupWindow = "", maintenanceWindow = "" }) =>
      !windowsOverlap(backupWindow, maintenanceWindow),
    must: ({ maintenanceWindow }) => `must not overlap maintenanceWindow "${maintenanceWindow}"`,
    instead: "Move one of them; they may touch.",
  }),
];

const upgradeRules = [
  fieldsRule<Fields>({
    fields: ["applyImmediately", "allowMajorVersionUpgrade"],
    holds: ({ applyImmediately, allowMajorVersionUpgrade }) =>
      applyImmediately || !allowMajorVersionUpgrade,
    must: "must be true with allowMajorVersionUpgrade: the upgrade would wait for the maintenance window, and the apply fails to delete the old parameter group, which is in use until then",
    instead: "Write applyImmediately: true, and apply when an outage of minutes is fine.",
  }),
];

const placementRules = [
  fieldsRule<Fields>({
    fields: ["availabilityZone", "multiAz"],
    holds: ({ availabilityZone, multiAz }) => availabilityZone === undefined || !multiAz,
    must: "must be absent when multiAz is on (which it is by default)",
    instead: "Remove it, or write multiAz: false.",
  }),
  fieldsRule<Fields>({
    fields: ["autoMinorVersionUpgrade", "engineVersion"],
    holds: ({ autoMinorVersionUpgrade, engineVersion }) =>
      !autoMinorVersionUpgrade || postgresVersion(engineVersion)?.minor === undefined,
    must: ({ engineVersion }) =>
      `must be false with the exact version "${engineVersion}": once AWS has upgraded it, every later apply fails`,
    instead: ({ engineVersion }) =>
      `Write engineVersion "${postgresVersion(engineVersion)?.major}" and let AWS pick the minor, or autoMinorVersionUpgrade: false.`,
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
    must: "must not be this instance's own identifier: a restore makes a new instance",
    instead: "Give the new instance another identifier.",
  }),
];

const weakenings = [
  ...costsReason<"storageEncrypted", Fields>({
    setting: "storageEncrypted",
    weakened: ({ storageEncrypted }) => !storageEncrypted,
    loses: "leaves storage, backups and snapshots in the clear, and cannot be turned on later",
    safe: "true",
  }),
  ...costsReason<"backupRetentionDays", Fields>({
    setting: "backupRetentionDays",
    weakened: ({ backupRetentionDays }) => backupRetentionDays === 0,
    loses: "turns every automatic backup off and deletes those that exist",
    safe: "1 to 35",
  }),
  ...costsReason<"skipFinalSnapshot", Fields>({
    setting: "skipFinalSnapshot",
    weakened: ({ skipFinalSnapshot }) => skipFinalSnapshot,
    loses: "loses the data when the instance is destroyed or replaced",
    safe: "false",
  }),
  ...costsReason<"blueGreenUpdate", Fields>({
    setting: "blueGreenUpdate",
    weakened: ({ blueGreenUpdate }) => blueGreenUpdate,
    loses:
      "deletes the old instance after each change, protected or not, without a final snapshot and with its backups",
    safe: "false",
  }),
  ...costsReason<"forceSsl", Fields>({
    setting: "forceSsl",
    at: "parameters",
    weakened: ({ parameters }) => parameters[FORCE_SSL] === "0",
    loses: `lets passwords and data cross the network in the clear (${FORCE_SSL})`,
    safe: '"1"',
  }),
];

/** An RDS for PostgreSQL instance. */
export const databaseSchema = fields
  .check(
    ...storageRules,
    ...windowRules,
    ...placementRules,
    ...upgradeRules,
    ...restoreRules,
    ...readReplicaRules,
    ...blueGreenRules,
    ...weakenings,
  )
  .describe("the RDS PostgreSQL instance");

export type DatabaseSettings = z.output<typeof databaseSchema>;
