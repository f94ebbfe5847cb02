import type { DBInstance } from "@aws-sdk/client-rds";
import type { EnvironmentSettings } from "../../settings/environment";
import { replicaIdentifier } from "../../settings/names";
import type { ExistingDatabase, Remark, Translated } from "./existing";

export type WrittenDatabase = NonNullable<EnvironmentSettings["database"]>;

/** Why an adopted database overrides safe defaults. Terraform refuses a destroy meanwhile. */
const REASONS = {
  storageEncrypted:
    "Adopted as it is: encryption needs a new instance (docs/guides/restore-and-upgrade.md)",
  backupRetentionDays: "Adopted as it is: turning backups on is one of the next steps",
  skipFinalSnapshot: "Adopted as it is: preventDestroy refuses to destroy it meanwhile",
  deleteAutomatedBackups: "Adopted as it is: preventDestroy refuses to destroy it meanwhile",
  deletionProtection: "Adopted as it is: preventDestroy refuses to destroy it meanwhile",
};

/** Below this size, AWS accepts neither iops nor throughput for gp3, but reports the baseline. */
const GP3_STRIPED_GIB = 400;
const NO_EXTENDED_SUPPORT = "open-source-rds-extended-support-disabled";
const CERTIFICATES = ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"];
const LOGS = ["postgresql", "upgrade", "iam-db-auth-error"];

/** The settings of a DB instance, exactly as it is. Security groups and clients are added by `clients.ts`. */
export function translateDatabase(database: ExistingDatabase): Translated<WrittenDatabase> {
  const { instance } = database;
  const subject = `database ${instance.DBInstanceIdentifier}`;
  const replicas = database.replicas.map((one) => replicaOf(instance, one));
  return {
    settings: {
      ...itself(instance),
      ...storage(instance),
      ...backups(instance),
      ...monitoring(instance),
      ...readReplicas(replicas),
      credentials: { kind: instance.MasterUserSecret ? "rds-managed" : "existing" },
      kept: {
        subnetGroupName: instance.DBSubnetGroup?.DBSubnetGroupName ?? "default",
        parameterGroupName: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
        ...optionGroup(instance),
        ...(exportsOf(instance).length > 0 ? { logGroups: true } : {}),
        tags: true,
        engineVersion: true,
      },
      adopted: {
        "aws_db_instance.database": instance.DBInstanceIdentifier ?? "",
        ...Object.fromEntries(replicas.flatMap(({ imported }) => imported)),
      },
      reasons: reasons(database),
    },
    refusals: refusals(instance).map(([found, advice]) => ({ subject, found, advice })),
    remarks: [
      ...remarks(instance).map(([found, advice]) => ({ subject, found, advice })),
      ...replicas.flatMap(({ remark }) => remark),
    ],
  };
}

function itself(instance: DBInstance) {
  return {
    identifier: instance.DBInstanceIdentifier ?? "",
    engineVersion: instance.EngineVersion ?? "",
    existing: true,
    autoMinorVersionUpgrade: instance.AutoMinorVersionUpgrade ?? false,
    extendedSupport: instance.EngineLifecycleSupport !== NO_EXTENDED_SUPPORT,
    instanceClass: instance.DBInstanceClass ?? "",
    username: instance.MasterUsername ?? "",
    ...(instance.DBName ? { dbName: instance.DBName } : {}),
    port: portOf(instance),
    multiAz: instance.MultiAZ ?? false,
    iamAuthentication: instance.IAMDatabaseAuthenticationEnabled ?? false,
    ...certificate(instance),
  };
}

export function portOf({ Endpoint, DbInstancePort }: DBInstance): number {
  return Endpoint?.Port ?? DbInstancePort ?? 0;
}

function certificate({ CACertificateIdentifier: authority }: DBInstance) {
  return authority !== undefined && CERTIFICATES.includes(authority)
    ? { caCertificateIdentifier: authority as WrittenDatabase["caCertificateIdentifier"] }
    : {};
}

function storage(instance: DBInstance) {
  const { AllocatedStorage: allocatedStorageGib = 0, MaxAllocatedStorage: most = 0 } = instance;
  return {
    allocatedStorageGib,
    ...(most > allocatedStorageGib ? { maxAllocatedStorageGib: most } : {}),
    storageType: (instance.StorageType ?? "") as NonNullable<WrittenDatabase["storageType"]>,
    ...provisioned(instance),
    storageEncrypted: instance.StorageEncrypted ?? false,
    ...(instance.StorageEncrypted && instance.KmsKeyId ? { kmsKeyArn: instance.KmsKeyId } : {}),
  };
}

/** AWS also reports a baseline where it accepts no value. */
function provisioned(instance: DBInstance) {
  const { StorageType, AllocatedStorage = 0, Iops, StorageThroughput } = instance;
  const isGp3 = StorageType === "gp3";
  if (StorageType === "gp2" || (isGp3 && AllocatedStorage < GP3_STRIPED_GIB)) {
    return {};
  }
  return {
    ...(Iops ? { iops: Iops } : {}),
    ...(isGp3 && StorageThroughput ? { storageThroughputMibps: StorageThroughput } : {}),
  };
}

function backups(instance: DBInstance) {
  return {
    backupRetentionDays: instance.BackupRetentionPeriod ?? 0,
    backupWindow: instance.PreferredBackupWindow,
    maintenanceWindow: instance.PreferredMaintenanceWindow,
    copyTagsToSnapshot: instance.CopyTagsToSnapshot ?? false,
    deletionProtection: instance.DeletionProtection ?? false,
    preventDestroy: true,
    // The values that Terraform assumes for an imported instance. AWS takes them only when it is deleted.
    skipFinalSnapshot: true,
    deleteAutomatedBackups: true,
  };
}

function monitoring(instance: DBInstance) {
  const { MonitoringInterval = 0, MonitoringRoleArn: roleArn } = instance;
  return {
    ...(MonitoringInterval > 0
      ? {
          enhancedMonitoring: {
            intervalSeconds: MonitoringInterval as NonNullable<
              WrittenDatabase["enhancedMonitoring"]
            >["intervalSeconds"],
            roleArn,
          },
        }
      : {}),
    ...(instance.PerformanceInsightsEnabled ? { performanceInsights: insights(instance) } : {}),
    logExports: exportsOf(instance) as NonNullable<WrittenDatabase["logExports"]>,
  };
}

function insights(instance: DBInstance) {
  const { PerformanceInsightsRetentionPeriod: retentionDays, DatabaseInsightsMode } = instance;
  const kmsKeyArn = instance.PerformanceInsightsKMSKeyId;
  return {
    ...(retentionDays ? { retentionDays } : {}),
    mode: DatabaseInsightsMode ?? ("standard" as const),
    ...(kmsKeyArn ? { kmsKeyArn } : {}),
  };
}

function exportsOf({ EnabledCloudwatchLogsExports: logs = [] }: DBInstance): string[] {
  return logs;
}

function optionGroup({ OptionGroupMemberships: [group] = [] }: DBInstance) {
  const name = group?.OptionGroupName;
  return name ? { optionGroupName: name } : {};
}

/** Reasons for exactly what overrides a safe default. */
function reasons({ instance, replicas }: ExistingDatabase): Partial<typeof REASONS> {
  const overridden = {
    storageEncrypted: !instance.StorageEncrypted,
    backupRetentionDays: !instance.BackupRetentionPeriod,
    skipFinalSnapshot: true,
    deleteAutomatedBackups: true,
    deletionProtection: [instance, ...replicas].some((one) => !one.DeletionProtection),
  };
  return Object.fromEntries(
    Object.entries(REASONS).filter(([setting]) => overridden[setting as keyof typeof REASONS]),
  );
}

type Finding = readonly [found: string, advice: string];

/** Properties that a plan would change, or that these stacks never manage. */
function refusals(instance: DBInstance): Finding[] {
  const found: readonly (readonly [unknown, string, string])[] = [
    [
      instance.Engine !== "postgres",
      `Its engine is ${instance.Engine}.`,
      "Only RDS for PostgreSQL can be adopted.",
    ],
    [
      instance.DBClusterIdentifier,
      `It is an instance of the DB cluster ${instance.DBClusterIdentifier}.`,
      "A DB cluster cannot be adopted.",
    ],
    [
      instance.ReadReplicaSourceDBInstanceIdentifier,
      `It is a read replica of ${instance.ReadReplicaSourceDBInstanceIdentifier}.`,
      "Adopt its source, or promote it first.",
    ],
    [
      instance.DBInstanceStatus !== "available",
      `Its status is ${instance.DBInstanceStatus}.`,
      "Wait until it is available.",
    ],
    [
      instance.PubliclyAccessible,
      "It has a public address.",
      "Connect from inside the VPC, then run: aws rds modify-db-instance --no-publicly-accessible --apply-immediately",
    ],
    [
      pendingOf(instance.PendingModifiedValues).length > 0,
      `Changes wait for its maintenance window: ${pendingOf(instance.PendingModifiedValues).join(", ")}.`,
      "Wait for the window, or apply them with --apply-immediately.",
    ],
    [
      instance.CACertificateIdentifier && !CERTIFICATES.includes(instance.CACertificateIdentifier),
      `Its certificate authority is ${instance.CACertificateIdentifier}.`,
      `First rotate it to one of ${CERTIFICATES.join(", ")}.`,
    ],
    [
      (instance.DBSecurityGroups ?? []).length > 0,
      "It has DB security groups (EC2-Classic).",
      "Move it into a VPC first.",
    ],
    [
      (instance.DomainMemberships ?? []).length > 0,
      "It is a member of a directory domain.",
      "The settings have no directory domain, so a plan would remove it from the domain.",
    ],
    [
      instance.DedicatedLogVolume,
      "It has a dedicated log volume.",
      "The settings have no dedicated log volume, so a plan would remove it.",
    ],
    [
      instance.CustomerOwnedIpEnabled || instance.BackupTarget === "outposts",
      "It is on an Outpost.",
      "An instance on an Outpost cannot be adopted.",
    ],
    [
      exportsOf(instance).some((log) => !LOGS.includes(log)),
      `It exports the logs ${exportsOf(instance).join(", ")}.`,
      `The settings support only ${LOGS.join(", ")}.`,
    ],
  ];
  return found.filter(([holds]) => holds).map(([, text, advice]) => [text, advice]);
}

/** The names of the attributes that AWS has not changed yet. */
export function pendingOf(pending: object | undefined): string[] {
  return Object.entries(pending ?? {})
    .filter(([, value]) => value !== undefined && value !== null && !isEmpty(value))
    .map(([name]) => name);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Properties that stay as they are, and that Terraform does not manage. */
function remarks(instance: DBInstance): Finding[] {
  const roles = (instance.AssociatedRoles ?? []).map(({ RoleArn }) => RoleArn);
  const foreign = (instance.ReadReplicaDBInstanceIdentifiers ?? []).filter((name) =>
    name.startsWith("arn:"),
  );
  return [
    ...(roles.length > 0
      ? [
          [
            `It has the IAM roles ${roles.join(", ")}.`,
            "They stay, but Terraform does not manage them.",
          ] as const,
        ]
      : []),
    ...(foreign.length > 0
      ? [
          [
            `It has read replicas in other regions: ${foreign.join(", ")}.`,
            "They stay, but Terraform does not manage them.",
          ] as const,
        ]
      : []),
    ...(instance.AvailabilityZone
      ? [
          [
            `It is in the zone ${instance.AvailabilityZone}.`,
            "The settings leave availabilityZone out. The instance stays where it is, and a failover causes no drift.",
          ] as const,
        ]
      : []),
    ...(instance.NetworkType === "DUAL"
      ? [["Its network type is DUAL.", "It stays, but Terraform does not manage it."] as const]
      : []),
  ];
}

interface TranslatedReplica {
  readonly name?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly imported: readonly (readonly [string, string])[];
  readonly remark: readonly Remark[];
}

/** A replica shares these with its instance. */
const SHARED = [
  ...(["AutoMinorVersionUpgrade", "AllocatedStorage", "MaxAllocatedStorage", "Iops"] as const),
  ...(["StorageType", "StorageThroughput", "CopyTagsToSnapshot", "StorageEncrypted"] as const),
  ...(["PubliclyAccessible", "CACertificateIdentifier", "PreferredMaintenanceWindow"] as const),
  ...(["IAMDatabaseAuthenticationEnabled", "EngineLifecycleSupport", "DbInstancePort"] as const),
];

function replicaOf(instance: DBInstance, replica: DBInstance): TranslatedReplica {
  const identifier = replica.DBInstanceIdentifier ?? "";
  const prefix = `${instance.DBInstanceIdentifier}-`;
  const name = identifier.slice(prefix.length).replaceAll("-", "_");
  const differing = differences(instance, replica);
  const isNamed = replicaIdentifier(instance.DBInstanceIdentifier ?? "", name) === identifier;
  if (!isNamed || name === "" || differing.length > 0) {
    const why = isNamed
      ? `it differs from its instance in ${differing.join(", ")}`
      : `its name does not start with ${prefix}`;
    const found = `Its read replica ${identifier} cannot be adopted: ${why}.`;
    const advice = "It stays, but Terraform does not manage it.";
    const subject = `database ${instance.DBInstanceIdentifier}`;
    return { imported: [], remark: [{ subject, found, advice }] };
  }
  return {
    name,
    settings: {
      instanceClass: replica.DBInstanceClass,
      multiAz: replica.MultiAZ ?? false,
      deletionProtection: replica.DeletionProtection ?? false,
      ...(replica.MonitoringInterval
        ? { monitoringIntervalSeconds: replica.MonitoringInterval }
        : {}),
      ...(replica.PerformanceInsightsEnabled
        ? { performanceInsightsRetentionDays: replica.PerformanceInsightsRetentionPeriod }
        : {}),
    },
    imported: [[`aws_db_instance.database_replica_${name}`, identifier]],
    remark: [],
  };
}

function differences(instance: DBInstance, replica: DBInstance): string[] {
  const of = (one: DBInstance) => ({
    ...Object.fromEntries(SHARED.map((name) => [name, one[name]])),
    VpcSecurityGroups: (one.VpcSecurityGroups ?? [])
      .map(({ VpcSecurityGroupId }) => VpcSecurityGroupId)
      .sort(),
    DBParameterGroups: one.DBParameterGroups?.[0]?.DBParameterGroupName,
    EnabledCloudwatchLogsExports: [...exportsOf(one)].sort(),
    // Without settings of its own, a replica has those of its instance.
    MonitoringRoleArn: one.MonitoringRoleArn,
    PerformanceInsightsEnabled: one.PerformanceInsightsEnabled ?? false,
  });
  const [ours, theirs]: Readonly<Record<string, unknown>>[] = [of(instance), of(replica)];
  const differing = Object.keys(ours ?? {}).filter(
    (name) => JSON.stringify(ours?.[name]) !== JSON.stringify(theirs?.[name]),
  );
  const isReady =
    replica.DBInstanceStatus === "available" &&
    pendingOf(replica.PendingModifiedValues).length === 0;
  return isReady ? differing : [...differing, "a pending change"];
}

function readReplicas(
  replicas: readonly TranslatedReplica[],
): Pick<WrittenDatabase, "readReplicas"> {
  const named = replicas.flatMap(({ name, settings }) => (name ? [[name, settings] as const] : []));
  return named.length > 0
    ? { readReplicas: Object.fromEntries(named) as WrittenDatabase["readReplicas"] }
    : {};
}
