import { writeFileSync } from "node:fs";
import { approvalsFor } from "../../../operations/review/approvals";
import { parsePlan } from "../../../operations/review/plan";
import { LONGEST_COMMENT, markdown } from "../../../operations/review/report/markdown";
import { reviewOf, reviewPlan, type StackReview } from "../../../operations/review/review";
import { parseEnvironment } from "../../../settings/environment";
import { DeployedEnvironment, type Variant } from "../deployed-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(900_000);

const BASE = {
  app: "shop",
  name: "review",
  region: "us-east-1",
  stateBucket: { name: "shop-review-states" },
  network: { vpcId: "default", subnetIds: "all" },
  clients: { vpc: { vpcCidr: true }, office: { cidrIpv4: "10.1.0.0/24" } },
  database: {
    identifier: "shop-db",
    engineVersion: "15",
    instanceClass: "db.t4g.micro",
    allocatedStorageGib: 30,
    username: "shop",
    applyImmediately: true,
  },
  cache: {
    kind: "replication-group",
    replicationGroupId: "shop-cache",
    nodeType: "cache.t4g.micro",
    engineVersion: "7.0",
    autoMinorVersionUpgrade: false,
    nodes: 2,
    multiAz: true,
    snapshotRetentionDays: 5,
    snapshotWindow: "02:00-03:00",
    maintenanceWindow: "sun:05:00-sun:06:00",
    applyImmediately: true,
  },
  alarms: { emails: ["ops@example.com"] },
};

const REASON = "the plan of a test, which nobody applies";
const DATABASE = "shop-review-database";
const CACHE = "shop-review-cache";
const GROUP = "postgresql_log";

type Case = readonly [name: string, finding: string, variant: Variant];

const database = (changes: object, more: object = {}): Variant => ({
  stack: DATABASE,
  settings: { ...BASE, database: { ...BASE.database, ...changes }, ...more },
});
const cache = (changes: object): Variant => ({
  stack: CACHE,
  settings: { ...BASE, cache: { ...BASE.cache, ...changes } },
});
const environment = (changes: object, stack = DATABASE): Variant => ({
  stack,
  settings: { ...BASE, ...changes },
});
const withArgs = (stack: string, ...args: string[]): Variant => ({ stack, settings: BASE, args });

// biome-ignore lint/suspicious/noExplicitAny: the JSON of a test's own stack
type Json = any;

const edited = (stack: string, edit: (json: Json) => void): Variant => ({
  stack,
  settings: BASE,
  edit: (text) => {
    const json = JSON.parse(text);
    edit(json);
    return JSON.stringify(json);
  },
});
const instance = (changes: object) =>
  edited(DATABASE, (json) => Object.assign(json.resource.aws_db_instance.database, changes));
const replicationGroup = (changes: object) =>
  edited(CACHE, (json) =>
    Object.assign(json.resource.aws_elasticache_replication_group.cache, changes),
  );

function withoutLogGroup(json: Json): Json {
  const address = `aws_cloudwatch_log_group.database_${GROUP}`;
  const group = json.resource.aws_cloudwatch_log_group[`database_${GROUP}`];
  delete json.resource.aws_cloudwatch_log_group[`database_${GROUP}`];
  const { database: made } = json.resource.aws_db_instance;
  made.depends_on = made.depends_on.filter((one: string) => one !== address);
  return group;
}

const moved = (changes: object): Variant => ({
  ...database(changes),
  edit: (text) => {
    const json = JSON.parse(text.replaceAll("aws_db_instance.database", "aws_db_instance.primary"));
    const instances = json.resource.aws_db_instance;
    instances.primary = instances.database;
    delete instances.database;
    json.moved = [{ from: "aws_db_instance.database", to: "aws_db_instance.primary" }];
    return JSON.stringify(json);
  },
});

const REPLACED = "replace aws_db_instance.database";
const OFFICE = "aws_vpc_security_group_ingress_rule.database_from_office";

const DANGEROUS: readonly Case[] = [
  ["another user", REPLACED, database({ username: "other" })],
  [
    "no encryption",
    REPLACED,
    database({ storageEncrypted: false, reasons: { storageEncrypted: REASON } }),
  ],
  ["another key", REPLACED, environment({ encryption: { kind: "customer-managed" } })],
  [
    "a public database",
    "public-access aws_db_instance.database",
    instance({ publicly_accessible: true }),
  ],
  [
    "no deletion protection",
    "deletion-protection aws_db_instance.database",
    database({ deletionProtection: false, reasons: { deletionProtection: REASON } }),
  ],
  [
    "fewer backups",
    "backup-retention aws_db_instance.database",
    database({ backupRetentionDays: 2 }),
  ],
  [
    "a major version without permission",
    "engine-version aws_db_instance.database",
    database({ engineVersion: "16" }),
  ],
  ["less storage", "storage-size aws_db_instance.database", instance({ allocated_storage: 25 })],
  ["no standby", "multi-az aws_db_instance.database", database({ multiAz: false })],
  [
    "a new password",
    "rotate-password aws_db_instance.database",
    database({ credentials: { kind: "secret", passwordVersion: 2 } }),
  ],
  [
    "no TLS",
    "force-ssl aws_db_parameter_group.database_parameters",
    database({ parameters: { "rds.force_ssl": "0" }, reasons: { forceSsl: REASON } }),
  ],
  [
    "a wider client",
    `open-rule ${OFFICE}`,
    environment({ clients: { ...BASE.clients, office: { cidrIpv4: "10.1.0.0/16" } } }),
  ],
  [
    "the whole internet",
    `open-rule ${OFFICE}`,
    edited(DATABASE, (json) => {
      json.resource.aws_vpc_security_group_ingress_rule.database_from_office.cidr_ipv4 =
        "0.0.0.0/0";
    }),
  ],
  [
    "a client that is renamed",
    `remove-client ${OFFICE}`,
    environment({ clients: { vpc: { vpcCidr: true }, branch: { cidrIpv4: "10.1.0.0/24" } } }),
  ],
  ["no clients", `remove-client ${OFFICE}`, environment({ clients: {} })],
  [
    "an alarm less",
    "delete aws_cloudwatch_metric_alarm.database_cpu",
    edited(DATABASE, (json) => {
      delete json.resource.aws_cloudwatch_metric_alarm.database_cpu;
    }),
  ],
  [
    "a secret again",
    "replace aws_secretsmanager_secret.database_url",
    withArgs(DATABASE, "-replace=aws_secretsmanager_secret.database_url"),
  ],
  ["an instance again", REPLACED, withArgs(DATABASE, "-replace=aws_db_instance.database")],
  ["the end of the database", "delete aws_db_instance.database", withArgs(DATABASE, "-destroy")],
  [
    "a log group that is forgotten",
    `forget aws_cloudwatch_log_group.database_${GROUP}`,
    edited(DATABASE, (json) => {
      withoutLogGroup(json);
      const from = `aws_cloudwatch_log_group.database_${GROUP}`;
      json.removed = [{ from, lifecycle: { destroy: false } }];
    }),
  ],
  [
    "a log group under another address",
    `delete aws_cloudwatch_log_group.database_${GROUP}`,
    edited(DATABASE, (json) => {
      json.resource.aws_cloudwatch_log_group.renamed = withoutLogGroup(json);
    }),
  ],
  [
    "an instance that moves and is replaced",
    "replace aws_db_instance.primary",
    moved({ username: "other" }),
  ],
  [
    "an import that replaces",
    REPLACED,
    {
      ...database({ username: "other" }),
      edit: (text) =>
        JSON.stringify({
          ...JSON.parse(text),
          import: [{ to: "aws_db_instance.database", id: "shop-db" }],
        }),
      withoutState: true,
    },
  ],
  [
    "another port of the cache",
    "replace aws_elasticache_replication_group.cache",
    cache({ port: 6380 }),
  ],
  [
    "a cache with a node less",
    "nodes aws_elasticache_replication_group.cache",
    replicationGroup({
      num_cache_clusters: 1,
      automatic_failover_enabled: false,
      multi_az_enabled: false,
    }),
  ],
];

const HARMLESS: readonly (readonly [string, Variant])[] = [
  ["no changes", environment({})],
  ["more storage", database({ allocatedStorageGib: 40 })],
  ["tags", environment({ tags: { team: "shop" } })],
  [
    "a client more",
    environment({ clients: { ...BASE.clients, branch: { cidrIpv4: "10.2.0.0/24" } } }),
  ],
  ["a client less", environment({ clients: { vpc: { vpcCidr: true } } })],
  [
    "another kind of source",
    environment({ clients: { ...BASE.clients, office: { cidrIpv6: "2001:db8::/56" } } }),
  ],
  [
    "a narrower client",
    environment({ clients: { ...BASE.clients, office: { cidrIpv4: "10.1.0.0/25" } } }),
  ],
  ["more backups", database({ backupRetentionDays: 35 })],
  ["a larger class", database({ instanceClass: "db.t4g.small" })],
  [
    "a major version with permission",
    database({ engineVersion: "16", allowMajorVersionUpgrade: true }),
  ],
  ["a dynamic parameter", database({ parameters: { work_mem: "65536" } })],
  ["a static parameter", database({ parameters: { max_connections: "120" } })],
  ["longer logs", database({ logRetentionDays: 90 })],
  ["sign-in with IAM", database({ iamAuthentication: true })],
  ["performance insights", database({ performanceInsights: { retentionDays: 7 } })],
  ["an instance that moves", moved({})],
  ["a recipient more", environment({ alarms: { emails: ["ops@example.com", "dba@example.com"] } })],
  [
    "a new password with an approval",
    database(
      { credentials: { kind: "secret", passwordVersion: 2 } },
      { approvals: { "database: rotate-password aws_db_instance.database": REASON } },
    ),
  ],
  [
    "the description of an alarm",
    edited(DATABASE, (json) => {
      json.resource.aws_cloudwatch_metric_alarm.database_cpu.alarm_description = "another text";
    }),
  ],
  ["a security group again", withArgs(CACHE, "-replace=aws_security_group.cache_access")],
  ["larger nodes", cache({ nodeType: "cache.t4g.small" })],
  ["a node more", cache({ nodes: 3 })],
  ["more snapshots", cache({ snapshotRetentionDays: 10 })],
  ["another window of the cache", cache({ maintenanceWindow: "sat:05:00-sat:06:00" })],
  ["parameters of the cache", cache({ parameters: { "slowlog-log-slower-than": "5000" } })],
];

/** Terraform loads the provider twice for each plan: more at once only fight for the processors. */
const AT_ONCE = 3;

describeWithTerraform("real plans of a deployed environment", () => {
  const plans = new Map<string, string>();
  const project = new Project();
  let deployed: DeployedEnvironment;

  beforeAll(async () => {
    deployed = await DeployedEnvironment.deploy(BASE);
    const variants = [
      ...DANGEROUS.map(([name, , variant]) => [name, variant] as const),
      ...HARMLESS,
    ];
    const queue = [...variants];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          plans.set(next[0], await deployed.plan(...next));
        }
      }),
    );
  });

  afterAll(async () => {
    project.remove();
    await deployed?.stop();
  });

  function reviewed(name: string, { stack, settings }: Variant): StackReview {
    const plan = parsePlan(plans.get(name) ?? "", name);
    return reviewPlan(plan, approvalsFor(stack, [parseEnvironment(settings)]));
  }

  const refusals = ({ findings }: StackReview) =>
    findings
      .filter(({ approval }) => approval === undefined)
      .map(({ id, address }) => `${id} ${address}`);

  test.each(DANGEROUS)("%s is refused: %s", (name, finding, variant) => {
    expect(refusals(reviewed(name, variant))).toContain(finding);
  });

  test.each(HARMLESS)("%s passes", (name, variant) => {
    const review = reviewed(name, variant);
    expect(refusals(review)).toEqual([]);
    expect(reviewOf([review]).verdict).toBe("passed");
    expect(review.impacts.filter(({ effect }) => effect === "see AWS")).toEqual([]);
  });

  test("an approval that the plan does not need is an error", () => {
    const approvals = { [`database: ${REPLACED}`]: REASON };
    const plan = parsePlan(plans.get("more storage") ?? "", "a plan");
    const review = reviewPlan(
      plan,
      approvalsFor(DATABASE, [parseEnvironment({ ...BASE, approvals })]),
    );
    expect(reviewOf([review]).verdict).toBe("error");
    expect(review.unusedApprovals).toEqual([`database: ${REPLACED}`]);
  });

  test("all plans together fit into a comment", () => {
    const all = [...DANGEROUS.map(([name, , variant]) => reviewed(name, variant))];
    expect(markdown(reviewOf(all)).length).toBeLessThanOrEqual(LONGEST_COMMENT);
    const shortest = markdown(reviewOf(all), 20_000);
    expect(shortest.length).toBeLessThanOrEqual(20_000);
    expect(shortest).toContain("parts do not fit into a comment");
  });

  test("the command reads saved plans, without credentials", async () => {
    const outcomes: number[] = [];
    for (const name of ["more storage", "another user"]) {
      writeFileSync(project.path("plan.json"), plans.get(name) ?? "");
      const { exitCode } = await project.run("npm run --silent review -- --plan plan.json");
      outcomes.push(exitCode);
    }
    expect(outcomes).toEqual([0, 3]);
  });
});
