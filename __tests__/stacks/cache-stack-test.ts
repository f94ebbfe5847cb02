import "../cdktf-matchers";
import { ElasticacheCluster } from "@cdktf/provider-aws/lib/elasticache-cluster";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { CacheStack } from "../../stacks/cache-stack";
import { type Changes, environmentWith, MINIMAL, REPLICATION_GROUP } from "../minimal-environment";
import { type SynthesizedStack, stackOf, synthesized } from "../synthesized";

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

const WITH_USER = {
  ...REPLICATION_GROUP,
  engineVersion: "7.1",
  autoMinorVersionUpgrade: false,
  iamUser: "news-api",
};

const REASON = "clients without TLS, until they have moved";
const PREFERRED = {
  engineVersion: "7.1",
  autoMinorVersionUpgrade: false,
  transitEncryptionMode: "preferred",
  reasons: { transitEncryptionMode: REASON },
};

const synth = (changes: Changes = {}): SynthesizedStack => synthesized(CacheStack, changes);
const cluster = (changes: Changes = {}) => synth(changes).resource.aws_elasticache_cluster?.cache;
const group = (changes: object = {}) =>
  synth({ cache: { ...REPLICATION_GROUP, ...changes } }).resource.aws_elasticache_replication_group
    ?.cache;

test("the stack has exactly these resources, at these addresses", () => {
  const client = { "clients.api": { securityGroupId: "sg-01234567" } };
  const own = [
    "aws_elasticache_subnet_group.cache_subnets",
    "aws_security_group.cache_access",
    "aws_vpc_security_group_ingress_rule.cache_from_api",
  ];
  expect(synth(client).addresses).toEqual(["aws_elasticache_cluster.cache", ...own]);
  expect(synth({ ...client, cache: REPLICATION_GROUP }).addresses).toEqual([
    "aws_elasticache_replication_group.cache",
    ...own,
  ]);
});

test("a cluster is one node, without the arguments that ElastiCache does not support for it", () => {
  expect(synth().json).toHaveResource(ElasticacheCluster);
  expect(cluster()).toEqual({
    cluster_id: "news-api-cache",
    engine: "redis",
    engine_version: "6.x",
    parameter_group_name: "default.redis6.x",
    auto_minor_version_upgrade: "true",
    node_type: "cache.t4g.micro",
    num_cache_nodes: 1,
    port: 6379,
    snapshot_retention_limit: 0,
    apply_immediately: false,
    subnet_group_name: "${aws_elasticache_subnet_group.cache_subnets.name}",
    security_group_ids: ["${aws_security_group.cache_access.id}"],
  });
});

test("a replication group has TLS, encryption at rest and failover", () => {
  expect(synth({ cache: REPLICATION_GROUP }).json).toHaveResource(ElasticacheReplicationGroup);
  expect(group()).toEqual({
    lifecycle: { ignore_changes: ["auth_token_update_strategy"] },
    replication_group_id: "news-api-cache",
    description: "The cache and its replicas",
    engine: "redis",
    engine_version: "6.x",
    parameter_group_name: "default.redis6.x",
    auto_minor_version_upgrade: "true",
    node_type: "cache.t4g.micro",
    num_cache_clusters: 2,
    automatic_failover_enabled: true,
    multi_az_enabled: true,
    transit_encryption_enabled: true,
    at_rest_encryption_enabled: "true",
    port: 6379,
    snapshot_retention_limit: 0,
    apply_immediately: false,
    subnet_group_name: "${aws_elasticache_subnet_group.cache_subnets.name}",
    security_group_ids: ["${aws_security_group.cache_access.id}"],
  });
});

test("one node has no failover", () => {
  expect(group({ nodes: 1, multiAz: false })).toMatchObject({
    num_cache_clusters: 1,
    automatic_failover_enabled: false,
    multi_az_enabled: false,
  });
});

const COMMON: [Record<string, unknown>, Record<string, unknown>][] = [
  [
    { engineVersion: "7.1", autoMinorVersionUpgrade: false },
    { engine_version: "7.1", auto_minor_version_upgrade: "false" },
  ],
  [{ nodeType: "cache.m7g.large" }, { node_type: "cache.m7g.large" }],
  [{ port: 6380 }, { port: 6380 }],
  [
    {
      snapshotRetentionDays: 5,
      snapshotWindow: "02:00-03:00",
      maintenanceWindow: "sun:05:00-sun:06:00",
    },
    {
      snapshot_retention_limit: 5,
      snapshot_window: "02:00-03:00",
      maintenance_window: "sun:05:00-sun:06:00",
    },
  ],
  [{ snapshotName: "before" }, { snapshot_name: "before" }],
  [{ applyImmediately: true }, { apply_immediately: true }],
  [{ preventDestroy: true }, { lifecycle: { prevent_destroy: true } }],
];

test("the logs go to log groups of the stack with a retention period", () => {
  const logs = { logExports: ["slow-log", "engine-log"], logRetentionDays: 90 };
  const stack = synth({ cache: { ...REPLICATION_GROUP, ...logs } });
  expect(stack.resource.aws_cloudwatch_log_group).toEqual({
    cache_slow_log: { name: "/aws/elasticache/news-api-cache/slow-log", retention_in_days: 90 },
    cache_engine_log: { name: "/aws/elasticache/news-api-cache/engine-log", retention_in_days: 90 },
  });
  const delivery = (log: string, address: string) => ({
    log_type: log,
    log_format: "json",
    destination_type: "cloudwatch-logs",
    destination: `\${aws_cloudwatch_log_group.${address}.name}`,
  });
  const deliveries = [
    delivery("slow-log", "cache_slow_log"),
    delivery("engine-log", "cache_engine_log"),
  ];
  expect(stack.resource.aws_elasticache_replication_group?.cache).toMatchObject({
    log_delivery_configuration: deliveries,
  });
  expect(cluster({ "cache.logExports": ["slow-log"] })).toMatchObject({
    log_delivery_configuration: deliveries.slice(0, 1),
  });
});

const SNAPSHOTS = {
  snapshotRetentionDays: 1,
  snapshotWindow: "02:00-03:00",
  maintenanceWindow: "sun:05:00-sun:06:00",
};

test("a cache with daily snapshots has a final snapshot", () => {
  const { resource, addresses } = synth({ cache: { ...REPLICATION_GROUP, ...SNAPSHOTS } });
  expect(addresses).toContain("terraform_data.final_snapshot");
  expect(resource.aws_elasticache_replication_group?.cache).toMatchObject({
    final_snapshot_identifier: "news-api-cache-final-${terraform_data.final_snapshot.id}",
  });
  const prefixed = Object.entries(SNAPSHOTS).map(([key, value]) => [`cache.${key}`, value]);
  expect(cluster(Object.fromEntries(prefixed))).toMatchObject({
    final_snapshot_identifier: "news-api-cache-final-${terraform_data.final_snapshot.id}",
  });
});

test("a cache without daily snapshots has no final snapshot", () => {
  expect(cluster()).not.toHaveProperty("final_snapshot_identifier");
  expect(synth().addresses).not.toContain("terraform_data.final_snapshot");
});

test("every change that replaces the cache renews the final snapshot's identifier", () => {
  const triggers = (cache: object) =>
    synth({ cache: { ...cache, ...SNAPSHOTS, port: 6380, snapshotName: "before" } }).resource
      .terraform_data?.final_snapshot?.triggers_replace;
  const common = { port: 6380, snapshot_name: "before", subnet_group_name: "news-subnets" };
  const named = { subnetGroupName: "news-subnets" };
  expect(triggers({ ...MINIMAL.cache, ...named, availabilityZone: "us-east-1b" })).toEqual({
    kind: "cluster",
    engine: "redis",
    engine_version: "6.x",
    availability_zone: "us-east-1b",
    ...common,
  });
  expect(triggers({ ...REPLICATION_GROUP, ...named, kmsKeyArn: KMS })).toEqual({
    kind: "replication-group",
    engine: "redis",
    engine_version: "6.x",
    kms_key_id: KMS,
    data_tiering_enabled: false,
    ...common,
  });
});

test("a cluster gets the zone", () => {
  expect(cluster({ "cache.availabilityZone": "us-east-1b" })).toMatchObject({
    availability_zone: "us-east-1b",
  });
});

test.each(COMMON)("a cluster gets %j", (changes, attributes) => {
  const prefixed = Object.entries(changes).map(([key, value]) => [`cache.${key}`, value]);
  expect(cluster(Object.fromEntries(prefixed))).toMatchObject(attributes);
});

test.each([
  ...COMMON,
  [{ nodes: 4 }, { num_cache_clusters: 4 }] as const,
  [
    { engine: "valkey", engineVersion: "8.0", autoMinorVersionUpgrade: false },
    {
      engine: "valkey",
      engine_version: "8.0",
      parameter_group_name: "default.valkey8",
      transit_encryption_mode: "required",
    },
  ] as const,
  [{ kmsKeyArn: KMS }, { kms_key_id: KMS }] as const,
  [
    { availabilityZones: ["us-east-1a", "us-east-1b"] },
    { preferred_cache_cluster_azs: ["us-east-1a", "us-east-1b"] },
  ] as const,
  [{ nodeType: "cache.r6gd.xlarge" }, { data_tiering_enabled: true }] as const,
  [{ userGroupId: "news-readers" }, { user_group_ids: ["news-readers"] }] as const,
  [
    { engineVersion: "7.0", autoMinorVersionUpgrade: false },
    { transit_encryption_mode: "required" },
  ] as const,
  [PREFERRED, { transit_encryption_mode: "preferred" }] as const,
])("a replication group gets %j", (changes, attributes) => {
  expect(group(changes)).toMatchObject(attributes);
});

test("the reason for an optional TLS mode is a comment on the group", () => {
  const environment = environmentWith({ cache: { ...REPLICATION_GROUP, ...PREFERRED } });
  // Testing.synth() omits comments.
  const { resource } = stackOf(CacheStack, environment).toTerraform();
  expect(resource.aws_elasticache_replication_group.cache["//"].reasons).toEqual({
    transitEncryptionMode: REASON,
  });
});

test.each([
  ["6.x", "redis6.x", "stack-redis6-x"],
  ["7.1", "redis7", "stack-redis7"],
])("parameters of Redis %s create a group of the family %s", (engineVersion, family, name) => {
  const { addresses, resource } = synth({
    "cache.engineVersion": engineVersion,
    "cache.autoMinorVersionUpgrade": engineVersion === "6.x",
    "cache.parameters": { "maxmemory-policy": "allkeys-lru" },
  });
  expect(addresses).toContain("aws_elasticache_parameter_group.cache_parameters");
  expect(resource.aws_elasticache_parameter_group?.cache_parameters).toEqual({
    name,
    family,
    description: "Parameters of the cache",
    parameter: [{ name: "maxmemory-policy", value: "allkeys-lru" }],
    lifecycle: { create_before_destroy: true },
  });
  expect(resource.aws_elasticache_cluster?.cache).toMatchObject({
    parameter_group_name: "${aws_elasticache_parameter_group.cache_parameters.name}",
  });
});

test.each([
  ["cache", "allkeys-lru"],
  ["queue", "noeviction"],
])("the eviction preset %j sets the policy %j, next to other parameters", (eviction, policy) => {
  const { resource } = synth({
    "cache.eviction": eviction,
    "cache.parameters": { timeout: "20" },
  });
  expect(resource.aws_elasticache_parameter_group?.cache_parameters?.parameter).toEqual([
    { name: "maxmemory-policy", value: policy },
    { name: "timeout", value: "20" },
  ]);
});

test("Valkey has a parameter group of its own family, and users of engine Redis, which it supports", () => {
  const cache = {
    ...WITH_USER,
    ...{ engine: "valkey", engineVersion: "8.1", eviction: "cache" },
  };
  const { output, resource } = synth({ cache });
  expect(resource.aws_elasticache_parameter_group?.cache_parameters).toMatchObject({
    name: "stack-valkey8",
    family: "valkey8",
  });
  expect(resource.aws_elasticache_user_group?.cache_users).toMatchObject({ engine: "redis" });
  expect(output.redis_url?.value).toMatch(/^rediss:/);
});

test("the settings may name the groups", () => {
  const { resource } = synth({
    "cache.securityGroupName": "news cache",
    "cache.subnetGroupName": "news-subnets",
    "cache.parameterGroupPrefix": "news",
    "cache.parameters": { timeout: "20" },
  });
  expect(resource.aws_security_group?.cache_access).toMatchObject({ name: "news cache" });
  expect(resource.aws_elasticache_subnet_group?.cache_subnets).toMatchObject({
    name: "news-subnets",
  });
  expect(resource.aws_elasticache_parameter_group?.cache_parameters).toMatchObject({
    name: "news-redis6-x",
  });
});

test("the subnet group has the environment's subnets", () => {
  expect(synth().json).toHaveResourceWithProperties(ElasticacheSubnetGroup, {
    name: "stack",
    subnet_ids: ["subnet-0123456a", "subnet-0123456b"],
  });
});

test("the state has its own key", () => {
  expect(synth().terraform.backend.s3).toMatchObject({
    bucket: "news-api-test-state",
    key: "news-api/test/cache.tfstate",
    use_lockfile: true,
  });
});

test("a cluster outputs its node's endpoint, and a group outputs the primary and reader endpoints", () => {
  const common = {
    cache_port: { value: 6379 },
    cache_security_group_id: { value: "${aws_security_group.cache_access.id}" },
    ecs_secrets: { value: [] },
  };
  const outputs = (url: string) => ({
    ...common,
    redis_url: { value: url },
    ecs_environment: { value: [{ name: "REDIS_URL", value: url }] },
  });
  expect(synth().output).toEqual({
    ...outputs("redis://${aws_elasticache_cluster.cache.cache_nodes[0].address}:6379"),
    cache_address: { value: "${aws_elasticache_cluster.cache.cache_nodes[0].address}" },
  });
  expect(synth({ cache: REPLICATION_GROUP }).output).toEqual({
    ...outputs("rediss://${aws_elasticache_replication_group.cache.primary_endpoint_address}:6379"),
    cache_address: {
      value: "${aws_elasticache_replication_group.cache.primary_endpoint_address}",
    },
    cache_reader_address: {
      value: "${aws_elasticache_replication_group.cache.reader_endpoint_address}",
    },
  });
});

const redisUrl = (changes: Changes) => synth(changes).output.ecs_environment?.value;

test("REDIS_URL is not a secret: ECS gets its value, and no role needs a policy for it", () => {
  const { output, resource } = synth({ "cache.port": 6380, executionRoleName: "ecs" });
  const value = "redis://${aws_elasticache_cluster.cache.cache_nodes[0].address}:6380";
  expect(output.ecs_environment?.value).toEqual([{ name: "REDIS_URL", value }]);
  expect(output.ecs_secrets?.value).toEqual([]);
  expect(output.execution_role_policy).toBeUndefined();
  expect(resource.aws_iam_role_policy).toBeUndefined();
  expect(resource.aws_ssm_parameter).toBeUndefined();
});

test("REDIS_URL is rediss:// for a replication group, and names the IAM user", () => {
  const primary = "${aws_elasticache_replication_group.cache.primary_endpoint_address}";
  expect(redisUrl({ cache: REPLICATION_GROUP })).toEqual([
    { name: "REDIS_URL", value: `rediss://${primary}:6379` },
  ]);
  expect(redisUrl({ cache: WITH_USER })).toEqual([
    { name: "REDIS_URL", value: `rediss://news-api@${primary}:6379` },
  ]);
});

test("an IAM user has no password, and the default user is disabled", () => {
  const { resource, output, json } = synth({ cache: WITH_USER });
  expect(resource.aws_elasticache_user).toEqual({
    cache_default_user: {
      user_id: "news-api-cache-default",
      user_name: "default",
      engine: "redis",
      access_string: "off -@all",
      no_password_required: true,
    },
    cache_iam_user: {
      user_id: "news-api",
      user_name: "news-api",
      engine: "redis",
      access_string: "on ~* &* +@all -@dangerous +info",
      authentication_mode: { type: "iam" },
    },
  });
  expect(resource.aws_elasticache_user_group?.cache_users).toEqual({
    user_group_id: "news-api-cache",
    engine: "redis",
    user_ids: [
      "${aws_elasticache_user.cache_default_user.user_id}",
      "${aws_elasticache_user.cache_iam_user.user_id}",
    ],
  });
  expect(resource.aws_elasticache_replication_group?.cache).toMatchObject({
    user_group_ids: ["${aws_elasticache_user_group.cache_users.user_group_id}"],
  });
  expect(output.task_role_policy?.value).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ConnectToCache",
        Effect: "Allow",
        Action: ["elasticache:Connect"],
        Resource: [
          "${aws_elasticache_replication_group.cache.arn}",
          "${aws_elasticache_user.cache_iam_user.arn}",
        ],
      },
    ],
  });
  expect(json.replaceAll("auth_token_update_strategy", "")).not.toContain("auth_token");
});
