import { environmentWith, problemsWith } from "../../minimal-environment";

const REASON = "a scratch database that is rebuilt every night";

const replicas = (readReplicas: unknown, more = {}) =>
  problemsWith({ "database.readReplicas": readReplicas, ...more });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, {}]));

test("a replica has its instance's settings, without a standby", () => {
  expect(
    environmentWith({ "database.readReplicas": { reports: {} } }).databases.database?.readReplicas,
  ).toEqual({ reports: { multiAz: false } });
});

test.each([
  {},
  { a: {} },
  { for_reports_2: {} },
  { reports: { instanceClass: "db.t4g.medium" } },
  { reports: { availabilityZone: "us-east-1b" } },
  { reports: { multiAz: true } },
  { reports: { deletionProtection: true } },
  { reports: { monitoringIntervalSeconds: 1 } },
  { reports: { performanceInsightsRetentionDays: 31 } },
  { ["r".repeat(51)]: {} },
  many(15),
])("the replicas %j are accepted", (readReplicas) => {
  expect(replicas(readReplicas)).toEqual([]);
});

test.each([
  { production: false },
  { "database.reasons": { deletionProtection: "the reports have moved elsewhere" } },
])("a replica needs no deletion protection with %j", (more) => {
  expect(replicas({ reports: { deletionProtection: false } }, more)).toEqual([]);
});

test("in production, a replica without deletion protection requires a reason", () => {
  expect(replicas({ reports: { deletionProtection: false }, other: {} })).toEqual([
    'database.readReplicas: requires a reason in production, because one wrong apply deletes the replica that readers use; got: ["reports"]. Remove it, or give the reason in `database.reasons.deletionProtection`.',
  ]);
});

const NAME =
  "must have a name of lowercase letters, digits and single underscores, start with a letter and not end with an underscore: it becomes part of the replica's Terraform address";

test.each(["Reports", "1st", "for-reports", "a__b", "a_", "_a", ""])(
  "a replica cannot have the name %j",
  (name) => {
    expect(replicas({ [name]: {} })).toEqual([
      `database.readReplicas.${name}: ${NAME}; got: ${JSON.stringify(name)}. Rename the replica.`,
    ]);
  },
);

test.each<[unknown, string]>([
  [
    many(16),
    `readReplicas: must have at most 15 replicas; got: ${shown(many(16))}. Remove replicas.`,
  ],
  [
    { ["r".repeat(52)]: {} },
    `readReplicas: must have names that give the replicas identifiers of at most 63 characters; got: ["news-api-db-${"r".repeat(52)}"]. Shorten the replica's name or the database's identifier.`,
  ],
  [
    { reports: { instanceClass: "cache.t4g.micro" } },
    'readReplicas.reports.instanceClass: must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: "cache.t4g.micro". Did you mean "db.t4g.micro"?',
  ],
  [
    { reports: { availabilityZone: "us-east-1b", multiAz: true } },
    'readReplicas.reports.availabilityZone: must be absent when multiAz is true; got: "us-east-1b". Remove it, or set multiAz: false.',
  ],
  [
    { reports: {}, other: { availabilityZone: "eu-west-1a" } },
    'readReplicas: must be in the environment\'s region us-east-1; got: ["eu-west-1a"]. Use, for example, "us-east-1a" as availabilityZone.',
  ],
  [
    { reports: { monitoringIntervalSeconds: 0 } },
    "readReplicas.reports.monitoringIntervalSeconds: must be one of 1, 5, 10, 15, 30, 60; got: 0. Use an interval in seconds that RDS accepts.",
  ],
  [
    { reports: { performanceInsightsRetentionDays: 30 } },
    "readReplicas.reports.performanceInsightsRetentionDays: must be 7, 731, or a multiple of 31 up to 713; got: 30. Use 31.",
  ],
])("the replicas %j are refused", (readReplicas, message) => {
  expect(replicas(readReplicas)).toEqual([`database.${message}`]);
});

function shown(value: unknown): string {
  const text = JSON.stringify(value).replaceAll("{}", '{"multiAz":false}');
  return `${text.slice(0, 80)}…`;
}

test("replicas require automated backups", () => {
  const without = {
    "database.backupRetentionDays": 0,
    "database.reasons.backupRetentionDays": REASON,
  };
  expect(replicas({}, without)).toEqual([]);
  expect(replicas({ reports: {} }, without)).toEqual([
    'database.readReplicas: must be empty without automated backups, which RDS needs to create replicas; got: ["reports"]. Set backupRetentionDays to 1 or more, or remove the replicas.',
  ]);
  expect(replicas({ reports: {} }, { "database.backupRetentionDays": 1 })).toEqual([]);
});

test("replicas are refused for an instance whose password RDS manages", () => {
  const managed = { "database.credentials": { kind: "rds-managed" } };
  expect(replicas({}, managed)).toEqual([]);
  expect(replicas({ reports: {} }, managed)).toEqual([
    'database.readReplicas: must be empty with credentials of kind "rds-managed": RDS creates no replica of such an instance; got: ["reports"]. Use credentials of kind "secret", or remove the replicas.',
  ]);
});
