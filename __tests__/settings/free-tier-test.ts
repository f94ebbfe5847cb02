import { MINIMAL, problemsWith, REPLICATION_GROUP } from "../minimal-environment";

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const ROLE = "arn:aws:iam::123456789012:role/rds-monitoring";

const FREE = {
  budget: "free-tier",
  "database.instanceClass": "db.t3.micro",
  "database.multiAz": false,
  "database.backupRetentionDays": 1,
  "cache.nodeType": "cache.t3.micro",
};
const free = (changes: Record<string, unknown>) => problemsWith({ ...FREE, ...changes });

const CLASS =
  'database.instanceClass: must be "db.t3.micro" or "db.t4g.micro" with budget "free-tier"; got: %s. Use one of them, or remove budget.';
const NODE =
  'cache.nodeType: must be "cache.t2.micro" or "cache.t3.micro" with budget "free-tier"; got: %s. Use one of them, or remove budget.';
const KEY = `must be absent with budget "free-tier": a customer managed key is billed monthly; got: ${JSON.stringify(KMS)}. Remove it, or remove budget.`;

test.each<[Record<string, unknown>]>([
  [{}],
  [{ "database.instanceClass": "db.t4g.micro" }],
  [{ "database.storageType": "gp2" }],
  [{ "database.performanceInsights": {} }],
  [{ "database.performanceInsights": { retentionDays: 7 } }],
  [{ "cache.nodeType": "cache.t2.micro" }],
  [{ "cache.eviction": "cache", "cache.preventDestroy": true, "database.preventDestroy": true }],
  [
    {
      cache: {
        ...REPLICATION_GROUP,
        ...{ nodeType: "cache.t3.micro", nodes: 1, multiAz: false },
        ...{ engine: "valkey", engineVersion: "8.0", autoMinorVersionUpgrade: false },
      },
    },
  ],
  [{ "cache.snapshotRetentionDays": 1 }],
  [
    {
      cache: { ...REPLICATION_GROUP, nodeType: "cache.t3.micro", nodes: 1, multiAz: false },
      "cache.nodeType": "cache.t3.micro",
    },
  ],
])("the free tier has %j", (changes) => {
  expect(free(changes)).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [
    { region: "cn-north-1" },
    'region: must be outside China and GovCloud with budget "free-tier": they have no free tier; got: "cn-north-1". Choose another region, or remove budget.',
  ],
  [{ "stateBucket.kmsKeyArn": KMS }, `stateBucket.kmsKeyArn: ${KEY}`],
  [{ "database.instanceClass": "db.t3.small" }, CLASS.replace("%s", '"db.t3.small"')],
  [
    { "database.allocatedStorageGib": 21 },
    'database.allocatedStorageGib: must be at most 20 GiB with budget "free-tier"; got: 21. Set it to 20, or remove budget.',
  ],
  [
    { "database.maxAllocatedStorageGib": 22 },
    'database.maxAllocatedStorageGib: must be absent with budget "free-tier": storage beyond 20 GiB is billed; got: 22. Remove it, or remove budget.',
  ],
  [{ "database.kmsKeyArn": KMS }, `database.kmsKeyArn: ${KEY}`],
  [
    { "database.multiAz": undefined },
    'database.multiAz: must be false (the default is true) with budget "free-tier": a standby is billed as a second instance; got: true. Set multiAz: false, or remove budget.',
  ],
  [
    { "database.backupRetentionDays": 2 },
    'database.backupRetentionDays: must be at most 1 day with budget "free-tier"; got: 2. Set it to 1, or remove budget.',
  ],
  [
    { "database.readReplicas": { reports: {} } },
    'database.readReplicas: must be empty with budget "free-tier": each replica is billed as an instance; got: {"reports":{"multiAz":false}}. Remove them, or remove budget.',
  ],
  [
    {
      "database.blueGreenUpdate": true,
      "database.applyImmediately": true,
      "database.reasons.blueGreenUpdate": "the upgrade to PostgreSQL 16",
    },
    'database.blueGreenUpdate: must be false with budget "free-tier": the copy is billed as a second instance; got: true. Set it to false, or remove budget.',
  ],
  [
    { "database.enhancedMonitoring": { intervalSeconds: 60, roleArn: ROLE } },
    `database.enhancedMonitoring: must be absent with budget "free-tier": its metrics are billed as logs; got: {"intervalSeconds":60,"roleArn":"${ROLE}"}. Remove it, or remove budget.`,
  ],
  [
    { "database.performanceInsights": { retentionDays: 31 } },
    'database.performanceInsights.retentionDays: must be 7 with budget "free-tier"; got: 31. Set it to 7, or remove budget.',
  ],
  [
    { "database.performanceInsights": { kmsKeyArn: KMS } },
    `database.performanceInsights.kmsKeyArn: ${KEY}`,
  ],
  [
    { "cache.logExports": ["slow-log"] },
    'cache.logExports: must be empty with budget "free-tier": their delivery is billed; got: ["slow-log"]. Remove them, or remove budget.',
  ],
  [{ "cache.nodeType": "cache.t4g.micro" }, NODE.replace("%s", '"cache.t4g.micro"')],
  [
    { "cache.snapshotRetentionDays": 2 },
    'cache.snapshotRetentionDays: must be at most 1 day with budget "free-tier"; got: 2. Set it to 1, or remove budget.',
  ],
  [
    {
      cache: { ...REPLICATION_GROUP, nodeType: "cache.t3.micro" },
      "cache.nodeType": "cache.t3.micro",
    },
    'cache.nodes: must be 1 (the default is 2) with budget "free-tier": the 750 free hours are enough for one node in a month; got: 2. Set nodes: 1 and multiAz: false, or remove budget.',
  ],
  [
    {
      cache: { ...REPLICATION_GROUP, nodes: 1, multiAz: false, kmsKeyArn: KMS },
      "cache.nodeType": "cache.t3.micro",
    },
    `cache.kmsKeyArn: ${KEY}`,
  ],
  [
    {
      "database.storageType": "io1",
      "database.iops": 1000,
      "database.allocatedStorageGib": 100,
    },
    'database.storageType: must be "gp2" or "gp3" with budget "free-tier"; got: "io1". Use one of them, or remove budget.',
  ],
])("the free tier does not have %j", (changes, message) => {
  expect(free(changes)).toContain(message);
  expect(problemsWith({ ...FREE, ...changes, budget: undefined })).toEqual([]);
});

test("the free tier includes alarms with an existing topic", () => {
  const topicArn = "arn:aws:sns:us-east-1:123456789012:on-call";
  const alarms = (value: object) => free({ alarms: value, reasons: undefined });
  expect(alarms({ topicArn })).toEqual([]);
  expect(alarms({ emails: ["ops@example.com"] })).toEqual([
    expect.stringMatching(
      /^alarms: must have a topicArn with budget "free-tier": the key of a topic that the stacks create is billed monthly; got: .*…\. Set topicArn to an existing topic, or remove budget\.$/,
    ),
  ]);
});

test("an invalid setting is not reported a second time", () => {
  expect(free({ "database.allocatedStorageGib": 1 })).toHaveLength(1);
});

test("another budget is refused", () => {
  expect(problemsWith({ budget: "free tier" })).toEqual([
    'budget: must be "free-tier"; got: "free tier". Did you mean "free-tier"?',
  ]);
});

test("the free hours are shared: a second database or cache is refused", () => {
  const { database, cache } = MINIMAL;
  const orders = {
    ...database,
    ...{ identifier: "orders", instanceClass: "db.t4g.micro", multiAz: false },
    backupRetentionDays: 1,
  };
  const pages = { ...cache, clusterId: "pages", nodeType: "cache.t3.micro" };
  expect(free({ "databases.orders": orders, "caches.pages": pages })).toEqual([
    'databases.orders: must be absent with budget "free-tier": database uses up the 750 hours a month that all databases share; got: "orders". Remove it, or remove budget.',
    'caches.pages: must be absent with budget "free-tier": cache uses up the 750 hours a month that all caches share; got: "pages". Remove it, or remove budget.',
  ]);
  expect(free({ "databases.orders": { ...orders, multiAz: true } })).toHaveLength(2);
  expect(free({ database: undefined, "databases.orders": orders })).toEqual([]);
});
