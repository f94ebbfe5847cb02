import { MINIMAL, problemsWith, REPLICATION_GROUP } from "../minimal-environment";

// A rule between settings would only confuse while one of them is invalid.

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const ROLE = "arn:aws:iam::123456789012:role/rds-monitoring";
const WINDOW = "sun:04:00-sun:05:00";

const database = (changes: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(changes).map(([key, value]) => [`database.${key}`, value]));
const cluster = (changes: object) => ({ cache: { ...MINIMAL.cache, ...changes } });
const group = (changes: object) => ({ cache: { ...REPLICATION_GROUP, ...changes } });

test.each<[string, Record<string, unknown>]>([
  ["region", { region: "mars", "database.kmsKeyArn": KMS }],
  ["region", { region: "mars", "stateBucket.kmsKeyArn": KMS }],
  ["region", { region: "mars", "cache.availabilityZone": "us-east-1a" }],
  ["stateBucket.region", { "stateBucket.region": "mars", "stateBucket.kmsKeyArn": KMS }],
  ["stateBucket.kmsKeyArn", { "stateBucket.kmsKeyArn": "alias/news" }],
  ["production", { production: "yes", "database.deletionProtection": false }],
  ["budget", { budget: "none at all" }],
  [
    "account",
    { account: "1", "database.enhancedMonitoring": { intervalSeconds: 60, roleArn: ROLE } },
  ],
  ["clients.api.vpcCidr", { "clients.api": { vpcCidr: false, cidrIpv4: "10.0.0.0/16" } }],
  ["clients.api.cidrIpv4", { "clients.api": { cidrIpv4: "everybody" } }],
  ["clients.api.reason", { "clients.api": { cidrIpv4: "10.0.0.0/15", reason: 1 } }],
  [
    "database.allocatedStorageGib",
    database({ allocatedStorageGib: "x", storageType: "io1", iops: 1000 }),
  ],
  [
    "database.allocatedStorageGib",
    database({ allocatedStorageGib: "x", maxAllocatedStorageGib: 22 }),
  ],
  ["database.allocatedStorageGib", database({ allocatedStorageGib: "x", iops: 1000 })],
  [
    "database.allocatedStorageGib",
    database({ allocatedStorageGib: "x", storageThroughputMibps: 500 }),
  ],
  ["database.maxAllocatedStorageGib", database({ maxAllocatedStorageGib: "x" })],
  ["database.storageType", database({ storageType: "x", iops: 1000 })],
  ["database.storageType", database({ storageType: "x", storageThroughputMibps: 500 })],
  ["database.storageType", database({ storageType: ["io1"], allocatedStorageGib: 20 })],
  ["database.storageType", database({ storageType: ["gp2"], iops: 1000 })],
  [
    "database.iops",
    database({ iops: "x", allocatedStorageGib: 400, storageThroughputMibps: 4000 }),
  ],
  ["database.iops", database({ iops: "x", storageType: "io1", allocatedStorageGib: 100 })],
  ["database.iops", database({ iops: "x", storageType: "gp2" })],
  ["database.iops", database({ iops: "x" })],
  ["database.storageThroughputMibps", database({ storageThroughputMibps: "x" })],
  [
    "database.storageThroughputMibps",
    database({ storageThroughputMibps: "x", storageType: "gp2", allocatedStorageGib: 400 }),
  ],
  ["database.storageEncrypted", database({ storageEncrypted: 0, kmsKeyArn: KMS })],
  [
    "database.kmsKeyArn",
    database({
      kmsKeyArn: "x",
      storageEncrypted: false,
      "reasons.storageEncrypted": "a scratch database that nobody would miss",
    }),
  ],
  ["database.maintenanceWindow", database({ backupWindow: "04:00-05:00", maintenanceWindow: 1 })],
  ["database.backupWindow", database({ backupWindow: 1, maintenanceWindow: WINDOW })],
  ["database.maintenanceWindow", database({ maintenanceWindow: "" })],
  ["database.multiAz", database({ multiAz: "x", availabilityZone: "us-east-1a" })],
  ["database.availabilityZone", database({ availabilityZone: 1 })],
  ["database.engineVersion", database({ engineVersion: "x" })],
  ["database.autoMinorVersionUpgrade", database({ autoMinorVersionUpgrade: "x" })],
  [
    "database.autoMinorVersionUpgrade",
    database({ autoMinorVersionUpgrade: "x", engineVersion: "15.17" }),
  ],
  ["database.skipFinalSnapshot", database({ skipFinalSnapshot: "x", finalSnapshotPrefix: "a" })],
  ["database.finalSnapshotPrefix", database({ finalSnapshotPrefix: 1 })],
  [
    "database.identifier",
    database({
      identifier: "News",
      restoreFrom: { kind: "point-in-time", sourceIdentifier: "other-db" },
    }),
  ],
  ["database.readReplicas.a_", database({ readReplicas: { a_: {} }, backupRetentionDays: 1 })],
  [
    "database.blueGreenUpdate",
    database({ blueGreenUpdate: "x", readReplicas: { reports: {} }, identifier: "a".repeat(52) }),
  ],
  ["database.restoreFrom.kind", database({ restoreFrom: { kind: "x" } })],
  [
    "database.reasons.skipFinalSnapshot",
    database({ skipFinalSnapshot: true, "reasons.skipFinalSnapshot": 1 }),
  ],
  [
    "database.reasons.storageEncrypted",
    database({ storageEncrypted: false, "reasons.storageEncrypted": 1 }),
  ],
  [
    "database.reasons.backupRetentionDays",
    database({ backupRetentionDays: 0, "reasons.backupRetentionDays": 1 }),
  ],
  [
    "database.reasons.deletionProtection",
    database({ deletionProtection: false, "reasons.deletionProtection": 1 }),
  ],
  [
    "database.reasons.forceSsl",
    database({ parameters: { "rds.force_ssl": "0" }, "reasons.forceSsl": 1 }),
  ],
  ["database.performanceInsights.mode", database({ performanceInsights: { mode: "x" } })],
  [
    "database.performanceInsights.retentionDays",
    database({ performanceInsights: { mode: "advanced", retentionDays: 1 } }),
  ],
  ["cache.maintenanceWindow", cluster({ snapshotWindow: "04:00-05:00", maintenanceWindow: "x" })],
  ["cache.maintenanceWindow", cluster({ snapshotWindow: "04:00-05:00", maintenanceWindow: "" })],
  [
    "cache.snapshotWindow",
    cluster({ snapshotWindow: "", maintenanceWindow: WINDOW, snapshotRetentionDays: 1 }),
  ],
  [
    "cache.snapshotRetentionDays",
    cluster({ snapshotRetentionDays: "x", maintenanceWindow: WINDOW }),
  ],
  ["cache.engineVersion", cluster({ engineVersion: "x" })],
  ["cache.nodeType", cluster({ nodeType: "x" })],
  [
    "cache.engineVersion",
    group({
      engineVersion: "x",
      transitEncryptionMode: "preferred",
      reasons: { transitEncryptionMode: "clients without TLS, until they moved" },
    }),
  ],
  [
    "cache.engineVersion",
    group({
      engine: "valkey",
      engineVersion: "x",
      iamUser: "news-api",
      logExports: ["engine-log"],
    }),
  ],
  ["cache.engine", group({ engine: "x", engineVersion: "7.2", iamUser: "news-api" })],
  ["cache.eviction", cluster({ eviction: "x", parameters: { "maxmemory-policy": "noeviction" } })],
  ["cache.logExports", cluster({ logExports: "engine-log", engineVersion: "6.x" })],
  ["cache.nodes", group({ nodes: 7, availabilityZones: ["us-east-1a", "us-east-1b"] })],
  ["cache.nodes", group({ nodes: 0, multiAz: true })],
  ["cache.multiAz", group({ multiAz: "x", nodes: 1 })],
  ["cache.multiAz", group({ multiAz: "x", availabilityZones: ["us-east-1a", "us-east-1a"] })],
  ["cache.availabilityZones", group({ availabilityZones: "us-east-1a" })],
  ["cache.transitEncryptionMode", group({ transitEncryptionMode: "x" })],
])("a wrong %s is one problem, whatever else it would break", (path, changes) => {
  expect(problemsWith(changes).map((problem) => problem.split(": ")[0])).toEqual([path]);
});
