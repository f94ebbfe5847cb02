import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Testing } from "cdktf";
import fc from "fast-check";
import { buildApp, environments } from "../main";
import { type Environment, parseEnvironment, parseEnvironments } from "../settings/environment";
import { CacheStack } from "../stacks/cache-stack";
import { DatabaseStack } from "../stacks/database-stack";
import { environmentWith } from "./minimal-environment";
import { parsed, type SynthesisedStack } from "./synthesised";
import { validEnvironments } from "./valid-environments";

const folders: string[] = [];

/** Synthesises the app into a folder of its own: stack id → what Terraform reads. */
function synth(of: readonly Environment[]): Record<string, SynthesisedStack> {
  const outdir = mkdtempSync(join(tmpdir(), "main-test-"));
  folders.push(outdir);
  buildApp(of, outdir).synth();
  const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  return Object.fromEntries(
    Object.keys(manifest.stacks).map((id) => [
      id,
      parsed(readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8")),
    ]),
  );
}

const stacks = synth(parseEnvironments(environments));

afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
  }
});

test("every environment has a database and a cache, every state bucket a stack", () => {
  expect(Object.keys(stacks).sort()).toEqual([
    "news-api-dev-cache",
    "news-api-dev-database",
    "news-api-prod-cache",
    "news-api-prod-database",
    "state-bucket-news-api-dev-terraform-state",
    "state-bucket-news-api-prod-terraform-state",
  ]);
});

test("the whole of what is synthesised", () => {
  const whole = Object.entries(stacks).map(([id, { json }]) => [id, JSON.parse(json)]);
  expect(Object.fromEntries(whole)).toMatchSnapshot();
});

test("the waivers of an environment stand in the JSON of its data stores, for who reviews it", () => {
  const parsed = parseEnvironments(environments);
  const written = Object.entries(stacks).map(([id, { json }]) => [
    id,
    JSON.parse(json)["//"].waivers,
  ]);
  expect(Object.fromEntries(written)).toEqual({
    "news-api-dev-cache": parsed[0]?.waivers,
    "news-api-dev-database": parsed[0]?.waivers,
    "news-api-prod-cache": parsed[1]?.waivers,
    "news-api-prod-database": parsed[1]?.waivers,
  });
});

test("two synths are byte-identical", () => {
  const texts = (of: typeof stacks) => Object.entries(of).map(([id, { json }]) => [id, json]);
  expect(texts(synth(parseEnvironments(environments)))).toEqual(texts(stacks));
});

test("every stack has a state of its own, whatever app and environment are called", () => {
  const named = ([app, name]: readonly [string, string]) =>
    environmentWith({
      app,
      name,
      "database.identifier": `${app}-${name}-db`,
      "cache.clusterId": `${app}-${name}-cache`,
    });
  const many = [
    ["a", "b"],
    ["a", "c"],
    ["b", "c"],
    ["c", "database"],
    ["a-b", "d"],
  ] as const;
  const all = { ...stacks, ...synth(many.map(named)) };
  const states = Object.values(all).map(({ terraform }) => JSON.stringify(terraform.backend));
  expect(states).toHaveLength(6 + 2 * many.length + 1);
  expect(new Set(states).size).toBe(states.length);
});

test("nothing that is synthesised is a secret, a path or a moment of this machine", () => {
  const text = Object.values(stacks)
    .map(({ json }) => json)
    .join();
  expect(text).toContain("password_wo");
  expect(text).not.toMatch(/"password"\s*:/);
  expect(text).not.toContain(process.cwd());
  expect(text).not.toContain(String(new Date().getFullYear()));
});

test("both environments keep their data where it is when it matters", () => {
  const instance = (id: string) => stacks[id]?.resource.aws_db_instance?.database;
  expect(instance("news-api-dev-database")).toMatchObject({
    publicly_accessible: false,
    storage_encrypted: true,
    skip_final_snapshot: false,
  });
  expect(instance("news-api-prod-database")).toMatchObject({
    publicly_accessible: false,
    storage_encrypted: true,
    skip_final_snapshot: false,
    deletion_protection: true,
    multi_az: true,
    backup_retention_period: 30,
    max_allocated_storage: 500,
  });
});

test("prod has what a careful team would have after a year, dev does not pay for it", () => {
  const database = (name: string) => stacks[`news-api-${name}-database`]?.resource;
  const cache = (name: string) => stacks[`news-api-${name}-cache`]?.resource;
  expect(database("prod")?.aws_db_instance?.database).toMatchObject({
    monitoring_interval: 60,
    monitoring_role_arn: "${aws_iam_role.database_monitoring.arn}",
    performance_insights_retention_period: 31,
    copy_tags_to_snapshot: true,
    lifecycle: { prevent_destroy: true },
  });
  expect(cache("prod")?.aws_elasticache_replication_group?.cache).toMatchObject({
    transit_encryption_enabled: true,
    at_rest_encryption_enabled: "true",
    multi_az_enabled: true,
    snapshot_retention_limit: 7,
    final_snapshot_identifier: "news-api-prod-cache-final-${terraform_data.final_snapshot.id}",
    log_delivery_configuration: [{ log_type: "slow-log" }, { log_type: "engine-log" }],
    lifecycle: { prevent_destroy: true },
  });
  expect(cache("prod")?.aws_elasticache_parameter_group?.cache_parameters?.parameter).toEqual([
    { name: "maxmemory-policy", value: "allkeys-lru" },
  ]);
  expect(database("dev")?.aws_iam_role).toBeUndefined();
  expect(cache("dev")?.aws_cloudwatch_log_group).toBeUndefined();
});

test("no policy of a role has a wildcard among its actions", () => {
  const text = Object.values(stacks)
    .map(({ json }) => json)
    .join();
  expect(text).toContain('\\"Action\\" = ');
  expect(text).not.toMatch(/\\"Action\\" = \[?\\"(\w+:)?\*/);
});

test.each([
  ["news-api-dev-database", "DATABASE_URL", "${aws_secretsmanager_secret.database_url.arn}"],
  ["news-api-prod-database", "DATABASE_URL", "${aws_secretsmanager_secret.database_url.arn}"],
  ["news-api-dev-cache", "REDIS_URL", "${aws_ssm_parameter.redis_url_parameter.arn}"],
  ["news-api-prod-cache", "REDIS_URL", "${aws_ssm_parameter.redis_url_parameter.arn}"],
])("%s gives ECS %s, and a policy for nothing else", (id, name, arn) => {
  const database = name === "DATABASE_URL";
  const output = stacks[id]?.output;
  expect(output?.ecs_secrets?.value).toEqual([{ name, valueFrom: arn }]);
  expect(output?.ecs_environment?.value).toEqual([]);
  expect(output?.execution_role_policy?.value).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: database ? "ReadDatabaseUrl" : "ReadRedisUrl",
        Effect: "Allow",
        Action: [database ? "secretsmanager:GetSecretValue" : "ssm:GetParameters"],
        Resource: [arn],
      },
    ],
  });
});

test("no output is marked sensitive, because none is a secret", () => {
  const outputs = Object.values(stacks).flatMap(({ output }) => Object.entries(output));
  expect(outputs.length).toBeGreaterThan(20);
  for (const [, { sensitive, value }] of outputs) {
    expect(sensitive).toBeUndefined();
    expect(JSON.stringify(value)).not.toMatch(/secret_string|random_password|password_wo/);
  }
});

test("every environment that AWS would take synthesises, and twice the same", () => {
  const text = (environment: Environment) => {
    const app = Testing.stubVersion(new App({ stackTraces: false }));
    return Object.values({ DatabaseStack, CacheStack }).map((Stack) =>
      Testing.synth(new Stack(app, Stack.name, environment), true),
    );
  };
  fc.assert(
    fc.property(validEnvironments, (settings) => {
      const environment = parseEnvironment(settings);
      expect(text(environment)).toEqual(text(environment));
    }),
    { numRuns: 10 },
  );
});
