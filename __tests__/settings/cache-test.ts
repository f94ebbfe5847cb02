import { environmentWith, MINIMAL, problemsWith, REPLICATION_GROUP } from "../minimal-environment";

const cluster = (changes: object) => problemsWith({ cache: { ...MINIMAL.cache, ...changes } });
const group = (changes: object) => problemsWith({ cache: { ...REPLICATION_GROUP, ...changes } });
const exact = (engineVersion: string) => ({ engineVersion, autoMinorVersionUpgrade: false });

test("what is left out of a replication group is safe for production", () => {
  expect(environmentWith({ cache: REPLICATION_GROUP }).cache).toEqual({
    ...REPLICATION_GROUP,
    autoMinorVersionUpgrade: true,
    port: 6379,
    snapshotRetentionDays: 0,
    nodes: 2,
    multiAz: true,
    applyImmediately: false,
    parameters: {},
    transitEncryptionMode: "required",
    reasons: {},
  });
});

test.each([
  { clusterId: "a".repeat(50) },
  { nodeType: "cache.t3.micro" },
  exact("6.0"),
  exact("6.2"),
  exact("7.0"),
  exact("7.1"),
  { port: 1 },
  { port: 65535 },
  { maintenanceWindow: "sun:04:00-sun:05:00" },
  {
    snapshotRetentionDays: 35,
    snapshotWindow: "03:00-04:00",
    maintenanceWindow: "sun:04:00-sun:05:00",
  },
])("a cluster with %j is accepted", (changes) => {
  expect(cluster(changes)).toEqual([]);
});

test.each([
  { replicationGroupId: "a".repeat(40) },
  { nodes: 1, multiAz: false },
  { nodes: 6 },
  { nodes: 2, multiAz: false },
  { ...exact("7.0"), iamUser: "a".repeat(40), replicationGroupId: "a".repeat(32) },
])("a replication group with %j is accepted", (changes) => {
  expect(group(changes)).toEqual([]);
});

const VERSION = "must be one of 6.x, 6.0, 6.2, 7.0, 7.1; got: %s.";
const VERSIONS = `${VERSION} Write one of them, in quotes.`;
const NODE_TYPE = "must be cache.<family>.<size> of a family that ElastiCache has; got: %s.";

test.each<[string, unknown, string]>([
  ["engineVersion", "5.0.6", VERSIONS],
  ["engineVersion", "6.xfoo", `${VERSION} Did you mean "6.x"?`],
  ["engineVersion", "abc7.0", `${VERSION} Did you mean "7.0"?`],
  ["engineVersion", "7", VERSIONS],
  ["engineVersion", "toString", VERSIONS],
  ["nodeType", "db.t4g.micro", `${NODE_TYPE} Did you mean "cache.t4g.micro"?`],
  ["nodeType", "cache.t4g.mirco", `${NODE_TYPE} Did you mean "cache.t4g.micro"?`],
  ["nodeType", "xlarge", `${NODE_TYPE} Write for example "cache.t4g.micro" or "cache.m7g.large".`],
  [
    "clusterId",
    "a".repeat(51),
    'must have 1 to 50 characters; got: %s. Write the cache cluster\'s id, such as "news-api-cache" of at most 50 characters.',
  ],
  ["port", 0, "must be a whole number from 1 to 65535; got: 0. Write 1 or more."],
  [
    "snapshotRetentionDays",
    36,
    "must be a whole number of days from 0 to 35; got: 36. Write 35 or less.",
  ],
  [
    "snapshotWindow",
    "03:00-03:59",
    'must last at least 60 minutes; got: "03:00-03:59". Move its end.',
  ],
  [
    "maintenanceWindow",
    "sun:04:00-sun:04:59",
    'must last at least 60 minutes; got: "sun:04:00-sun:04:59". Move its end.',
  ],
])("a cluster with %s: %j is refused", (field, value, message) => {
  expect(cluster({ [field]: value })).toContain(
    `cache.${field}: ${message.replace("%s", JSON.stringify(value))}`,
  );
});

test.each<[object, string]>([
  [
    { engineVersion: "7.0" },
    'cache.autoMinorVersionUpgrade: must be false with the exact version "7.0": once AWS has upgraded it, the next apply replaces the cache; got: true. Write autoMinorVersionUpgrade: false.',
  ],
  [
    { snapshotWindow: "03:00-04:00" },
    'cache.snapshotWindow: must be set together with maintenanceWindow: AWS picks a missing one at random and may hit the other; got: "03:00-04:00". Set maintenanceWindow too, or remove it.',
  ],
  [
    { snapshotRetentionDays: 1, maintenanceWindow: "sun:04:00-sun:05:00" },
    'cache.maintenanceWindow: must be set together with snapshotWindow while snapshots are kept: AWS picks a missing one at random and may hit the other; got: "sun:04:00-sun:05:00". Set snapshotWindow too.',
  ],
  [
    { snapshotWindow: "04:00-05:00", maintenanceWindow: "sun:04:59-sun:06:00" },
    'cache.snapshotWindow: must not overlap maintenanceWindow "sun:04:59-sun:06:00"; got: "04:00-05:00". Move one of them; they may touch.',
  ],
  [
    { authToken: "x" },
    "cache.authToken: is not a setting. A static token would be in the Terraform state: remove it, and let clients in by security group or by IAM users.",
  ],
])("a cluster with %j is refused", (changes, message) => {
  expect(cluster(changes)).toEqual([message]);
});

test.each<[object, string]>([
  [
    { replicationGroupId: "a".repeat(41) },
    'cache.replicationGroupId: must have 1 to 40 characters; got: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa". Write the replication group\'s id, such as "news-api-cache" of at most 40 characters.',
  ],
  [
    { iamUser: "news-api" },
    'cache.iamUser: must be absent below Redis 7.0, which cannot authenticate by IAM; got: "news-api". Write engineVersion "7.1" with autoMinorVersionUpgrade: false, or remove it.',
  ],
  [
    { ...exact("7.1"), iamUser: "news-api", userGroupId: "existing" },
    'cache.iamUser: must be absent with a userGroupId, which has users of its own; got: "news-api". Remove one of them.',
  ],
  [
    { ...exact("7.1"), iamUser: "default" },
    'cache.iamUser: must not be "default", the user that everybody is without a name; got: "default". Name the user after the application.',
  ],
  [
    { ...exact("7.1"), iamUser: "news-api", replicationGroupId: "a".repeat(33) },
    'cache.replicationGroupId: must have at most 32 characters with an iamUser; got: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa". Shorten it: changing it later replaces the cache.',
  ],
  [
    { nodes: 0 },
    "cache.nodes: must be a whole number of nodes from 1 to 6; got: 0. Write 1 or more.",
  ],
  [
    { nodes: 7 },
    "cache.nodes: must be a whole number of nodes from 1 to 6; got: 7. Write 6 or less.",
  ],
  [
    { nodes: 1 },
    "cache.multiAz: must be false with one node (it is on by default); got: true. Write multiAz: false, or 2 nodes or more.",
  ],
  [
    { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef" },
    'cache.kmsKeyArn: must be a key in the environment\'s region us-east-1; got: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef". Name a key of that region.',
  ],
])("a replication group with %j is refused", (changes, message) => {
  expect(group(changes)).toEqual([message]);
});

test("a cache without a kind is refused, with the kinds", () => {
  expect(problemsWith({ "cache.kind": undefined })).toEqual([
    'cache.kind: must be one of "cluster", "replication-group"; got: nothing. Write one of them.',
  ]);
});
