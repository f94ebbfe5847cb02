import { environmentWith, problemsWith } from "../../minimal-environment";

const REASON = "a scratch database that is rebuilt every night";
const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

/** The problems of the minimal environment with some settings of its database changed. */
function database(changes: Record<string, unknown>): string[] {
  return problemsWith(
    Object.fromEntries(Object.entries(changes).map(([key, value]) => [`database.${key}`, value])),
  ).map((problem) => problem.replace(/^database\./, ""));
}

test("omitted settings get values that are safe for production", () => {
  expect(environmentWith().databases.database).toEqual({
    identifier: "news-api-db",
    engineVersion: "15",
    existing: false,
    autoMinorVersionUpgrade: true,
    instanceClass: "db.t4g.micro",
    allocatedStorageGib: 20,
    storageType: "gp3",
    storageEncrypted: true,
    username: "newsadmin",
    port: 5432,
    multiAz: true,
    allowMajorVersionUpgrade: false,
    applyImmediately: false,
    backupRetentionDays: 30,
    copyTagsToSnapshot: true,
    deleteAutomatedBackups: false,
    extendedSupport: false,
    deletionProtection: true,
    preventDestroy: false,
    skipFinalSnapshot: false,
    readReplicas: {},
    blueGreenUpdate: false,
    parameters: {},
    iamAuthentication: false,
    caCertificateIdentifier: "rds-ca-rsa2048-g1",
    logExports: ["postgresql", "upgrade"],
    logRetentionDays: 30,
    credentials: {
      kind: "secret",
      passwordVersion: 1,
      recoveryWindowDays: 30,
      sslMode: "require",
    },
    reasons: {},
  });
});

test.each([
  { identifier: "a" },
  { identifier: `a${"b".repeat(62)}` },
  { identifier: "a-1-b" },
  { engineVersion: "13" },
  { engineVersion: "18" },
  { engineVersion: "15.17", autoMinorVersionUpgrade: false },
  { engineVersion: "15.4", existing: true, autoMinorVersionUpgrade: false },
  { instanceClass: "db.x2iedn.32xlarge" },
  { allocatedStorageGib: 65536 },
  { allocatedStorageGib: 20, maxAllocatedStorageGib: 22 },
  { allocatedStorageGib: 100, maxAllocatedStorageGib: 110 },
  { allocatedStorageGib: 399 },
  { allocatedStorageGib: 400, iops: 12000, storageThroughputMibps: 500 },
  { allocatedStorageGib: 400, iops: 64000, storageThroughputMibps: 4000 },
  { allocatedStorageGib: 400, storageThroughputMibps: 3000 },
  { storageType: "gp2" },
  { storageType: "io1", allocatedStorageGib: 100, iops: 5000 },
  { storageType: "io1", allocatedStorageGib: 2000, iops: 1000 },
  { storageType: "io2", allocatedStorageGib: 100, iops: 100_000 },
  { kmsKeyArn: KMS },
  { storageEncrypted: false, reasons: { storageEncrypted: REASON } },
  { username: "a" },
  { username: "a23456789012345_" },
  { dbName: `a${"_".repeat(62)}` },
  { port: 1150 },
  { port: 65535 },
  { multiAz: false, availabilityZone: "us-east-1a" },
  { multiAz: false, availabilityZone: "us-east-1-bos-1a" },
  { backupRetentionDays: 1 },
  { backupRetentionDays: 35 },
  { backupRetentionDays: 0, reasons: { backupRetentionDays: REASON } },
  { skipFinalSnapshot: true, reasons: { skipFinalSnapshot: REASON } },
  { deletionProtection: false, reasons: { deletionProtection: REASON } },
  { preventDestroy: true },
  { caCertificateIdentifier: "rds-ca-ecc384-g1" },
  { logExports: [] },
  { logExports: ["iam-db-auth-error"] },
  { logRetentionDays: 365 },
  ...[2192, 2557, 2922, 3288, 3653].map((logRetentionDays) => ({ logRetentionDays })),
  { credentials: { kind: "rds-managed" } },
  { credentials: { kind: "secret", passwordVersion: 7, recoveryWindowDays: 0 } },
  { credentials: { kind: "secret", recoveryWindowDays: 7 } },
  { credentials: { kind: "secret", sslMode: "verify-full" } },
  { credentials: { kind: "secret", sslMode: "verify-full", sslRootCertificate: "/a.pem" } },
  { credentials: { kind: "secret", kmsKeyArn: KMS } },
  { credentials: { kind: "rds-managed", kmsKeyArn: KMS } },
])("%j is accepted", (changes) => {
  expect(database(changes)).toEqual([]);
});

const NAME =
  "must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen";
const VERSION =
  'must be one of 13, 14, 15, 16, 17, 18, or one of their minor versions that RDS offers, such as "15.17"';
const VERSIONS = `${VERSION}; got: %s. Use a major version such as "15": AWS then chooses and upgrades the minor version.`;
const CLASS =
  "must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: %s. Did you mean %m?";
const classes = (meant: string) => CLASS.replace("%m", JSON.stringify(meant));
const KEPT = "must not be a reserved word of PostgreSQL or RDS; got: %s. Choose another name.";
const ARN =
  'must be the full ARN of a KMS key (an alias or a key ID would show a change in every plan); got: %s. Use "arn:aws:kms:<region>:<account>:key/<key ID>".';

test.each<[string, unknown, string]>([
  [
    "identifier",
    "",
    'must have 1 to 63 characters; got: %s. Use the DB instance\'s identifier, such as "news-api-db".',
  ],
  ["identifier", "1db", `${NAME}; got: %s. Use, for example, "db".`],
  ["identifier", "News", `${NAME}; got: %s. Use, for example, "news".`],
  ["identifier", "a--b", `${NAME}; got: %s. Use, for example, "a-b".`],
  ["identifier", "ab-", `${NAME}; got: %s. Use, for example, "ab".`],
  ["engineVersion", "12", VERSIONS],
  ["engineVersion", "19", VERSIONS],
  ["engineVersion", "15.", `${VERSION}; got: %s. Did you mean "15"?`],
  ["engineVersion", "15.04", VERSIONS],
  ["engineVersion", "15.100", VERSIONS],
  ["engineVersion", "15.17.1", `${VERSION}; got: %s. Did you mean "15.17"?`],
  ["engineVersion", "v15", `${VERSION}; got: %s. Did you mean "15"?`],
  ["engineVersion", "latest", VERSIONS],
  [
    "engineVersion",
    15,
    'must be a string; got: 15. Use a PostgreSQL version in a string, such as "15".',
  ],
  ["instanceClass", "t4g.micro", classes("db.t4g.micro")],
  ["instanceClass", "cache.t4g.micro", classes("db.t4g.micro")],
  ["instanceClass", "db.t9.micro", classes("db.t3.micro")],
  ["instanceClass", "db.t4g.mikro", classes("db.t4g.micro")],
  ["instanceClass", "db.t2.micro", classes("db.t3.micro")],
  ["instanceClass", "xdb.t3.micro", classes("db.t3.micro")],
  [
    "instanceClass",
    "large",
    'must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: %s. Use, for example, "db.t4g.micro" or "db.m7g.large".',
  ],
  [
    "allocatedStorageGib",
    19,
    "must be a whole number of GiB from 20 to 65536; got: 19. Use 20 or more.",
  ],
  [
    "allocatedStorageGib",
    65537,
    "must be a whole number of GiB from 20 to 65536; got: 65537. Use 65536 or less.",
  ],
  [
    "allocatedStorageGib",
    20.5,
    "must be a whole number of GiB from 20 to 65536; got: 20.5. Use a whole number, such as 21.",
  ],
  [
    "allocatedStorageGib",
    "20",
    'must be a number; got: "20". Use a whole number of GiB from 20 to 65536.',
  ],
  [
    "allocatedStorageGib",
    Number.NaN,
    "must be a number; got: NaN. Use a whole number of GiB from 20 to 65536.",
  ],
  [
    "allocatedStorageGib",
    Number.POSITIVE_INFINITY,
    "must be a number; got: Infinity. Use a whole number of GiB from 20 to 65536.",
  ],
  [
    "maxAllocatedStorageGib",
    21,
    "must be a whole number of GiB from 22 to 65536; got: 21. Use 22 or more.",
  ],
  [
    "storageType",
    "standard",
    'must be one of "gp3", "gp2", "io1", "io2"; got: "standard". Use one of them.',
  ],
  [
    "storageType",
    "GP3",
    'must be one of "gp3", "gp2", "io1", "io2"; got: "GP3". Did you mean "gp3"?',
  ],
  ["kmsKeyArn", "alias/aws/rds", ARN],
  ["kmsKeyArn", "01234567-89ab-cdef-0123-456789abcdef", ARN],
  ["username", "", "must have 1 to 16 characters; got: %s. Set the master user's name."],
  [
    "username",
    "a2345678901234567",
    "must have 1 to 16 characters; got: %s. Shorten it to 16 characters or fewer.",
  ],
  [
    "username",
    "1admin",
    "must contain only letters, digits and underscores, and start with a letter; got: %s. Replace the other characters.",
  ],
  [
    "username",
    "news-admin",
    "must contain only letters, digits and underscores, and start with a letter; got: %s. Replace the other characters.",
  ],
  ["username", "admin", KEPT],
  ["username", "rds_superuser", KEPT],
  ["username", "pg_monitor", KEPT],
  ["username", "user", KEPT],
  ["dbName", "order", KEPT],
  [
    "dbName",
    "a".repeat(64),
    "must have 1 to 63 characters; got: %s. Shorten it to 63 characters or fewer.",
  ],
  ["port", 1149, "must be a whole number from 1150 to 65535; got: 1149. Use 1150 or more."],
  ["port", 65536, "must be a whole number from 1150 to 65535; got: 65536. Use 65535 or less."],
  [
    "backupRetentionDays",
    36,
    "must be a whole number of days from 0 to 35; got: 36. Use 35 or less.",
  ],
  [
    "backupRetentionDays",
    -1,
    "must be a whole number of days from 0 to 35; got: -1. Use 0 or more.",
  ],
  [
    "logExports",
    ["postgresql", "postgresql"],
    "must name each log once; got: %s. Remove the duplicate.",
  ],
  ["logExports", "postgresql", "must be a list; got: %s. Use a list."],
  ["multiAz", "yes", 'must be true or false; got: "yes". Use true or false.'],
])("%s: %j is refused", (field, value, message) => {
  expect(database({ [field]: value })).toContain(
    `${field}: ${message.replace("%s", JSON.stringify(value))}`,
  );
});

test.each<[Record<string, unknown>, string]>([
  [
    { engineVersion: "15.17" },
    'autoMinorVersionUpgrade: must be false with the exact version "15.17": once AWS has upgraded it, every later apply fails; got: true. Set engineVersion to "15" so that AWS chooses the minor version, or set autoMinorVersionUpgrade: false.',
  ],
  [
    { allocatedStorageGib: 100, maxAllocatedStorageGib: 109 },
    "maxAllocatedStorageGib: must be at least 10 % above allocatedStorageGib; got: 109. Use 110 or more, or remove it.",
  ],
  [
    { allocatedStorageGib: 59_578, maxAllocatedStorageGib: 65_535 },
    "maxAllocatedStorageGib: must be at least 10 % above allocatedStorageGib; got: 65535. Use 65536 or more, or remove it.",
  ],
  [
    { allocatedStorageGib: 59_579, maxAllocatedStorageGib: 65_536 },
    "maxAllocatedStorageGib: must be at least 10 % above allocatedStorageGib; got: 65536. Remove it.",
  ],
  [
    { allocatedStorageGib: 399, iops: 12000 },
    "iops: must be absent for gp3 below 400 GiB; got: 12000. Remove it, or allocate 400 GiB or more.",
  ],
  [
    { allocatedStorageGib: 399, storageThroughputMibps: 500 },
    "storageThroughputMibps: must be absent for gp3 below 400 GiB; got: 500. Remove it, or allocate 400 GiB or more.",
  ],
  [
    { allocatedStorageGib: 400, iops: 11999 },
    "iops: must be from 12000 to 64000 for gp3 with 400 GiB or more; got: 11999. Use a number in that range, or remove it to use 12000.",
  ],
  [
    { allocatedStorageGib: 400, iops: 64001 },
    "iops: must be from 12000 to 64000 for gp3 with 400 GiB or more; got: 64001. Use a number in that range, or remove it to use 12000.",
  ],
  [
    { allocatedStorageGib: 400, iops: 12000, storageThroughputMibps: 3001 },
    "storageThroughputMibps: must be at most a quarter of iops (12000 by default); got: 3001. Lower it, or raise iops.",
  ],
  [
    { storageType: "gp2", iops: 3000 },
    "iops: must be absent for gp2, whose IOPS depend on its size; got: 3000. Remove it, or use gp3.",
  ],
  [
    { storageType: "io2", allocatedStorageGib: 100, iops: 1000, storageThroughputMibps: 500 },
    "storageThroughputMibps: must be absent for every storage type except gp3; got: 500. Remove it, or use gp3.",
  ],
  [
    { storageType: "io1", allocatedStorageGib: 100 },
    "iops: must be set for io1; got: nothing. Set the IOPS to provision, or use gp3.",
  ],
  [
    { storageType: "io1", allocatedStorageGib: 99, iops: 1000 },
    "allocatedStorageGib: must be at least 100 GiB for io1; got: 99. Use 100 or more, or use gp3.",
  ],
  [
    { storageType: "io1", allocatedStorageGib: 100, iops: 5001 },
    "iops: must be 0.5 to 50 IOPS per GiB of io1; got: 5001. Use 1000 to 5000.",
  ],
  [
    { storageType: "io2", allocatedStorageGib: 2001, iops: 1000 },
    "iops: must be 0.5 to 1000 IOPS per GiB of io2; got: 1000. Use 1001 to 256000.",
  ],
  [
    { kmsKeyArn: KMS, storageEncrypted: false, reasons: { storageEncrypted: REASON } },
    `kmsKeyArn: must be absent when storageEncrypted is false; got: ${JSON.stringify(KMS)}. Remove it, or encrypt the storage.`,
  ],
  [
    { availabilityZone: "us-east-1a" },
    'availabilityZone: must be absent when multiAz is true (the default); got: "us-east-1a". Remove it, or set multiAz: false.',
  ],
  [
    { availabilityZone: "eu-west-1a", multiAz: false },
    'availabilityZone: must be in the environment\'s region us-east-1; got: "eu-west-1a". Use, for example, "us-east-1a".',
  ],
  [
    { storageEncrypted: false },
    "storageEncrypted: requires a reason, because it leaves storage, backups and snapshots unencrypted, and encryption cannot be turned on later; got: false. Set it to true, or give the reason in `reasons.storageEncrypted`.",
  ],
  [
    { backupRetentionDays: 0 },
    "backupRetentionDays: requires a reason, because it turns automated backups off and deletes existing ones; got: 0. Set it to 1 or more, or give the reason in `reasons.backupRetentionDays`.",
  ],
  [
    { skipFinalSnapshot: true },
    "skipFinalSnapshot: requires a reason, because it loses the data when the instance is destroyed or replaced; got: true. Set it to false, or give the reason in `reasons.skipFinalSnapshot`.",
  ],
  [
    { deletionProtection: false },
    "deletionProtection: requires a reason in production, because one wrong apply deletes the database; got: false. Set it to true, or give the reason in `database.reasons.deletionProtection`.",
  ],
  [
    { reasons: { skipFinalSnapshot: REASON } },
    `reasons.skipFinalSnapshot: must be absent while skipFinalSnapshot has a safe value; got: ${JSON.stringify(REASON)}. Remove the reason.`,
  ],
  [
    { credentials: { kind: "vault" } },
    'credentials.kind: must be one of "secret", "rds-managed", "existing"; got: "vault". Use one of them.',
  ],
  [
    { credentials: { kind: "secret", passwordVersion: 0 } },
    "credentials.passwordVersion: must be a whole number from 1 to 1000000; got: 0. Use 1 or more.",
  ],
  [
    { credentials: { kind: "secret", recoveryWindowDays: 6 } },
    "credentials.recoveryWindowDays: must be a whole number of days: 0, or 7 to 30; got: 6. Use 7 to 30, or 0 to delete the secret immediately.",
  ],
  [
    { credentials: { kind: "secret", recoveryWindowDays: 8.5 } },
    "credentials.recoveryWindowDays: must be a whole number of days: 0, or 7 to 30; got: 8.5. Use 7 to 30, or 0 to delete the secret immediately.",
  ],
  [
    { credentials: { kind: "secret", recoveryWindowDays: 31 } },
    "credentials.recoveryWindowDays: must be a whole number of days: 0, or 7 to 30; got: 31. Use 7 to 30, or 0 to delete the secret immediately.",
  ],
  [
    { allowMajorVersionUpgrade: true },
    "applyImmediately: must be true with allowMajorVersionUpgrade: otherwise the upgrade waits for the maintenance window, and the apply cannot delete the old parameter group, which is in use until then; got: false. Set applyImmediately: true, and apply when an outage of some minutes is acceptable.",
  ],
  [
    { credentials: { kind: "secret", sslMode: "prefer" } },
    'credentials.sslMode: must be one of "require", "verify-full"; got: "prefer". Use one of them.',
  ],
  [
    { credentials: { kind: "secret", sslRootCertificate: "/a.pem" } },
    'credentials.sslRootCertificate: must be absent unless sslMode is "verify-full", the only mode that reads it; got: "/a.pem". Remove it, or set sslMode: "verify-full".',
  ],
  [
    { credentials: { kind: "secret", sslMode: "verify-full", sslRootCertificate: "a?.pem" } },
    'credentials.sslRootCertificate: must be an absolute path of letters, digits and ._-/; got: "a?.pem". Use, for example, "/certs/global-bundle.pem".',
  ],
  [
    { credentials: { kind: "rds-managed", passwordVersion: 2 } },
    "credentials.passwordVersion: is not a setting. Remove it. The settings here are: kind, kmsKeyArn.",
  ],
  [
    { password: "hunter2" },
    "password: is not a setting. Remove it: the master password is never in settings, code or state. Terraform generates one and stores it in Secrets Manager.",
  ],
  [
    { publiclyAccessible: true },
    "publiclyAccessible: is not a setting. Remove it: a database never has a public address. Name who may connect in `clients`.",
  ],
  [
    { engine: "postgres" },
    'engine: is not a setting. Remove it: a database is always PostgreSQL, and a cluster is always Redis. For Valkey, use a cache of kind "replication-group".',
  ],
  [
    { instancClass: "db.t4g.micro" },
    'instancClass: is not a setting. Did you mean "instanceClass"?',
  ],
])("%j is refused", (changes, message) => {
  expect(database(changes)).toEqual([message]);
});

test("disabling deletion protection needs no reason outside production", () => {
  expect(problemsWith({ production: false, "database.deletionProtection": false })).toEqual([]);
});

test("the message does not repeat a refused password", () => {
  expect(JSON.stringify(database({ password: "hunter2" }))).not.toContain("hunter2");
});
