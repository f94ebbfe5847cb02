import { problemsWith } from "../../minimal-environment";

const restore = (value: unknown, more = {}) =>
  problemsWith({ "database.restoreFrom": value, ...more });
const snapshot = (snapshotIdentifier: string) => restore({ kind: "snapshot", snapshotIdentifier });
const pointInTime = (value: object) => restore({ kind: "point-in-time", ...value });

const RESOURCE = `db-${"A1".repeat(13)}`;
const BACKUPS = "arn:aws:rds:us-east-1:123456789012:auto-backup:ab-l2ijcexjp7xq7hoj4s";

test.each([
  "a",
  "news-api-db-final-1",
  "News-API",
  "rds:news-api-db-2026-05-31-03-10",
  "a".repeat(255),
  "arn:aws:rds:us-east-1:123456789012:snapshot:shared",
  "arn:aws:rds:us-east-1:123456789012:snapshot:rds:automatic-1",
  "awsbackup:job-0a1b2c3d-4e5f-6789-abcd-ef0123456789",
  "arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-0a1b2c3d",
])("the snapshot %s is accepted", (identifier) => {
  expect(snapshot(identifier)).toEqual([]);
});

test.each([
  "",
  "1db",
  "a--b",
  "ab-",
  "a".repeat(256),
  "rds:",
  "rds:rds:a",
  "awsbackup:",
  "arn:aws:rds:us-east-1:123456789012:snapshot:ends-in-a-hyphen-",
  "arn:aws:rds:us-east-1:123456789012:snapshot:two--hyphens",
  "arn:aws:rds:us-east-1:123456789012:db:a",
  "arn:aws:rds:us-east-1:1234:snapshot:a",
  "xarn:aws:rds:us-east-1:123456789012:snapshot:a",
])("the snapshot %j is refused", (identifier) => {
  const got = JSON.stringify(identifier);
  const shown = got.length > 80 ? `${got.slice(0, 80)}…` : got;
  expect(snapshot(identifier)).toEqual([
    `database.restoreFrom.snapshotIdentifier: must be the identifier or the full ARN of a DB snapshot; got: ${shown}. Use, for example, "news-api-db-final-1", or the ARN of a snapshot that is shared with you.`,
  ]);
});

test.each([
  { sourceIdentifier: "other-db" },
  { sourceIdentifier: "other-db", time: "2026-05-31T09:45:00Z" },
  { sourceIdentifier: "other-db", time: "2028-02-29T23:59:59Z" },
  { sourceResourceId: RESOURCE },
  { automatedBackupsArn: BACKUPS },
])("the point in time %j is accepted", (value) => {
  expect(pointInTime(value)).toEqual([]);
});

test.each([
  ["us-east-1", "arn:aws:rds:eu-west-1:123456789012:snapshot:a"],
  ["us-east-1", "arn:aws-cn:rds:us-east-1:123456789012:snapshot:a"],
  ["us-east-1", "arn:aws-cn:rds:cn-north-1:123456789012:snapshot:a"],
])("in %s, a restore from %s is refused", (region, snapshotIdentifier) => {
  expect(restore({ kind: "snapshot", snapshotIdentifier }, { region })).toEqual([
    expect.stringContaining(
      `database.restoreFrom: must name a snapshot or backups in the environment's region ${region}`,
    ),
  ]);
});

test("a snapshot or backups in the environment's own region are accepted in every partition", () => {
  const region = "cn-north-1";
  const snapshotIdentifier = "arn:aws-cn:rds:cn-north-1:123456789012:snapshot:a";
  expect(
    restore(
      { kind: "snapshot", snapshotIdentifier },
      { region, "database.instanceClass": "db.t4g.micro" },
    ),
  ).toEqual([]);
  const automatedBackupsArn = BACKUPS.replace("us-east-1", "eu-west-1");
  expect(restore({ kind: "point-in-time", automatedBackupsArn })).toEqual([
    expect.stringContaining("must name a snapshot or backups in the environment's region"),
  ]);
});

const TIME =
  'database.restoreFrom.time: must be a time in UTC, YYYY-MM-DDThh:mm:ssZ; got: %s. Use, for example, "2026-05-31T09:45:00Z".';

test.each([
  "2026-05-31",
  "2026-05-31T09:45:00",
  "2026-05-31T09:45:00+02:00",
  "2026-05-31T09:45:00.000Z",
  "2026-02-30T09:45:00Z",
  "2026-13-01T09:45:00Z",
  "2026-05-31T24:00:00Z",
  "x2026-05-31T09:45:00Z",
  "2026-05-31T09:45:00Z ",
])("the time %j is refused", (time) => {
  expect(pointInTime({ sourceIdentifier: "other-db", time })).toEqual([
    TIME.replace("%s", JSON.stringify(time)),
  ]);
});

const ONE_SOURCE =
  "database.restoreFrom: must have exactly one of sourceIdentifier, sourceResourceId, automatedBackupsArn; got: %s. Set exactly one of them.";
const RESOURCE_FORM =
  'database.restoreFrom.sourceResourceId: must be "db-" followed by 26 uppercase letters and digits; got: %s. Use the DbiResourceId that `aws rds describe-db-instances` shows.';

test.each<[object, string]>([
  [{}, ONE_SOURCE.replace("%s", "[]")],
  [
    { sourceIdentifier: "other-db", sourceResourceId: RESOURCE },
    ONE_SOURCE.replace("%s", '["sourceIdentifier","sourceResourceId"]'),
  ],
  [
    { sourceIdentifier: "news-api-db" },
    'database.restoreFrom.sourceIdentifier: must not be this instance\'s own identifier: a restore creates a new instance; got: "news-api-db". Give the new instance another identifier.',
  ],
  [{ sourceResourceId: "db-A" }, RESOURCE_FORM.replace("%s", '"db-A"')],
  [{ sourceResourceId: `${RESOURCE}1` }, RESOURCE_FORM.replace("%s", `"${RESOURCE}1"`)],
  [{ sourceResourceId: `x${RESOURCE}` }, RESOURCE_FORM.replace("%s", `"x${RESOURCE}"`)],
  [
    { automatedBackupsArn: "ab-l2ijcexjp7xq7hoj4s" },
    'database.restoreFrom.automatedBackupsArn: must be the full ARN of automated backups; got: "ab-l2ijcexjp7xq7hoj4s". Use "arn:aws:rds:<region>:<account>:auto-backup:ab-…".',
  ],
  [
    { automatedBackupsArn: `x${BACKUPS}` },
    `database.restoreFrom.automatedBackupsArn: must be the full ARN of automated backups; got: "x${BACKUPS}". Use "arn:aws:rds:<region>:<account>:auto-backup:ab-…".`,
  ],
  [
    { automatedBackupsArn: `${BACKUPS}/` },
    `database.restoreFrom.automatedBackupsArn: must be the full ARN of automated backups; got: "${BACKUPS}/". Use "arn:aws:rds:<region>:<account>:auto-backup:ab-…".`,
  ],
])("the point in time %j is refused", (value, message) => {
  expect(pointInTime(value)).toEqual([message]);
});

test("an unknown kind of restore is refused, and the message lists the kinds", () => {
  expect(restore({ kind: "snapshots" })).toEqual([
    'database.restoreFrom.kind: must be one of "snapshot", "point-in-time"; got: "snapshots". Did you mean "snapshot"?',
  ]);
});

const PREFIX = "final snapshot's identifier";
const GRAMMAR =
  "must contain only letters, digits and single hyphens, start with a letter and not end with a hyphen";

test.each(["a", "News-API-final", "a".repeat(218)])(
  "the final snapshot prefix %s is accepted",
  (prefix) => {
    expect(problemsWith({ "database.finalSnapshotPrefix": prefix })).toEqual([]);
  },
);

test.each<[string, string]>([
  ["a--b", `${GRAMMAR}; got: "a--b". Use, for example, "a-b".`],
  ["a-", `${GRAMMAR}; got: "a-". Use, for example, "a".`],
  ["1a", `${GRAMMAR}; got: "1a". Use, for example, "a".`],
  ["a_b", `${GRAMMAR}; got: "a_b". Use, for example, "a-b".`],
  ["9", `${GRAMMAR}; got: "9". Use, for example, "news-api".`],
  ["", `must have 1 to 218 characters; got: "". Use the prefix of the ${PREFIX}.`],
  [
    "a".repeat(219),
    `must have 1 to 218 characters; got: "${"a".repeat(79)}…. Shorten it to 218 characters or fewer.`,
  ],
])("the final snapshot prefix %s is refused", (prefix, message) => {
  expect(problemsWith({ "database.finalSnapshotPrefix": prefix })).toEqual([
    `database.finalSnapshotPrefix: ${message}`,
  ]);
});

test("a prefix without a final snapshot is refused", () => {
  expect(
    problemsWith({
      "database.finalSnapshotPrefix": "a",
      "database.skipFinalSnapshot": true,
      "database.reasons.skipFinalSnapshot": "a scratch database that is rebuilt every night",
    }),
  ).toEqual([
    'database.finalSnapshotPrefix: must be absent when skipFinalSnapshot is true; got: "a". Remove it, or keep the final snapshot.',
  ]);
});
