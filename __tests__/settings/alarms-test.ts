import {
  type AlarmsSettings,
  cacheThresholds,
  databaseThresholds,
  emailSlug,
  topicRegion,
} from "../../settings/alarms";
import type { CacheSettings } from "../../settings/cache/cache";
import type { DatabaseSettings } from "../../settings/database/database";
import { environmentWith, MINIMAL, problemsWith, REPLICATION_GROUP } from "../minimal-environment";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call";
const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const BURSTABLE = { "database.instanceClass": "db.t4g.micro", "cache.nodeType": "cache.t4g.micro" };
const LARGE = { "database.instanceClass": "db.m7g.large", "cache.nodeType": "cache.m7g.large" };

const alarms = (value: unknown, changes = {}) =>
  problemsWith({ alarms: value, reasons: undefined, ...changes });

test("omitted thresholds follow AWS's recommendations", () => {
  expect(environmentWith({ alarms: {}, reasons: undefined }).alarms).toEqual({
    emails: [],
    database: {
      cpuPercent: 90,
      freeableMemoryPercent: 10,
      connectionsPercent: 80,
      replicaLagSeconds: 60,
      usedTransactionIdsMillions: 1000,
    },
    cache: {
      cpuPercent: 90,
      memoryPercent: 90,
      evictionsPerMinute: 1000,
      connections: 52000,
      replicationLagSeconds: 10,
    },
  });
});

test.each<[object, object]>([
  [{}, {}],
  [{ topicArn: TOPIC }, {}],
  [{ topicArn: `arn:aws:sns:us-east-1:123456789012:${"T_-9".repeat(64)}` }, {}],
  [{ topicArn: TOPIC.replace("us-east-1", "eu-west-1") }, { region: "eu-west-1" }],
  [{ topicArn: "arn:aws-cn:sns:cn-north-1:123456789012:a" }, { region: "cn-north-1" }],
  [{ emails: [] }, {}],
  [{ emails: ["ops@example.com", "a.B_c%d+e-f@x-1.example.co.uk"] }, {}],
  [{ emails: ["o'brien@example.com"] }, {}],
  [{ emails: ["ops@example.com"], kmsKeyArn: KMS }, {}],
  [{ database: { cpuCredits: 1 }, cache: { cpuCredits: 4608 } }, BURSTABLE],
  [{ database: { freeStorageGib: 19 } }, {}],
  [{}, { "database.parameters": { max_connections: "200" } }],
  [{}, { "database.instanceClass": "db.t4g.medium", "cache.nodeType": "cache.t2.medium" }],
  [{}, { cache: REPLICATION_GROUP }],
])("the alarms %j are accepted with %j", (value, changes) => {
  expect(alarms(value, changes)).toEqual([]);
});

const TOPIC_FORM =
  'alarms.topicArn: must be the full ARN of a standard SNS topic (RDS sends no events to a FIFO topic); got: %s. Use "arn:aws:sns:<region>:<account>:<name>".';
const EMAIL_FORM =
  'alarms.emails.0: must be an email address; got: %s. Use, for example, "ops@example.com".';

test.each<[object, string]>([
  ...["on-call", `${TOPIC}.fifo`, `${TOPIC}a`.padEnd(300, "a"), TOPIC.replace("2:", ":")].map(
    (topicArn) =>
      [
        { topicArn },
        TOPIC_FORM.replace(
          "%s",
          topicArn.length > 78 ? `"${topicArn.slice(0, 79)}…` : JSON.stringify(topicArn),
        ),
      ] as [object, string],
  ),
  ...[
    "ops",
    "ops@example",
    "@example.com",
    "ops@example.com ",
    "a@b@example.com",
    "ö@example.com",
  ].map(
    (email) =>
      [{ emails: [email] }, EMAIL_FORM.replace("%s", JSON.stringify(email))] as [object, string],
  ),
  [
    { emails: ["ops@example.com", "OPS@example.com"] },
    'alarms.emails: must differ in their letters or digits, which name the subscriptions in Terraform; got: ["ops@example.com","OPS@example.com"]. Remove the duplicate.',
  ],
  [
    { topicArn: TOPIC, emails: ["ops@example.com"] },
    'alarms.emails: must be absent with topicArn: the owner of the topic manages its subscriptions; got: ["ops@example.com"]. Subscribe the addresses to that topic and remove emails, or remove topicArn.',
  ],
  [
    { topicArn: TOPIC, kmsKeyArn: KMS },
    `alarms.kmsKeyArn: must be absent with topicArn: the topic has its own encryption; got: "${KMS}". Remove one of them.`,
  ],
  [
    { topicArn: TOPIC.replace("us-east-1", "eu-west-1") },
    'alarms.topicArn: must be a topic in the environment\'s region us-east-1; got: "arn:aws:sns:eu-west-1:123456789012:on-call". Use a topic of that region.',
  ],
  [
    { kmsKeyArn: KMS.replace("us-east-1", "eu-west-1") },
    `alarms.kmsKeyArn: must be a key in the environment's region us-east-1; got: "${KMS.replace("us-east-1", "eu-west-1")}". Use a key of that region.`,
  ],
  [{ email: "ops@example.com" }, 'alarms.email: is not a setting. Did you mean "emails"?'],
])("alarms %j are refused", (value, message) => {
  expect(alarms(value)).toEqual([message]);
});

/** Each threshold's limits. */
const LIMITS: readonly [path: string, unit: string, from: number, to: number][] = [
  ["database.cpuPercent", "percent", 1, 99],
  ["database.cpuCredits", "credits", 1, 4608],
  ["database.freeableMemoryPercent", "percent", 1, 99],
  ["database.connectionsPercent", "percent", 1, 99],
  ["database.replicaLagSeconds", "seconds", 1, 86400],
  ["database.usedTransactionIdsMillions", "millions", 201, 2000],
  ["cache.cpuPercent", "percent", 1, 99],
  ["cache.cpuCredits", "credits", 1, 4608],
  ["cache.memoryPercent", "percent", 1, 99],
  ["cache.evictionsPerMinute", "keys", 0, 1_000_000_000],
  ["cache.connections", "connections", 1, 65000],
  ["cache.replicationLagSeconds", "seconds", 1, 86400],
];

test.each(LIMITS)("alarms.%s is a number of %s from %i to %i", (path, unit, from, to) => {
  const [store = "", threshold = ""] = path.split(".");
  const said = (value: number) => alarms({ [store]: { [threshold]: value } }, BURSTABLE);
  const must = `alarms.${path}: must be a whole number of ${unit} from ${from} to ${to}; got: `;
  expect(said(from)).toEqual([]);
  expect(said(to)).toEqual([]);
  expect(said(from - 1)).toEqual([`${must}${from - 1}. Use ${from} or more.`]);
  expect(said(to + 1)).toEqual([`${must}${to + 1}. Use ${to} or less.`]);
});

test("the free storage threshold must be less than the allocated storage", () => {
  const said = (freeStorageGib: number) => alarms({ database: { freeStorageGib } });
  expect(said(0)).toEqual([
    "alarms.database.freeStorageGib: must be a whole number of GiB from 1 to 65536; got: 0. Use 1 or more.",
  ]);
  expect(said(1)).toEqual([]);
  expect(said(19)).toEqual([]);
  expect(said(20)).toEqual([
    "alarms.database.freeStorageGib: must be less than database.allocatedStorageGib, which is 20; got: 20. Lower it, or remove it to use a tenth of the storage.",
  ]);
});

test("credit thresholds require burstable classes", () => {
  expect(alarms({ database: { cpuCredits: 10 }, cache: { cpuCredits: 10 } }, LARGE)).toEqual([
    "alarms.database.cpuCredits: must be absent for db.m7g.large, which has no CPU credits; got: 10. Remove it.",
    "alarms.cache.cpuCredits: must be absent for cache.m7g.large, which has no CPU credits; got: 10. Remove it.",
  ]);
});

test.each<[object, string]>([
  [
    { "database.instanceClass": "db.t5.4xlarge" },
    'database.instanceClass: must have a size that its family has, because alarm thresholds are percentages of its capacity; got: "db.t5.4xlarge". Use, for example, "db.t4g.micro" or "db.m7g.large".',
  ],
  [
    { "database.readReplicas": { good: {}, bad: { instanceClass: "db.t5.4xlarge" } } },
    'database.readReplicas: must have instance classes with sizes that their families have, because alarm thresholds are percentages of their capacity; got: ["db.t5.4xlarge"]. Use, for example, "db.t4g.micro" or "db.m7g.large".',
  ],
  [
    { "cache.nodeType": "cache.t5.4xlarge" },
    'cache.nodeType: must have a size that its family has, because alarm thresholds are percentages of its capacity; got: "cache.t5.4xlarge". Use, for example, "cache.t4g.micro" or "cache.m7g.large".',
  ],
  [
    { "database.parameters": { max_connections: "LEAST({DBInstanceClassMemory/9531392},5000)" } },
    'database.parameters.max_connections: must be a number in an environment with alarms, because an alarm threshold is a percentage of it; got: "LEAST({DBInstanceClassMemory/9531392},5000)". Use the result of the formula, or remove the parameter to use the default.',
  ],
])("%j is refused only with alarms", (changes, message) => {
  expect(alarms({}, changes)).toEqual([message]);
  expect(problemsWith({ ...changes })).toEqual([]);
});

const REASON = "a load test that is destroyed tonight";

test("production requires alarms or a reason", () => {
  expect(problemsWith({ reasons: { alarms: REASON } })).toEqual([]);
  expect(problemsWith({ reasons: undefined })).toEqual([
    'alarms: must be set in production: otherwise nobody is notified before the storage is full; got: nothing. Set alarms: { emails: ["ops@example.com"] } or alarms: { topicArn: "arn:aws:sns:…" }, or give the reason in `reasons.alarms`.',
  ]);
  expect(problemsWith({ reasons: { alarms: REASON }, alarms: {} })).toEqual([
    `reasons.alarms: must be absent with alarms; got: "${REASON}". Remove the reason.`,
  ]);
});

test("outside production, neither is required", () => {
  expect(problemsWith({ production: false, reasons: undefined })).toEqual([]);
  expect(problemsWith({ production: false, reasons: { alarms: REASON } })).toEqual([]);
  expect(problemsWith({ production: false, reasons: undefined, alarms: {} })).toEqual([]);
});

test("an invalid setting is one problem, whatever the alarm rules read", () => {
  const wrong: [string, object, object][] = [
    ["region", {}, { region: "mars", "alarms.topicArn": TOPIC }],
    ["production", { emails: [] }, { production: "yes", alarms: undefined }],
    ["database.instanceClass", {}, { "database.instanceClass": "x" }],
    [
      "database.allocatedStorageGib",
      { database: { freeStorageGib: 9 } },
      { "database.allocatedStorageGib": "x" },
    ],
    ["database.parameters", {}, { "database.parameters": "x" }],
    ["alarms.emails", { emails: "ops@example.com", topicArn: TOPIC }, {}],
    ["alarms.emails", { emails: 1 }, { "database.instanceClass": "db.t5.4xlarge" }],
    ["alarms.emails", { emails: 1 }, { "cache.nodeType": "cache.t5.4xlarge" }],
    [
      "alarms.emails",
      { emails: 1 },
      { "database.parameters": { max_connections: "LEAST({DBInstanceClassMemory/9531392},5000)" } },
    ],
    ["alarms.emails", { emails: 1 }, { reasons: { alarms: REASON } }],
    ["reasons.alarms", {}, { alarms: undefined, reasons: { alarms: 1 } }],
    ["alarms.topicArn", { topicArn: 1, emails: ["ops@example.com"], kmsKeyArn: KMS }, {}],
    ["cache.nodeType", { cache: { cpuCredits: 1 } }, { cache: { ...MINIMAL.cache, nodeType: 1 } }],
  ];
  for (const [path, value, changes] of wrong) {
    const problems = problemsWith({ alarms: value, reasons: undefined, ...changes });
    expect(problems.map((problem) => problem.split(": ")[0])).toEqual([path]);
  }
});

test("an email address is identified by its letters and digits", () => {
  expect(emailSlug("On-Call+.db@news.example.org")).toBe("on_call_db_news_example_org");
});

test("only a well-formed ARN has a topic region", () => {
  expect([topicRegion(TOPIC), topicRegion("on-call")]).toEqual(["us-east-1", undefined]);
});

const ORDERS = { ...MINIMAL.database, identifier: "orders" };

test("a store's own thresholds replace the environment's one by one", () => {
  const { alarms, databases, caches } = environmentWith({
    alarms: { database: { cpuPercent: 70, replicaLagSeconds: 30 }, cache: { memoryPercent: 80 } },
    reasons: undefined,
    "databases.orders": { ...ORDERS, alarms: { cpuPercent: 95, freeStorageGib: 5 } },
    "cache.alarms": { evictionsPerMinute: 0 },
  });
  const shared = alarms as AlarmsSettings;
  expect(databaseThresholds(shared, databases.database as DatabaseSettings)).toEqual(
    shared.database,
  );
  expect(databaseThresholds(shared, databases.orders as DatabaseSettings)).toEqual({
    ...shared.database,
    cpuPercent: 95,
    freeStorageGib: 5,
  });
  expect(shared.database).toMatchObject({ cpuPercent: 70, replicaLagSeconds: 30 });
  expect(cacheThresholds(shared, caches.cache as CacheSettings)).toEqual({
    ...shared.cache,
    memoryPercent: 80,
    evictionsPerMinute: 0,
  });
});

test.each<[object, string[]]>([
  [
    { "databases.orders": { ...ORDERS, alarms: { freeStorageGib: 20 } } },
    [
      "databases.orders.alarms.freeStorageGib: must be less than databases.orders.allocatedStorageGib, which is 20; got: 20. Lower it, or remove it to use a tenth of the storage.",
    ],
  ],
  [
    {
      "database.allocatedStorageGib": 100,
      "databases.orders": ORDERS,
      alarms: { database: { freeStorageGib: 30 } },
    },
    [
      "alarms.database.freeStorageGib: must be less than databases.orders.allocatedStorageGib, which is 20; got: 30. Lower it, or remove it to use a tenth of the storage.",
    ],
  ],
  [
    {
      "database.allocatedStorageGib": 100,
      "databases.orders": { ...ORDERS, alarms: { freeStorageGib: 3 } },
      alarms: { database: { freeStorageGib: 30 } },
    },
    [],
  ],
  [
    {
      "databases.orders": {
        ...ORDERS,
        instanceClass: "db.m7g.large",
        alarms: { cpuCredits: 10 },
      },
    },
    [
      "databases.orders.alarms.cpuCredits: must be absent for db.m7g.large, which has no CPU credits; got: 10. Remove it.",
    ],
  ],
  [
    {
      "databases.orders": { ...ORDERS, instanceClass: "db.m7g.large" },
      alarms: { database: { cpuCredits: 10 } },
    },
    [],
  ],
  [
    {
      "database.instanceClass": "db.r7g.large",
      "databases.orders": { ...ORDERS, instanceClass: "db.m7g.large" },
      alarms: { database: { cpuCredits: 10 } },
    },
    [
      "alarms.database.cpuCredits: must be absent for db.r7g.large and db.m7g.large, which have no CPU credits; got: 10. Remove it.",
    ],
  ],
  [
    {
      alarms: undefined,
      reasons: MINIMAL.reasons,
      "databases.orders": { ...ORDERS, alarms: { cpuPercent: 50 } },
    },
    [
      'databases.orders.alarms: must be absent in an environment without alarms; got: {"cpuPercent":50}. Set the environment\'s `alarms` too, or remove this setting.',
    ],
  ],
])("thresholds must match their store: %j", (changes, problems) => {
  expect(problemsWith({ alarms: {}, reasons: undefined, ...changes })).toEqual(problems);
});

test("a topic's ARN must be in its region's partition", () => {
  expect(alarms({ topicArn: "arn:aws-cn:sns:us-east-1:123456789012:a" })).toEqual([
    'alarms.topicArn: must name a region of its partition; got: "arn:aws-cn:sns:us-east-1:123456789012:a". Copy the ARN from the topic\'s page in the AWS console: the partition (aws, aws-cn, aws-us-gov) depends on the region.',
  ]);
});
