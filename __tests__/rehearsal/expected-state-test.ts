import {
  cacheNodeAsExpected,
  differences,
  instanceAsExpected,
  isOfVersion,
  replicaAsExpected,
  textOf,
} from "../../rehearsal/expected-state";
import {
  type CacheStore,
  cachesOf,
  type DatabaseStore,
  databasesOf,
} from "../../settings/data-stores";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";

const database = (changes: Changes = {}) =>
  (databasesOf(environmentWith(changes))[0] as DatabaseStore).settings;
const cache = (changes: Changes = {}) =>
  (cachesOf(environmentWith(changes))[0] as CacheStore).settings;

test("the expected attributes of a database are those of its settings", () => {
  const settings = database({
    "database.allocatedStorageGib": 100,
    "database.multiAz": true,
    "database.backupRetentionDays": 14,
  });
  expect(instanceAsExpected(settings)).toMatchObject({
    DBInstanceStatus: "available",
    AllocatedStorage: 100,
    MultiAZ: true,
    BackupRetentionPeriod: 14,
    PubliclyAccessible: false,
    StorageEncrypted: true,
    DeletionProtection: true,
  });
});

test("attributes that the settings leave to AWS are not expected", () => {
  expect(instanceAsExpected(database())).not.toHaveProperty("MaxAllocatedStorage");
});

test("TLS and encryption are expected of a replication group alone: a cluster has none", () => {
  const both = { TransitEncryptionEnabled: true, AtRestEncryptionEnabled: true };
  expect(cacheNodeAsExpected(cache({ cache: REPLICATION_GROUP }))).toMatchObject(both);
  expect(Object.keys(cacheNodeAsExpected(cache()))).not.toContain("TransitEncryptionEnabled");
});

test("every attribute that differs is listed, with both values", () => {
  const asked = { MultiAZ: true, AllocatedStorage: 20, Engine: "postgres" };
  expect(differences(asked, { MultiAZ: false, Engine: "postgres" })).toEqual([
    { attribute: "MultiAZ", expected: "true", found: "false" },
    { attribute: "AllocatedStorage", expected: "20", found: "–" },
  ]);
});

test.each([[undefined], [null], [""], [[]]])("%j is empty", (value) => {
  expect(textOf(value)).toBe("–");
});

test.each([
  [0, "0"],
  [false, "false"],
  [[0], "[0]"],
  [["upgrade", "postgresql"], '["postgresql","upgrade"]'],
])("%j is not empty", (value, text) => {
  expect(textOf(value)).toBe(text);
});

test.each([
  ["15", "15"],
  ["15.4", "15"],
  ["15.4", "15.4"],
  ["7.0.7", "7.0"],
  ["6.2.6", "6.x"],
])("the release %s is of version %s", (release, version) => {
  expect(isOfVersion(release, version)).toBe(true);
});

test.each([
  ["16.1", "15"],
  ["150", "15"],
  ["15.10", "15.1"],
  ["7.1.0", "7.0"],
])("the release %s is not of version %s", (release, version) => {
  expect(isOfVersion(release, version)).toBe(false);
});

test("a replica is expected to belong to its instance, with its own class", () => {
  const settings = database({
    "database.readReplicas": { reports: { instanceClass: "db.t4g.medium" } },
  });
  expect(replicaAsExpected(settings, "reports")).toMatchObject({
    ReadReplicaSourceDBInstanceIdentifier: "news-api-db",
    DBInstanceClass: "db.t4g.medium",
    PubliclyAccessible: false,
  });
});
