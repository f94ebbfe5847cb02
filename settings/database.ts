import { z } from "zod";
import { kmsKeyArnSchema } from "./account";
import { identifier } from "./identifier";
import { wholeNumber } from "./number";
import { fieldsRule, rule } from "./rule";
import { POSTGRES_VERSIONS_TEXT, postgresVersion } from "./version";
import { costsReason, reasonSchema } from "./weakening";
import { dailyWindow, weeklyWindow, windowsOverlap } from "./window";

export const POSTGRES_PORT = 5432;
/** The database that every RDS PostgreSQL instance has. */
export const INITIAL_DATABASE = "postgres";

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, where no other source is named.

/**
 * Words that PostgreSQL does not take as a name without quotes.
 * @see https://www.postgresql.org/docs/15/sql-keywords-appendix.html (`pg_get_keywords()`, categories R and T)
 */
const RESERVED_WORDS = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check " +
    "collate collation column concurrently constraint create cross current_catalog current_date " +
    "current_role current_schema current_time current_timestamp current_user default deferrable desc " +
    "distinct do else end except false fetch for foreign freeze from full grant group having ilike in " +
    "initially inner intersect into is isnull join lateral leading left like limit localtime " +
    "localtimestamp natural not notnull null offset on only or order outer overlaps placing primary " +
    "references returning right select session_user similar some symmetric table tablesample then to " +
    "trailing true union unique user using variadic verbose when where window with"
  ).split(" "),
);

/** Names that PostgreSQL or RDS keeps for itself. */
const RESERVED_USERNAMES = new Set([
  "admin",
  "postgres",
  "public",
  "rdsadmin",
  "rdsrepladmin",
  "none",
]);
const RESERVED_DATABASES = new Set(["rdsadmin", "template0", "template1"]);

function sqlName(maximumLength: number, reserved: ReadonlySet<string>, what: string) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (name) => name.length >= 1 && name.length <= maximumLength,
        must: `must have 1 to ${maximumLength} characters`,
        instead: "Change its length.",
      }),
      rule<string>({
        holds: (name) => /^([a-zA-Z][a-zA-Z0-9_]*)?$/.test(name),
        must: "must be letters, digits and underscores, a letter first",
        instead: "Replace the other characters.",
      }),
      rule<string>({
        holds: (name) => {
          const word = name.toLowerCase();
          return !RESERVED_WORDS.has(word) && !reserved.has(word) && !/^(rds_|pg_)/.test(word);
        },
        must: "must not be a word that PostgreSQL or RDS keeps for itself",
        instead: "Choose another name.",
      }),
    )
    .describe(what);
}

/** Instance families that RDS for PostgreSQL knows. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html */
const DB_FAMILIES = (
  "t2 t3 t4g m4 m5 m5d m6g m6gd m6i m6id m6idn m6in m7g m7i m8g m8gd " +
  "r4 r5 r5b r5d r6g r6gd r6i r6id r6idn r6in r7g r7i r8g r8gd c6gd x2g x2idn x2iedn z1d"
).split(" ");
const DB_SIZES =
  "micro small medium large xlarge 2xlarge 4xlarge 8xlarge 10xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge".split(
    " ",
  );

const instanceClassSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => {
        const [, family = "", size = ""] = /^db\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(name) ?? [];
        return DB_FAMILIES.includes(family) && DB_SIZES.includes(size);
      },
      must: "must be db.<family>.<size> of a family that RDS for PostgreSQL has",
      instead: 'Write for example "db.t4g.micro" or "db.m7g.large".',
    }),
  )
  .describe('a DB instance class, such as "db.t4g.micro"');

const engineVersionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (version) => postgresVersion(version) !== undefined,
      must: `must be one of ${POSTGRES_VERSIONS_TEXT}`,
      instead: 'Write a major such as "15": AWS then picks and upgrades the minor.',
    }),
  )
  .describe('a PostgreSQL version in a string, such as "15"');

const STORAGE_TYPES = ["gp3", "gp2", "io1", "io2"] as const;
const PROVISIONED = ["io1", "io2"];
const MAX_STORAGE_GIB = 65536;
const MIN_PROVISIONED_GIB = 100;
/** Below this size AWS takes no iops and no throughput for gp3. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage */
const GP3_STRIPED_GIB = 400;
/** Most IOPS for each GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#USER_PIOPS */
const MAX_IOPS_PER_GIB: Readonly<Record<string, number>> = { io1: 50, io2: 1000 };
const MIN_IOPS_PER_GIB = 0.5;
const MIN_AUTOSCALING_FACTOR = 1.1;

/** Where a container image keeps the CA bundle of RDS, if the settings do not say. */
const CA_BUNDLE = "/certs/global-bundle.pem";

/** Credentials that this project makes: the whole URL is in Secrets Manager. */
const secretCredentials = z
  .strictObject({
    kind: z.literal("secret"),
    /** Raise it by one to give the master user a new password, and the application a new URL, in one apply. */
    passwordVersion: wholeNumber({ from: 1, to: 1_000_000 }).default(1),
    /** How long a deleted secret can be brought back: 0 (at once gone), or 7 to 30. */
    recoveryWindowDays: wholeNumber({ from: 0, to: 30, unit: "days" })
      .check(
        rule<number>({
          holds: (days) => days === 0 || days >= 7 || days < 0,
          must: "must be 0, or 7 to 30",
          instead: "Write 7 or more, or 0 for data that nobody would miss.",
        }),
      )
      .default(30),
    /**
     * What the URL asks of the connection: `require` encrypts it; `verify-full` also proves that it is this server's.
     * @see https://www.postgresql.org/docs/15/libpq-ssl.html#LIBPQ-SSL-PROTECTION
     */
    sslMode: z.enum(["require", "verify-full"]).default("require"),
    /**
     * Where the application finds the CA bundle of RDS; only with `verify-full`.
     * @default - /certs/global-bundle.pem
     */
    sslRootCertificate: z
      .string()
      .check(
        rule<string>({
          holds: (path) => /^\/[A-Za-z0-9._/-]+$/.test(path),
          must: "must be an absolute path of letters, digits and ._-/",
          instead: `Write for example ${JSON.stringify(CA_BUNDLE)}.`,
        }),
      )
      .describe("the path of the CA bundle in the application's container")
      .optional(),
    /**
     * Encrypts the secrets; whatever reads them needs kms:Decrypt on it.
     * @default - the account's own key for Secrets Manager
     */
    kmsKeyArn: kmsKeyArnSchema.optional(),
  })
  .check(
    fieldsRule<{ sslMode: string; sslRootCertificate?: string | undefined }>({
      fields: ["sslRootCertificate", "sslMode"],
      holds: ({ sslMode, sslRootCertificate }) =>
        sslRootCertificate === undefined || sslMode === "verify-full",
      must: 'must be absent unless sslMode is "verify-full", which alone reads it',
      instead: 'Remove it, or write sslMode: "verify-full".',
    }),
  );

/**
 * Credentials that RDS makes, keeps in a secret of its own and rotates every seven days. The secret holds only user
 * and password, so there is no URL that would stay right: the application composes one whenever it connects.
 */
const rdsManagedCredentials = z.strictObject({
  kind: z.literal("rds-managed"),
  /** @default - the account's own key for Secrets Manager */
  kmsKeyArn: kmsKeyArnSchema.optional(),
});

const fields = z.strictObject({
  identifier: identifier(63, 'the DB instance\'s identifier, such as "news-api-db"'),
  engineVersion: engineVersionSchema,
  /** Whether AWS installs new minors in the maintenance window. Only without an exact minor in `engineVersion`. */
  autoMinorVersionUpgrade: z.boolean().default(true),
  instanceClass: instanceClassSchema,
  allocatedStorageGib: wholeNumber({ from: 20, to: MAX_STORAGE_GIB, unit: "GiB" }),
  /**
   * The size that storage grows to by itself.
   * @default - storage does not grow by itself
   */
  maxAllocatedStorageGib: wholeNumber({ from: 22, to: MAX_STORAGE_GIB, unit: "GiB" }).optional(),
  storageType: z.enum(STORAGE_TYPES).default("gp3"),
  /** @default - what the storage type gives without asking */
  iops: wholeNumber({ from: 1000, to: 256_000, unit: "IOPS" }).optional(),
  /** @default - what the storage type gives without asking */
  storageThroughputMibps: wholeNumber({ from: 500, to: 4000, unit: "MiB/s" }).optional(),
  storageEncrypted: z.boolean().default(true),
  /** @default - the account's own key for RDS, aws/rds */
  kmsKeyArn: kmsKeyArnSchema.optional(),
  username: sqlName(16, RESERVED_USERNAMES, "the master user's name"),
  /** @default - none is made; the application uses the database that every instance has, `postgres` */
  dbName: sqlName(63, RESERVED_DATABASES, "the database's name").optional(),
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
  /** Whether destroying the instance destroys its data without a last snapshot. */
  skipFinalSnapshot: z.boolean().default(false),
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
  logRetentionDays: z
    .literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827])
    .describe("how long CloudWatch keeps the exported logs, in days")
    .default(30),
  credentials: z
    .discriminatedUnion("kind", [secretCredentials, rdsManagedCredentials])
    .prefault({ kind: "secret" }),
  reasons: z
    .strictObject({
      storageEncrypted: reasonSchema.optional(),
      backupRetentionDays: reasonSchema.optional(),
      skipFinalSnapshot: reasonSchema.optional(),
      deletionProtection: reasonSchema.optional(),
    })
    .default({}),
});

type Fields = z.output<typeof fields>;

const storageRules = [
  fieldsRule<Fields>({
    fields: ["allocatedStorageGib", "storageType"],
    holds: ({ storageType, allocatedStorageGib }) =>
      !PROVISIONED.includes(storageType) || allocatedStorageGib >= MIN_PROVISIONED_GIB,
    must: ({ storageType }) => `must be at least ${MIN_PROVISIONED_GIB} GiB for ${storageType}`,
    instead: `Write ${MIN_PROVISIONED_GIB} or more, or use gp3.`,
  }),
  fieldsRule<Fields>({
    fields: ["maxAllocatedStorageGib", "allocatedStorageGib"],
    holds: ({ maxAllocatedStorageGib: maximum, allocatedStorageGib: now }) =>
      maximum === undefined || maximum >= leastMaximum(now),
    must: "must be at least 10 % above allocatedStorageGib",
    instead: ({ allocatedStorageGib }) =>
      `Write ${leastMaximum(allocatedStorageGib)} or more, or leave it out.`,
  }),
  ...(["iops", "storageThroughputMibps"] as const).map((setting) =>
    fieldsRule<Fields>({
      fields: [setting, "storageType", "allocatedStorageGib"],
      holds: (settings) =>
        settings[setting] === undefined ||
        settings.storageType !== "gp3" ||
        settings.allocatedStorageGib >= GP3_STRIPED_GIB,
      must: `must be absent for gp3 below ${GP3_STRIPED_GIB} GiB`,
      instead: `Remove it, or allocate ${GP3_STRIPED_GIB} GiB or more.`,
    }),
  ),
  fieldsRule<Fields>({
    fields: ["iops", "storageType", "allocatedStorageGib"],
    holds: ({ iops, storageType, allocatedStorageGib }) =>
      iops === undefined ||
      storageType !== "gp3" ||
      allocatedStorageGib < GP3_STRIPED_GIB ||
      (iops >= 12_000 && iops <= 64_000),
    must: `must be from 12000 to 64000 for gp3 from ${GP3_STRIPED_GIB} GiB`,
    instead: "Write a number in that range, or leave it out for 12000.",
  }),
  fieldsRule<Fields>({
    fields: ["storageThroughputMibps", "iops", "storageType"],
    holds: ({ storageThroughputMibps, iops = 12_000, storageType }) =>
      storageThroughputMibps === undefined ||
      storageType !== "gp3" ||
      storageThroughputMibps / iops <= 0.25,
    must: "must be at most a quarter of iops (12000 when iops is left out)",
    instead: "Lower it, or raise iops.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType"],
    holds: ({ iops, storageType }) => iops === undefined || storageType !== "gp2",
    must: "must be absent for gp2, whose speed follows its size",
    instead: "Remove it, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["storageThroughputMibps", "storageType"],
    holds: ({ storageThroughputMibps, storageType }) =>
      storageThroughputMibps === undefined || storageType === "gp3",
    must: "must be absent for every storage type but gp3",
    instead: "Remove it, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType"],
    holds: ({ iops, storageType }) => iops !== undefined || !PROVISIONED.includes(storageType),
    must: ({ storageType }) => `must be given for ${storageType}`,
    instead: "Write the IOPS to pay for, or use gp3.",
  }),
  fieldsRule<Fields>({
    fields: ["iops", "storageType", "allocatedStorageGib"],
    holds: ({ iops, storageType, allocatedStorageGib }) => {
      const perGib = (iops ?? 0) / allocatedStorageGib;
      const most = MAX_IOPS_PER_GIB[storageType];
      return iops === undefined || !most || (perGib >= MIN_IOPS_PER_GIB && perGib <= most);
    },
    must: ({ storageType }) =>
      `must be ${MIN_IOPS_PER_GIB} to ${MAX_IOPS_PER_GIB[storageType]} for each GiB of ${storageType}`,
    instead: ({ storageType, allocatedStorageGib: gib }) =>
      `Write ${Math.ceil(gib * MIN_IOPS_PER_GIB)} to ${gib * (MAX_IOPS_PER_GIB[storageType] ?? 0)}.`,
  }),
  fieldsRule<Fields>({
    fields: ["kmsKeyArn", "storageEncrypted"],
    holds: ({ kmsKeyArn, storageEncrypted }) => kmsKeyArn === undefined || storageEncrypted,
    must: "must be absent when storageEncrypted is false",
    instead: "Remove it, or encrypt the storage.",
  }),
];

function leastMaximum(allocatedGib: number): number {
  return Math.ceil(Number((allocatedGib * MIN_AUTOSCALING_FACTOR).toFixed(3)));
}

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
];

/** An RDS for PostgreSQL instance. */
export const databaseSchema = fields
  .check(...storageRules, ...windowRules, ...placementRules, ...weakenings)
  .describe("the RDS PostgreSQL instance");

export type DatabaseSettings = z.output<typeof databaseSchema>;
export type SecretCredentials = Extract<DatabaseSettings["credentials"], { kind: "secret" }>;

/** `sslmode=require`, or `sslmode=verify-full&sslrootcert=…`: the query of the database's URL. */
export function sslQuery({ sslMode, sslRootCertificate = CA_BUNDLE }: SecretCredentials): string {
  return sslMode === "require"
    ? "sslmode=require"
    : `sslmode=verify-full&sslrootcert=${sslRootCertificate}`;
}
