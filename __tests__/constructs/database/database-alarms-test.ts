import { DatabaseStack } from "../../../stacks/database-stack";
import { alarmAttributes, type ExpectedAlarm } from "../../expected-alarm";
import type { Changes } from "../../minimal-environment";
import { synthesized } from "../../synthesized";

const GIB = 1024 ** 3;
const BURSTABLE = { "database.instanceClass": "db.t4g.micro" };
const LARGE = {
  "database.instanceClass": "db.m7g.large",
  "database.allocatedStorageGib": 100,
  "database.maxAllocatedStorageGib": 500,
};

const stack = (changes: Changes, alarms: object = {}) =>
  synthesized(DatabaseStack, { alarms, reasons: undefined, ...changes });
const alarms = (changes: Changes, database: object = {}) =>
  stack(changes, { database }).resource.aws_cloudwatch_metric_alarm ?? {};
const threshold = (alarm: string, changes: Changes, database: object = {}) =>
  alarms(changes, database)[`database_${alarm}`]?.threshold;
const said = (alarm: string, changes: Changes, database: object = {}) =>
  alarms(changes, database)[`database_${alarm}`]?.alarm_description;

const REST: Record<string, ExpectedAlarm> = {
  cpu: ["CPUUtilization", "Average", "GreaterThanThreshold", 90, 60, 5, "breaching"],
  transaction_ids: [
    "MaximumUsedTransactionIDs",
    "Maximum",
    "GreaterThanThreshold",
    1_000_000_000,
    60,
    1,
    "ignore",
  ],
};

test.each<[string, Changes, Record<string, ExpectedAlarm>]>([
  [
    "db.t4g.micro with 20 GiB",
    BURSTABLE,
    {
      ...REST,
      storage: ["FreeStorageSpace", "Minimum", "LessThanThreshold", 2 * GIB, 60, 5, "ignore"],
      cpu_credits: ["CPUCreditBalance", "Average", "LessThanThreshold", 12, 300, 24, "ignore"],
      memory: ["FreeableMemory", "Average", "LessThanThreshold", 107_374_182, 60, 15, "ignore"],
      connections: ["DatabaseConnections", "Average", "GreaterThanThreshold", 67, 60, 5, "ignore"],
    },
  ],
  [
    "db.m7g.large with 100 to 500 GiB",
    LARGE,
    {
      ...REST,
      storage: ["FreeStorageSpace", "Minimum", "LessThanThreshold", 10 * GIB, 60, 30, "ignore"],
      memory: ["FreeableMemory", "Average", "LessThanThreshold", 858_993_459, 60, 15, "ignore"],
      connections: ["DatabaseConnections", "Average", "GreaterThanThreshold", 684, 60, 5, "ignore"],
    },
  ],
])("%s has exactly these alarms", (_, changes, expected) => {
  const entries = Object.entries(expected).map(([name, row]) => [
    `database_${name}`,
    alarmAttributes(row, {
      alarm_name: `stack-${name.replaceAll("_", "-")}`,
      namespace: "AWS/RDS",
      dimensions: { DBInstanceIdentifier: "${aws_db_instance.database.identifier}" },
    }),
  ]);
  expect(alarms(changes)).toEqual(Object.fromEntries(entries));
});

test("every threshold can be set", () => {
  const database = {
    cpuPercent: 70,
    cpuCredits: 50,
    freeStorageGib: 4,
    freeableMemoryPercent: 25,
    connectionsPercent: 50,
    usedTransactionIdsMillions: 500,
  };
  const made = alarms(BURSTABLE, database);
  expect(Object.entries(made).map(([name, alarm]) => [name, alarm.threshold])).toEqual([
    ["database_connections", 42],
    ["database_cpu", 70],
    ["database_cpu_credits", 50],
    ["database_memory", GIB / 4],
    ["database_storage", 4 * GIB],
    ["database_transaction_ids", 500_000_000],
  ]);
});

test("the connections threshold is a percentage of max_connections", () => {
  const parameters = { "database.parameters": { max_connections: "201" } };
  expect(threshold("connections", { ...LARGE, ...parameters })).toBe(160);
  expect(said("connections", { ...LARGE, ...parameters })).toContain(
    "(the maximum is 201, from its parameters)",
  );
  expect(said("connections", LARGE)).toContain(
    "(the maximum is about 856 with the memory of db.m7g.large)",
  );
});

test("the storage alarm says whether RDS enlarges the storage", () => {
  expect(said("storage", BURSTABLE)).toBe(
    "Less than 2 GiB of the 20 GiB of storage is free. Raise allocatedStorageGib and apply, or set maxAllocatedStorageGib so that RDS enlarges it automatically. Look for a replication slot that retains WAL. Without free storage the database stops.",
  );
  expect(said("storage", LARGE)).toBe(
    "Less than 10 GiB of storage is free, and RDS has not enlarged it for half an hour: it is at its maximum of 500 GiB, or RDS enlarged it a few hours ago. Raise maxAllocatedStorageGib and apply, look for a replication slot that retains WAL, or delete data. Without free storage the database stops.",
  );
});

test("with autoscaling, the threshold is never above the one at which RDS enlarges the storage", () => {
  for (const [allocated, maximum] of [
    [20, 22],
    [20, 65536],
    [123, 1000],
  ] as const) {
    const changes = {
      "database.allocatedStorageGib": allocated,
      "database.maxAllocatedStorageGib": maximum,
    };
    expect(threshold("storage", changes)).toBe(Math.round(allocated * 0.1 * GIB));
  }
});

test("events about failover, failure, low storage, maintenance and parameters are published", () => {
  expect(stack(LARGE).resource.aws_db_event_subscription).toEqual({
    database_events: {
      name: "stack-events",
      sns_topic: "${aws_sns_topic.alarms.arn}",
      source_type: "db-instance",
      source_ids: ["${aws_db_instance.database.identifier}"],
      event_categories: [
        "availability",
        "configuration change",
        "deletion",
        "failover",
        "failure",
        "low storage",
        "maintenance",
        "notification",
        "read replica",
        "recovery",
        "security patching",
      ],
      depends_on: ["aws_sns_topic_policy.alarms"],
    },
    database_parameter_events: {
      name: "stack-parameter-events",
      sns_topic: "${aws_sns_topic.alarms.arn}",
      source_type: "db-parameter-group",
      source_ids: ["${aws_db_parameter_group.database_parameters.name}"],
      event_categories: ["configuration change"],
      depends_on: ["aws_sns_topic_policy.alarms"],
    },
  });
});

test("nothing depends on an existing topic", () => {
  const topicArn = "arn:aws:sns:us-east-1:123456789012:on-call";
  const { database_events } = stack(LARGE, { topicArn }).resource.aws_db_event_subscription ?? {};
  expect(database_events).toMatchObject({ sns_topic: topicArn });
  expect(database_events?.depends_on).toBeUndefined();
});

test("a read replica has alarms for its own class, and its events are published", () => {
  const { resource } = stack(
    {
      ...LARGE,
      "database.readReplicas": { for_reports: { instanceClass: "db.t4g.medium" } },
    },
    { database: { replicaLagSeconds: 30 } },
  );
  const expected: Record<string, ExpectedAlarm> = {
    cpu: REST.cpu as ExpectedAlarm,
    cpu_credits: ["CPUCreditBalance", "Average", "LessThanThreshold", 24, 300, 24, "ignore"],
    storage: ["FreeStorageSpace", "Minimum", "LessThanThreshold", 10 * GIB, 60, 30, "ignore"],
    memory: ["FreeableMemory", "Average", "LessThanThreshold", 429_496_730, 60, 15, "ignore"],
    connections: ["DatabaseConnections", "Average", "GreaterThanThreshold", 337, 60, 5, "ignore"],
    lag: ["ReplicaLag", "Maximum", "GreaterThanThreshold", 30, 60, 10, "breaching"],
  };
  const entries = Object.entries(expected).map(([name, row]) => [
    `database_${name}_replica_for_reports`,
    {
      ...alarmAttributes(row, {
        alarm_name: `stack-${name.replaceAll("_", "-")}-replica-for_reports`,
        namespace: "AWS/RDS",
        dimensions: {
          DBInstanceIdentifier: "${aws_db_instance.database_replica_for_reports.identifier}",
        },
      }),
      alarm_description: expect.stringMatching(/^Read replica for_reports: .{60,1000}$/),
    },
  ]);
  const made = Object.entries(resource.aws_cloudwatch_metric_alarm ?? {});
  expect(Object.fromEntries(made.filter(([name]) => name.includes("replica")))).toEqual(
    Object.fromEntries(entries),
  );
  expect(resource.aws_db_event_subscription?.database_events?.source_ids).toEqual([
    "${aws_db_instance.database.identifier}",
    "${aws_db_instance.database_replica_for_reports.identifier}",
  ]);
});

test("a credit threshold does not apply to a replica that has no credits", () => {
  const { resource } = stack(
    { ...BURSTABLE, "database.readReplicas": { big: { instanceClass: "db.m7g.large" } } },
    { database: { cpuCredits: 5 } },
  );
  const made = Object.keys(resource.aws_cloudwatch_metric_alarm ?? {});
  expect(made.filter((name) => name.includes("credits"))).toEqual(["database_cpu_credits"]);
});
