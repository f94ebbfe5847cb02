import { readEnvironments } from "../cli/environment-files";
import { parseEnvironments } from "../settings/environment";
import { environmentWith } from "./minimal-environment";
import { synthesizedApp } from "./synthesized";

const stacks = synthesizedApp(parseEnvironments(readEnvironments()));

test("every environment has a database and a cache, and every state bucket has a stack", () => {
  expect(Object.keys(stacks).sort()).toEqual([
    "news-api-dev-cache",
    "news-api-dev-database",
    "news-api-prod-cache",
    "news-api-prod-database",
    "state-bucket-news-api-dev-terraform-state",
    "state-bucket-news-api-prod-terraform-state",
  ]);
});

test("the JSON of every stack", () => {
  const whole = Object.entries(stacks).map(([id, { json }]) => [id, JSON.parse(json)]);
  expect(Object.fromEntries(whole)).toMatchSnapshot();
});

test("the JSON of the data stores contains the waivers of their environment", () => {
  const parsed = parseEnvironments(readEnvironments());
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
  expect(texts(synthesizedApp(parseEnvironments(readEnvironments())))).toEqual(texts(stacks));
});

test("every stack has its own state, whatever the names of app and environment", () => {
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
  const all = { ...stacks, ...synthesizedApp(many.map(named)) };
  const states = Object.values(all).map(({ terraform }) => JSON.stringify(terraform.backend));
  expect(states).toHaveLength(6 + 2 * many.length + 1);
  expect(new Set(states).size).toBe(states.length);
});

test("the synthesized files contain no secret, no local path and no time", () => {
  const text = Object.values(stacks)
    .map(({ json }) => json)
    .join();
  expect(text).toContain("password_wo");
  expect(text).not.toMatch(/"password"\s*:/);
  expect(text).not.toContain(process.cwd());
  expect(text).not.toContain(String(new Date().getFullYear()));
});

test("neither database is public or unencrypted, and prod protects its data", () => {
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

test("prod has monitoring, snapshots, logs and protection, and dev does not pay for them", () => {
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

test("no policy of a role has an action with a wildcard", () => {
  const text = Object.values(stacks)
    .map(({ json }) => json)
    .join();
  expect(text).toContain('\\"Action\\" = ');
  expect(text).not.toMatch(/\\"Action\\" = \[?\\"(\w+:)?\*/);
});

const DECRYPT = {
  Sid: "Decrypt",
  Effect: "Allow",
  Action: ["kms:Decrypt"],
  Resource: ["${aws_kms_key.data.arn}"],
  Condition: { StringEquals: { "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com" } },
};

test.each([
  ["news-api-dev-database", []],
  ["news-api-prod-database", [DECRYPT]],
])("%s gives ECS DATABASE_URL, and a policy for nothing else", (id, decrypt) => {
  const arn = "${aws_secretsmanager_secret.database_url.arn}";
  const output = stacks[id]?.output;
  expect(output?.ecs_secrets?.value).toEqual([{ name: "DATABASE_URL", valueFrom: arn }]);
  expect(output?.ecs_environment?.value).toEqual([]);
  expect(output?.execution_role_policy?.value).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadDatabaseUrl",
        Effect: "Allow",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [arn],
      },
      ...decrypt,
    ],
  });
});

test.each(["news-api-dev-cache", "news-api-prod-cache"])(
  "%s gives ECS the value of REDIS_URL, which is not a secret",
  (id) => {
    const output = stacks[id]?.output;
    expect(output?.ecs_secrets?.value).toEqual([]);
    expect(output?.ecs_environment?.value).toEqual([
      { name: "REDIS_URL", value: output?.redis_url?.value },
    ]);
    expect(output?.execution_role_policy).toBeUndefined();
  },
);

test("no output is marked sensitive, because none is a secret", () => {
  const outputs = Object.values(stacks).flatMap(({ output }) => Object.entries(output));
  expect(outputs.length).toBeGreaterThan(20);
  for (const [, { sensitive, value }] of outputs) {
    expect(sensitive).toBeUndefined();
    expect(JSON.stringify(value)).not.toMatch(/secret_string|random_password|password_wo/);
  }
});
