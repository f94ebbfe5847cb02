import {
  environmentWith,
  MINIMAL,
  problemsWith,
  REPLICATION_GROUP,
} from "../../minimal-environment";

const cluster = (changes: object) => problemsWith({ cache: { ...MINIMAL.cache, ...changes } });
const group = (changes: object) => problemsWith({ cache: { ...REPLICATION_GROUP, ...changes } });
const REASON = "clients without TLS, until they have moved";
const PREFERRED = {
  transitEncryptionMode: "preferred",
  reasons: { transitEncryptionMode: REASON },
};
const exact = (engineVersion: string) => ({ engineVersion, autoMinorVersionUpgrade: false });
const valkey = (engineVersion: string) => ({ engine: "valkey", ...exact(engineVersion) });

test("omitted settings of a replication group get values that are safe for production", () => {
  expect(environmentWith({ cache: REPLICATION_GROUP }).caches.cache).toEqual({
    ...REPLICATION_GROUP,
    description: "The cache and its replicas",
    engine: "redis",
    autoMinorVersionUpgrade: true,
    port: 6379,
    snapshotRetentionDays: 0,
    skipFinalSnapshot: false,
    preventDestroy: false,
    logExports: [],
    logRetentionDays: 30,
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
  { availabilityZone: "us-east-1f" },
  { snapshotName: "a" },
  { snapshotName: "automatic.news-api-cache-2026-05-31-03-10" },
  { snapshotName: "a".repeat(255) },
  { applyImmediately: true },
  { preventDestroy: true },
  { logExports: ["engine-log"] },
  { logExports: ["slow-log", "engine-log"], logRetentionDays: 365 },
  { logExports: ["slow-log"], ...exact("6.0") },
  { logExports: ["engine-log"], ...exact("6.2") },
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
  { availabilityZones: ["us-east-1a", "us-east-1b"] },
  { nodes: 3, availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1b"] },
  { multiAz: false, availabilityZones: ["us-east-1a", "us-east-1a"] },
  { nodeType: "cache.r6gd.xlarge", ...exact("6.2") },
  { userGroupId: "a" },
  { userGroupId: `a${"-b".repeat(19)}c` },
  { ...exact("7.0"), ...PREFERRED },
  { engine: "redis" },
  valkey("7.2"),
  valkey("8.0"),
  valkey("8.1"),
  valkey("8.2"),
  valkey("9.0"),
  valkey("9.1"),
  { ...valkey("7.2"), ...PREFERRED, iamUser: "news-api" },
  { ...valkey("7.2"), nodeType: "cache.r6gd.xlarge", logExports: ["slow-log", "engine-log"] },
])("a replication group with %j is accepted", (changes) => {
  expect(group(changes)).toEqual([]);
});

const VERSION = "must be one of 6.x, 6.0, 6.2, 7.0, 7.1; got: %s.";
const VERSIONS = `${VERSION} Use one of them as a string.`;
const NODE_TYPE =
  "must be cache.<family>.<size>, with a family and size that ElastiCache offers; got: %s.";

test.each<[string, unknown, string]>([
  ["engineVersion", "5.0.6", VERSIONS],
  ["engineVersion", "6.xfoo", `${VERSION} Did you mean "6.x"?`],
  ["engineVersion", "abc7.0", `${VERSION} Did you mean "7.0"?`],
  ["engineVersion", "7", VERSIONS],
  ["engineVersion", "toString", VERSIONS],
  ["nodeType", "db.t4g.micro", `${NODE_TYPE} Did you mean "cache.t4g.micro"?`],
  ["nodeType", "cache.t4g.mirco", `${NODE_TYPE} Did you mean "cache.t4g.micro"?`],
  ["nodeType", "xlarge", `${NODE_TYPE} Use, for example, "cache.t4g.micro" or "cache.m7g.large".`],
  [
    "clusterId",
    "a".repeat(51),
    "must have 1 to 50 characters; got: %s. Shorten it to 50 characters or fewer.",
  ],
  ["port", 0, "must be a whole number from 1 to 65535; got: 0. Use 1 or more."],
  [
    "snapshotRetentionDays",
    36,
    "must be a whole number of days from 0 to 35; got: 36. Use 35 or less.",
  ],
  [
    "snapshotWindow",
    "03:00-03:59",
    'must last at least 60 minutes; got: "03:00-03:59". Set a later end.',
  ],
  [
    "maintenanceWindow",
    "sun:04:00-sun:04:59",
    'must last at least 60 minutes; got: "sun:04:00-sun:04:59". Set a later end.',
  ],
])("a cluster with %s: %j is refused", (field, value, message) => {
  expect(cluster({ [field]: value })).toContain(
    `cache.${field}: ${message.replace("%s", JSON.stringify(value))}`,
  );
});

const SNAPSHOT =
  "cache.snapshotName: must be the name of a cache snapshot: lowercase letters, digits and single hyphens, starting with a letter; got: %s. Use the name that `aws elasticache describe-snapshots` shows.";

test.each(["", "1a", "A", "a--b", "a-", "automatic.", "manual.a", "a.b"])(
  "the snapshot name %j is refused",
  (snapshotName) => {
    expect(cluster({ snapshotName })).toEqual([
      SNAPSHOT.replace("%s", JSON.stringify(snapshotName)),
    ]);
  },
);

test("a snapshot's name has at most 255 characters", () => {
  expect(cluster({ snapshotName: "a".repeat(256) })).toHaveLength(1);
});

test.each<[object, string]>([
  [
    { availabilityZone: "eu-west-1a" },
    'cache.availabilityZone: must be in the environment\'s region us-east-1; got: "eu-west-1a". Use, for example, "us-east-1a".',
  ],
  [
    { availabilityZone: "us-east-1" },
    'cache.availabilityZone: must be in the environment\'s region us-east-1; got: "us-east-1". Use, for example, "us-east-1a".',
  ],
  [
    { availabilityZone: "us-east-1aa" },
    'cache.availabilityZone: must be in the environment\'s region us-east-1; got: "us-east-1aa". Use, for example, "us-east-1a".',
  ],
  [
    { availabilityZone: 1 },
    'cache.availabilityZone: must be a string; got: 1. Use a zone of the region, such as "us-east-1a".',
  ],
  [
    { nodeType: "cache.r6gd.xlarge" },
    'cache.nodeType: must not be of the family r6gd: only a replication group supports data tiering; got: "cache.r6gd.xlarge". Use another family, or kind "replication-group".',
  ],
  [
    { engineVersion: "7.0" },
    'cache.autoMinorVersionUpgrade: must be false with the exact version "7.0": once AWS has upgraded it, the next apply replaces the cache; got: true. Set autoMinorVersionUpgrade: false.',
  ],
  [
    { snapshotWindow: "03:00-04:00" },
    'cache.snapshotWindow: must be set together with maintenanceWindow: AWS picks a missing window at random, and the two may overlap; got: "03:00-04:00". Set maintenanceWindow too, or remove snapshotWindow.',
  ],
  [
    { snapshotRetentionDays: 1, maintenanceWindow: "sun:04:00-sun:05:00" },
    'cache.maintenanceWindow: must be set together with snapshotWindow while snapshots are kept: AWS picks a missing window at random, and the two may overlap; got: "sun:04:00-sun:05:00". Set snapshotWindow too.',
  ],
  [
    { snapshotWindow: "04:00-05:00", maintenanceWindow: "sun:04:59-sun:06:00" },
    'cache.snapshotWindow: must not overlap maintenanceWindow "sun:04:59-sun:06:00"; got: "04:00-05:00". Move one of them. Their ends may touch.',
  ],
  [
    { logExports: ["slow-log", "slow-log"] },
    'cache.logExports: must name each log once; got: ["slow-log","slow-log"]. Remove the duplicate.',
  ],
  [
    { logExports: ["slowlog"] },
    'cache.logExports.0: must be one of "slow-log", "engine-log"; got: "slowlog". Did you mean "slow-log"?',
  ],
  [
    { logExports: ["engine-log"], ...exact("6.0") },
    'cache.logExports: must not have "engine-log" with Redis 6.0, which does not deliver it; got: ["engine-log"]. Remove it, or use engineVersion "6.2" or later.',
  ],
  [
    { logRetentionDays: 31 },
    "cache.logRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653; got: 31. Use a number of days that CloudWatch Logs accepts, such as 30.",
  ],
  [
    { engine: "valkey" },
    'cache.engine: is not a setting. Remove it: a database is always PostgreSQL, and a cluster is always Redis. For Valkey, use a cache of kind "replication-group".',
  ],
  [
    { authToken: "x" },
    "cache.authToken: is not a setting. Remove it: a static token would be in the Terraform state. Let clients connect by security group, or set `iamUser` of a replication group.",
  ],
])("a cluster with %j is refused", (changes, message) => {
  expect(cluster(changes)).toEqual([message]);
});

const USER_GROUP =
  "cache.userGroupId: must be the ID of a user group: 1 to 40 lowercase letters, digits and single hyphens, starting with a letter; got: %s. Use the ID that `aws elasticache describe-user-groups` shows.";

test.each(["", "1a", "A", "a--b", "a-", "a_b", "a".repeat(41)])(
  "the user group ID %j is refused",
  (userGroupId) => {
    expect(group({ userGroupId })).toEqual([USER_GROUP.replace("%s", JSON.stringify(userGroupId))]);
  },
);

test.each<[object, string]>([
  [
    { availabilityZones: ["us-east-1a"] },
    'cache.availabilityZones: must name one zone for each node (nodes: 2); got: ["us-east-1a"]. Name a zone once for each node in it, or remove the setting.',
  ],
  [
    { availabilityZones: ["us-east-1a", "us-east-1a"] },
    'cache.availabilityZones: must name at least two zones when multiAz is true (the default); got: ["us-east-1a","us-east-1a"]. Name another zone, or set multiAz: false.',
  ],
  [
    { availabilityZones: ["us-east-1a", "eu-west-1a"] },
    'cache.availabilityZones: must be in the environment\'s region us-east-1; got: ["us-east-1a","eu-west-1a"]. Use, for example, "us-east-1a".',
  ],
  [
    { nodeType: "cache.r6gd.xlarge", ...exact("6.0") },
    'cache.nodeType: must not be of the family r6gd with Redis 6.0, which has no data tiering; got: "cache.r6gd.xlarge". Use another family, or engineVersion "6.2" or later.',
  ],
  [
    PREFERRED,
    'cache.transitEncryptionMode: must be "required" for Redis 6.x, which has no other mode; got: "preferred". Use "required", or engineVersion "7.0" or later.',
  ],
  [
    { ...exact("7.1"), transitEncryptionMode: "preferred" },
    'cache.transitEncryptionMode: requires a reason, because it lets clients connect without TLS; got: "preferred". Set it to "required", or give the reason in `reasons.transitEncryptionMode`.',
  ],
  [
    { reasons: { transitEncryptionMode: REASON } },
    `cache.reasons.transitEncryptionMode: must be absent while transitEncryptionMode has a safe value; got: "${REASON}". Remove the reason.`,
  ],
  [
    { engine: "valkey" },
    'cache.engineVersion: must be one of 7.2, 8.0, 8.1, 8.2, 9.0, 9.1 for engine "valkey"; got: "6.x". Use one of them, or the other engine.',
  ],
  [
    { engine: "redis", ...exact("7.2") },
    'cache.engineVersion: must be one of 6.x, 6.0, 6.2, 7.0, 7.1 for engine "redis"; got: "7.2". Use one of them, or the other engine.',
  ],
  [
    { ...valkey("7.1"), iamUser: "news-api" },
    'cache.engineVersion: must be one of 7.2, 8.0, 8.1, 8.2, 9.0, 9.1 for engine "valkey"; got: "7.1". Use one of them, or the other engine.',
  ],
  [
    { ...valkey("9.2") },
    'cache.engineVersion: must be one of 6.x, 6.0, 6.2, 7.0, 7.1, 7.2, 8.0, 8.1, 8.2, 9.0, 9.1; got: "9.2". Use one of them as a string.',
  ],
  [
    { ...valkey("8.0"), autoMinorVersionUpgrade: true },
    'cache.autoMinorVersionUpgrade: must be false with the exact version "8.0": once AWS has upgraded it, the next apply replaces the cache; got: true. Set autoMinorVersionUpgrade: false.',
  ],
  [
    { engine: "memcached" },
    'cache.engine: must be one of "redis", "valkey"; got: "memcached". Use one of them.',
  ],
  [
    { replicationGroupId: "a".repeat(41) },
    'cache.replicationGroupId: must have 1 to 40 characters; got: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa". Shorten it to 40 characters or fewer.',
  ],
  [
    { iamUser: "news-api" },
    'cache.iamUser: must be absent with Redis before 7.0, which has no IAM authentication; got: "news-api". Set engineVersion: "7.1", or remove iamUser.',
  ],
  [
    { ...exact("7.1"), iamUser: "news-api", userGroupId: "existing" },
    'cache.iamUser: must be absent with userGroupId: the user group has its own users; got: "news-api". Remove one of them.',
  ],
  [
    { ...exact("7.1"), iamUser: "Default" },
    'cache.iamUser: must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen; got: "Default". Use, for example, "news-api".',
  ],
  [
    { ...exact("7.1"), iamUser: "default" },
    'cache.iamUser: must not be "default", the user of connections that name no user; got: "default". Name the user after the application.',
  ],
  [
    { ...exact("7.1"), iamUser: "news-api", replicationGroupId: "a".repeat(33) },
    'cache.replicationGroupId: must have at most 32 characters with an iamUser; got: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa". Shorten it now: a later change replaces the cache.',
  ],
  [
    { nodes: 0 },
    "cache.nodes: must be a whole number of nodes from 1 to 6; got: 0. Use 1 or more.",
  ],
  [
    { nodes: 7 },
    "cache.nodes: must be a whole number of nodes from 1 to 6; got: 7. Use 6 or less.",
  ],
  [
    { nodes: 1 },
    "cache.multiAz: must be false with one node (the default is true); got: true. Set multiAz: false, or use two or more nodes.",
  ],
  [
    { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef" },
    'cache.kmsKeyArn: must be a key in the environment\'s region us-east-1; got: "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef". Use a key of that region.',
  ],
])("a replication group with %j is refused", (changes, message) => {
  expect(group(changes)).toEqual([message]);
});

test("a cache without a kind is refused, and the message lists the kinds", () => {
  expect(problemsWith({ "cache.kind": undefined })).toEqual([
    'cache.kind: must be one of "cluster", "replication-group"; got: nothing. Use one of them.',
  ]);
});
