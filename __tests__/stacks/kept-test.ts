import { CATALOGUE } from "../../controls/catalogue";
import { evaluate } from "../../controls/evaluation";
import { SynthesizedStack } from "../../controls/synthesized-stack";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { type Changes, environmentWith, MINIMAL, REPLICATION_GROUP } from "../minimal-environment";
import { synthesized } from "../synthesized";

const GROUPS = ["sg-01234567", "sg-0123456789abcdef0"];
const CLIENT = { "clients.api": { securityGroupId: "sg-0123456789abcdef1" } };
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:news-AbCdEf";

const database = (changes: Changes) => synthesized(DatabaseStack, { ...CLIENT, ...changes });
const cache = (settings: object) => synthesized(CacheStack, { ...CLIENT, cache: settings });

const EVERYTHING = {
  existing: true,
  credentials: { kind: "existing" },
  skipFinalSnapshot: true,
  reasons: { skipFinalSnapshot: "adopted as it is, and protected otherwise" },
  kept: {
    securityGroupIds: GROUPS,
    subnetGroupName: "own-subnets",
    parameterGroupName: "own-parameters",
    optionGroupName: "own-options",
    logGroups: true,
    tags: true,
    engineVersion: true,
  },
};

test("the stack of a database that keeps everything creates only the instance and its rules", () => {
  const stack = database({ database: { ...MINIMAL.database, ...EVERYTHING } });
  expect(stack.addresses).toEqual([
    "aws_db_instance.database",
    "aws_vpc_security_group_ingress_rule.database_from_api",
  ]);
  expect(stack.resource.aws_db_instance?.database).toMatchObject({
    vpc_security_group_ids: GROUPS,
    db_subnet_group_name: "own-subnets",
    parameter_group_name: "own-parameters",
    option_group_name: "own-options",
    enabled_cloudwatch_logs_exports: ["postgresql", "upgrade"],
    lifecycle: { ignore_changes: ["engine_version", "tags", "tags_all"] },
  });
  expect(JSON.stringify(stack.resource)).not.toContain("password");
  expect(stack.resource.aws_vpc_security_group_ingress_rule?.database_from_api).toMatchObject({
    security_group_id: GROUPS[0],
    lifecycle: {
      create_before_destroy: true,
      ignore_changes: ["description", "tags", "tags_all"],
    },
  });
  expect(JSON.parse(stack.json).provider.aws).toEqual([{ region: "us-east-1" }]);
});

test("Terraform ignores manage_master_user_password of an imported instance while it ignores the tags", () => {
  const managed = { "database.credentials": { kind: "rds-managed" } };
  const kept = database({ ...managed, "database.kept": { tags: true } });
  expect(kept.resource.aws_db_instance?.database).toMatchObject({
    manage_master_user_password: true,
    lifecycle: { ignore_changes: ["tags", "tags_all", "manage_master_user_password"] },
  });
  const own = database({ ...managed, "database.kept": { engineVersion: true } });
  expect(own.resource.aws_db_instance?.database?.lifecycle).toEqual({
    ignore_changes: ["engine_version"],
  });
});

test("the default subnet group is not named, because AWS uses it by default", () => {
  const stack = database({ "database.kept": { subnetGroupName: "default" } });
  expect(stack.resource.aws_db_instance?.database).not.toHaveProperty("db_subnet_group_name");
  expect(stack.addresses).not.toContain("aws_db_subnet_group.database_subnets");
});

test("the stack of a cache that keeps everything creates only the cache and its rules", () => {
  const kept = {
    securityGroupIds: GROUPS,
    subnetGroupName: "own-subnets",
    parameterGroupName: "own-parameters",
    logGroups: { "slow-log": "/cache/slow" },
    tags: true,
    engineVersion: true,
  };
  const common = { kept, logExports: ["slow-log"] };
  const alone = cache({ ...MINIMAL.cache, ...common });
  expect(alone.addresses).toEqual([
    "aws_elasticache_cluster.cache",
    "aws_vpc_security_group_ingress_rule.cache_from_api",
  ]);
  const arguments_ = {
    security_group_ids: GROUPS,
    subnet_group_name: "own-subnets",
    parameter_group_name: "own-parameters",
    log_delivery_configuration: [{ destination: "/cache/slow" }],
  };
  expect(alone.resource.aws_elasticache_cluster?.cache).toMatchObject(arguments_);
  const group = cache({ ...REPLICATION_GROUP, ...common });
  expect(group.resource.aws_elasticache_replication_group?.cache).toMatchObject({
    ...arguments_,
    lifecycle: {
      ignore_changes: [
        "engine_version",
        "tags",
        "tags_all",
        "auth_token_update_strategy",
        "apply_immediately",
      ],
    },
  });
});

test("the URL contains a password from an existing secret, and the instance gets no password", () => {
  const credentials = { kind: "existing", passwordSecretArn: ARN, passwordKey: "password" };
  const stack = database({ "database.existing": true, "database.credentials": credentials });
  expect(stack.resource.aws_db_instance?.database).not.toHaveProperty("password_wo");
  const { ephemeral, resource } = JSON.parse(stack.json);
  expect(ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_id).toBe(ARN);
  expect(resource.aws_secretsmanager_secret_version.database_url.secret_string_wo).toContain(
    'replace(urlencode(jsondecode(ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_string).password), "+", "%20")',
  );
  expect(resource.terraform_data.database_url_shape.triggers_replace).toMatchObject({
    password_source: `${ARN}:password`,
  });
  const results = evaluate(
    CATALOGUE,
    [new SynthesizedStack("database", JSON.parse(stack.json))],
    environmentWith(),
  );
  expect(results.find(({ control }) => control.id === "MDS.3")?.findings).toEqual([]);
  expect(stack.addresses).not.toContain("aws_secretsmanager_secret.master_password");
});

test("adopted resources become import blocks", () => {
  const { json } = database({
    "database.adopted": {
      "aws_db_instance.database": "news-api-db",
      "aws_vpc_security_group_ingress_rule.database_from_api": "sgr-0123456789abcdef0",
    },
  });
  expect(JSON.parse(json).import).toEqual(
    expect.arrayContaining([
      { id: "news-api-db", to: "aws_db_instance.database" },
      {
        id: "sgr-0123456789abcdef0",
        to: "aws_vpc_security_group_ingress_rule.database_from_api",
      },
    ]),
  );
});

test("all addresses that the stack does not have are refused together", () => {
  const adopted = { "aws_db_instance.databose": "a", "aws_sns_topic.b": "b" };
  expect(() => database({ "database.adopted": adopted })).toThrow(
    [
      "2 problems in the stack stack:",
      '  adopted.aws_db_instance.databose: must be a resource of the stack. Did you mean "aws_db_instance.database"?',
      "  adopted.aws_sns_topic.b: must be a resource of the stack. Remove it, or correct the address.",
    ].join("\n"),
  );
});
