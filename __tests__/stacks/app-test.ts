import "../cdktf-matchers";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { ElasticacheCluster } from "@cdktf/provider-aws/lib/elasticache-cluster";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { type Changes, environmentWith, MINIMAL } from "../minimal-environment";
import { type SynthesizedStack, synthesizedApp } from "../synthesized";

/** The stacks of the data stores of an environment, without their common prefix. */
function stacksOf(changes: Changes): Record<string, SynthesizedStack> {
  return Object.fromEntries(
    Object.entries(synthesizedApp([environmentWith(changes)]))
      .filter(([id]) => id.startsWith("news-api-test-"))
      .map(([id, stack]) => [id.replace("news-api-test-", ""), stack]),
  );
}

const ORDERS = { ...MINIMAL.database, identifier: "orders-db" };
const REPORTS = {
  ...MINIMAL.database,
  identifier: "reports-db",
  credentials: { kind: "rds-managed" },
  enhancedMonitoring: { intervalSeconds: 60 },
  alarms: { cpuPercent: 50 },
};

const several = stacksOf({
  database: undefined,
  databases: { orders: ORDERS, reports: REPORTS },
  alarms: { database: { cpuPercent: 70 } },
  reasons: undefined,
  "caches.sessions": { ...MINIMAL.cache, clusterId: "sessions" },
  "clients.my-api": { securityGroupId: "sg-01234567" },
  "clients.worker": { securityGroupId: "sg-12345678", stores: ["orders", "sessions"] },
});

test("each data store is a stack, with the same addresses as an only store", () => {
  expect(Object.keys(several)).toEqual(["cache", "orders", "reports", "sessions"]);
  expect(several.orders?.json).toHaveResourceWithProperties(DbInstance, {
    identifier: "orders-db",
  });
  expect(several.reports?.json).toHaveResourceWithProperties(DbInstance, {
    identifier: "reports-db",
  });
  expect(several.cache?.json).toHaveResourceWithProperties(ElasticacheCluster, {
    cluster_id: "news-api-cache",
  });
  expect(several.sessions?.json).toHaveResourceWithProperties(ElasticacheCluster, {
    cluster_id: "sessions",
  });
  for (const [name, { addresses }] of Object.entries(several)) {
    const isDatabase = ["orders", "reports"].includes(name);
    const [instance] = isDatabase
      ? ["aws_db_instance.database"]
      : ["aws_elasticache_cluster.cache"];
    expect(addresses).toContain(instance);
  }
});

test("no two stores share a state, a secret or a name", () => {
  const keys = Object.values(several).map(({ terraform }) => terraform.backend.s3?.key);
  expect(keys).toEqual([
    "news-api/test/cache.tfstate",
    "news-api/test/orders.tfstate",
    "news-api/test/reports.tfstate",
    "news-api/test/sessions.tfstate",
  ]);
  expect(several.orders?.resource.aws_secretsmanager_secret).toMatchObject({
    database_url: { name_prefix: "news-api/test/orders/DATABASE_URL-" },
    master_password: { name_prefix: "news-api/test/orders/master-password-" },
  });
  const names = (type: string, attribute: string) =>
    Object.values(several).flatMap(({ resource }) =>
      Object.values(resource[type] ?? {}).map((one) => one[attribute]),
    );
  expect(names("aws_security_group", "name")).toEqual([
    "news-api-test-cache",
    "news-api-test-orders",
    "news-api-test-reports",
    "news-api-test-sessions",
  ]);
  expect(names("aws_iam_role", "name")).toEqual(["news-api-test-reports-monitoring"]);
  const alarms = names("aws_cloudwatch_metric_alarm", "alarm_name");
  expect(alarms.length).toBeGreaterThan(20);
  expect(new Set(alarms).size).toBe(alarms.length);
});

test("each store has its own variable in the application", () => {
  const given = Object.values(several).flatMap(
    ({ output: { ecs_secrets, ecs_environment } }) =>
      [ecs_secrets?.value, ecs_environment?.value].flat() as { name: string }[],
  );
  expect(given.map(({ name }) => name)).toEqual([
    "REDIS_URL",
    "ORDERS_DATABASE_URL",
    "REPORTS_DATABASE_USER",
    "REPORTS_DATABASE_PASSWORD",
    "REPORTS_DATABASE_HOST",
    "REPORTS_DATABASE_PORT",
    "REPORTS_DATABASE_NAME",
    "SESSIONS_REDIS_URL",
  ]);
});

test("a client reaches the stores that it names, or all if it names none", () => {
  const rules = Object.values(several).map(({ resource }) =>
    Object.keys(resource.aws_vpc_security_group_ingress_rule ?? {}),
  );
  expect(rules).toEqual([
    ["cache_from_my_api"],
    ["database_from_my_api", "database_from_worker"],
    ["database_from_my_api"],
    ["cache_from_my_api", "cache_from_worker"],
  ]);
  expect(several.orders?.json).toHaveResourceWithProperties(VpcSecurityGroupIngressRule, {
    description: "worker to the database",
    referenced_security_group_id: "sg-12345678",
  });
});

test("a store has the environment's thresholds, or its own", () => {
  const cpu = { metric_name: "CPUUtilization" };
  expect(several.orders?.json).toHaveResourceWithProperties(CloudwatchMetricAlarm, {
    ...cpu,
    threshold: 70,
  });
  expect(several.reports?.json).toHaveResourceWithProperties(CloudwatchMetricAlarm, {
    ...cpu,
    threshold: 50,
  });
});

test("only databases, and only a cache", () => {
  expect(Object.keys(stacksOf({ cache: undefined, "databases.orders": ORDERS }))).toEqual([
    "database",
    "orders",
  ]);
  expect(Object.keys(stacksOf({ database: undefined }))).toEqual(["cache"]);
});

test("a role's name that is too long for AWS is truncated and stays unique", () => {
  const nameOf = (app: string) => {
    const long = {
      app,
      name: "e".repeat(20),
      databases: { ["d".repeat(20)]: { ...REPORTS, alarms: undefined } },
    };
    const stack = synthesizedApp([environmentWith(long)])[`${app}-${long.name}-${"d".repeat(20)}`];
    return String(stack?.resource.aws_iam_role?.database_monitoring?.name);
  };
  const [one, other] = [nameOf(`${"a".repeat(29)}b`), nameOf(`${"a".repeat(29)}c`)];
  expect(one).toMatch(/^a{29}b-e{13}-[0-9a-f]{8}-monitoring$/);
  expect(one).toHaveLength(64);
  expect(other).not.toBe(one);
});
