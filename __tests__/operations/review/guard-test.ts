import type { Change } from "../../../operations/review/change";
import { ATTRIBUTE_RULES, guard } from "../../../operations/review/guard";
import { changed, updated } from "./planned-resource";

const ids = (...changes: Change[]) =>
  guard(changes, []).map(({ id, verdict }) => `${verdict}: ${id}`);

const INSTANCE = "aws_db_instance";
const GROUP = "aws_elasticache_replication_group";
const RULE = "aws_vpc_security_group_ingress_rule";
const force = (value: string) => [{ name: "rds.force_ssl", value }];
const tokens = (http_tokens: string) => [{ http_tokens }];
const policy = (...sids: string[]) =>
  JSON.stringify({ Statement: sids.map((Sid) => ({ Sid, Effect: "Allow" })) });

/** Type, attribute, a dangerous change, a harmless one. */
const RULES: readonly (readonly [string, string, [unknown, unknown], [unknown, unknown]])[] = [
  [INSTANCE, "publicly_accessible", [false, true], [true, false]],
  [INSTANCE, "deletion_protection", [true, false], [false, true]],
  [INSTANCE, "skip_final_snapshot", [false, true], [true, false]],
  [INSTANCE, "final_snapshot_identifier", ["a", null], ["a", "b"]],
  [INSTANCE, "delete_automated_backups", [false, true], [true, false]],
  [INSTANCE, "backup_retention_period", [7, 6], [7, 8]],
  [INSTANCE, "storage_encrypted", [true, false], [false, true]],
  [INSTANCE, "kms_key_id", ["a", "b"], [null, "b"]],
  [INSTANCE, "ca_cert_identifier", ["a", "b"], ["a", "a"]],
  [INSTANCE, "engine", ["postgres", "aurora"], ["postgres", "postgres"]],
  [INSTANCE, "engine_version", ["15.4", "15.3"], ["15.4", "15.5"]],
  [INSTANCE, "engine_version", ["15", "16"], ["15.4", "15"]],
  [INSTANCE, "allocated_storage", [30, 29], [30, 31]],
  [INSTANCE, "multi_az", [true, false], [false, true]],
  [INSTANCE, "password_wo_version", [1, 2], [1, 1]],
  [INSTANCE, "manage_master_user_password", [null, true], [true, true]],
  [INSTANCE, "password", ["a", "b"], ["a", "a"]],
  [INSTANCE, "iam_database_authentication_enabled", [true, false], [false, true]],
  [INSTANCE, "replicate_source_db", ["main", ""], ["main", "main"]],
  [INSTANCE, "vpc_security_group_ids", [["sg-1"], ["sg-1", "sg-2"]], [["sg-1"], ["sg-1"]]],
  [INSTANCE, "blue_green_update", [[], [{ enabled: true }]], [[{ enabled: true }], []]],
  ["aws_db_parameter_group", "parameter", [force("1"), force("0")], [force("0"), force("1")]],
  [GROUP, "transit_encryption_enabled", ["true", "false"], [false, true]],
  [GROUP, "transit_encryption_mode", ["required", "preferred"], ["preferred", "required"]],
  [GROUP, "at_rest_encryption_enabled", ["true", false], [false, "true"]],
  [GROUP, "kms_key_id", ["a", "b"], ["a", "a"]],
  [GROUP, "multi_az_enabled", [true, false], [false, true]],
  [GROUP, "automatic_failover_enabled", [true, false], [false, true]],
  [GROUP, "snapshot_retention_limit", [5, 4], [5, 6]],
  [GROUP, "final_snapshot_identifier", ["a", ""], ["", "a"]],
  [GROUP, "num_node_groups", [1, 2], [1, 1]],
  [GROUP, "cluster_mode", ["disabled", "compatible"], ["disabled", "disabled"]],
  [GROUP, "num_cache_clusters", [2, 1], [2, 3]],
  [GROUP, "replicas_per_node_group", [2, 1], [1, 2]],
  ["aws_elasticache_cluster", "num_cache_nodes", [2, 1], [1, 2]],
  [GROUP, "engine", ["redis", "valkey"], ["redis", "redis"]],
  [GROUP, "engine_version", ["7.1", "7.0"], ["7.0", "7.1"]],
  [GROUP, "engine_version", ["6.x", "7.0"], ["6.2", "6.x"]],
  [GROUP, "auth_token", ["a", "b"], ["a", "a"]],
  [GROUP, "user_group_ids", [["a"], ["b"]], [["a"], ["a"]]],
  [GROUP, "security_group_ids", [["sg-1"], []], [["sg-1"], ["sg-1"]]],
  [
    "aws_instance",
    "metadata_options",
    [tokens("required"), tokens("optional")],
    [[], tokens("required")],
  ],
  ["aws_secretsmanager_secret", "kms_key_id", ["a", "b"], ["a", "a"]],
  ["aws_sns_topic", "kms_master_key_id", ["a", "b"], [null, "b"]],
  ["aws_secretsmanager_secret", "recovery_window_in_days", [30, 0], [7, 30]],
  ["aws_cloudwatch_log_group", "retention_in_days", [0, 30], [30, 0]],
  ["aws_kms_key", "is_enabled", [true, false], [false, true]],
  ["aws_kms_key", "enable_key_rotation", [true, false], [false, true]],
  ["aws_kms_key", "policy", ["${data.a.json}", policy("a")], ["${data.a.json}", "${data.a.json}"]],
  ["aws_kms_key", "policy", [policy("a", "b"), policy("a")], [policy("a"), policy("a", "b")]],
  ["aws_cloudwatch_metric_alarm", "actions_enabled", [true, false], [false, true]],
  ["aws_cloudwatch_metric_alarm", "alarm_actions", [["a"], []], [["a"], ["b"]]],
  ["aws_db_event_subscription", "enabled", [true, false], [false, true]],
  ["aws_s3_bucket", "force_destroy", [false, true], [true, false]],
  [
    "aws_s3_bucket_versioning",
    "versioning_configuration",
    [[{ status: "Enabled" }], [{ status: "Suspended" }]],
    [[{ status: "Suspended" }], [{ status: "Enabled" }]],
  ],
  ["aws_s3_bucket_public_access_block", "block_public_acls", [true, false], [false, true]],
  ["aws_s3_bucket_public_access_block", "block_public_policy", [true, false], [false, true]],
  ["aws_s3_bucket_public_access_block", "ignore_public_acls", [true, false], [false, true]],
  ["aws_s3_bucket_public_access_block", "restrict_public_buckets", [true, false], [false, true]],
];

test.each(RULES)(
  "%s: a dangerous change of %s is refused, and the opposite change passes",
  (type, attribute, bad, good) => {
    const change = ([before, after]: [unknown, unknown]) =>
      guard([updated(type, { [attribute]: before }, { [attribute]: after })], []);
    expect(change(bad)).toMatchObject([{ verdict: "refused", address: `${type}.database` }]);
    expect(change(good)).toEqual([]);
  },
);

test("every rule has a row above", () => {
  const tested = new Set(RULES.map(([, attribute]) => attribute));
  expect(
    ATTRIBUTE_RULES.map(({ attribute }) => attribute).filter((one) => !tested.has(one)),
  ).toEqual([]);
});

test("a major version with the setting that allows it passes", () => {
  const after = { engine_version: "16", allow_major_version_upgrade: true };
  expect(ids(updated(INSTANCE, { engine_version: "15" }, after))).toEqual([]);
});

test("TLS is off when the parameter of an old family goes, and on for a new one", () => {
  const without = (family: string) =>
    updated("aws_db_parameter_group", { family, parameter: force("1") }, { family, parameter: [] });
  expect(ids(without("postgres14"))).toEqual(["refused: force-ssl"]);
  expect(ids(without("postgres15"))).toEqual([]);
});

test("a watched value that is known only after apply cannot be judged, unless it is always unknown", () => {
  const unknown = (attribute: string) =>
    ids(updated(INSTANCE, { [attribute]: "a" }, {}, { [attribute]: true }));
  expect(unknown("kms_key_id")).toEqual(["cannot tell: encryption-key"]);
  expect(unknown("final_snapshot_identifier")).toEqual([]);
  expect(unknown("parameter_group_name")).toEqual([]);
});

test.each([
  "aws_db_instance",
  "aws_elasticache_cluster",
  "aws_elasticache_replication_group",
  "aws_secretsmanager_secret",
  "aws_kms_key",
  "aws_cloudwatch_log_group",
  "aws_s3_bucket",
])("%s may not be deleted, replaced, forgotten or deleted as a deposed object", (type) => {
  expect(ids(changed(type, "delete"))).toEqual(["refused: delete"]);
  expect(ids(changed(type, "delete,create"))).toEqual(["refused: replace"]);
  expect(ids(changed(type, "create,delete"))).toEqual(["refused: replace"]);
  expect(ids(changed(type, "forget"))).toEqual(["refused: forget"]);
  expect(ids({ ...changed(type, "delete"), deposed: "ab12cd34" })).toEqual([
    "refused: delete-deposed",
  ]);
});

test("a resource of an unknown type may not be deleted", () => {
  expect(ids(changed("aws_dynamodb_table", "delete"))).toEqual(["cannot tell: delete"]);
});

test("the marker of the final snapshot is protected, and that of the URL is not", () => {
  const marker = (name: string) =>
    changed("terraform_data", "delete,create", { address: `terraform_data.${name}` });
  expect(ids(marker("final_snapshot"))).toEqual(["refused: replace"]);
  expect(ids(marker("database_url_shape"))).toEqual([]);
});

test("an import that replaces says so", () => {
  const [finding] = guard([{ ...changed(INSTANCE, "delete,create"), importing: true }], []);
  expect(finding?.message).toMatch(/^Imports the existing aws_db_instance and then replaces it/);
});

test("a delete beside a create suggests a moved block", () => {
  const created = changed(INSTANCE, "create", { address: "aws_db_instance.main" });
  expect(guard([changed(INSTANCE, "delete"), created], [])[0]?.message).toContain(
    "The plan creates aws_db_instance.main: if that is the same resource, add a moved block.",
  );
});

test("an alarm may be replaced, and not removed", () => {
  expect(ids(changed("aws_cloudwatch_metric_alarm", "delete,create"))).toEqual([]);
  expect(ids(changed("aws_cloudwatch_metric_alarm", "delete"))).toEqual(["refused: delete"]);
});

test("a security group may be replaced if the new one is created first", () => {
  expect(ids(changed("aws_security_group", "create,delete"))).toEqual([]);
  expect(ids(changed("aws_security_group", "delete,create"))).toEqual(["refused: replace"]);
});

const source = (cidr: string, more: object = {}) => ({
  cidr_ipv4: cidr,
  ip_protocol: "tcp",
  from_port: 5432,
  to_port: 5432,
  ...more,
});

test.each([
  ["a wider range", source("10.0.0.0/24"), source("10.0.0.0/23"), ["refused: open-rule"]],
  ["another range", source("10.0.0.0/24"), source("10.0.1.0/24"), ["refused: open-rule"]],
  ["a narrower range", source("10.0.0.0/24"), source("10.0.0.0/25"), []],
  ["the internet", source("10.0.0.0/24"), source("0.0.0.0/0"), ["refused: open-rule"]],
  ["half of it", source("10.0.0.0/24"), source("128.0.0.0/1"), ["refused: open-rule"]],
  [
    "more ports",
    source("10.0.0.0/24"),
    source("10.0.0.0/24", { to_port: 5433 }),
    ["refused: open-rule"],
  ],
  [
    "all ports",
    source("10.0.0.0/24"),
    source("10.0.0.0/24", { ip_protocol: "-1" }),
    ["refused: open-rule"],
  ],
  ["another kind of source", source("10.0.0.0/24"), source("", { cidr_ipv6: "2001:db8::/56" }), []],
  ["all of IPv6", source("10.0.0.0/24"), source("", { cidr_ipv6: "::/0" }), ["refused: open-rule"]],
  [
    "another group in place",
    source("", { referenced_security_group_id: "sg-1" }),
    source("", { referenced_security_group_id: "sg-2" }),
    ["refused: change-source"],
  ],
])("a rule: %s", (_, before, after, expected) => {
  expect(ids(updated(RULE, before, after))).toEqual(expected);
});

const GROUP_SOURCE = source("", { referenced_security_group_id: "sg-1" });
const LIST_SOURCE = source("", { prefix_list_id: "pl-1" });

test.each([
  ["a group by a network", GROUP_SOURCE, source("10.0.0.0/24"), ["refused: open-rule"]],
  ["a list by a network", LIST_SOURCE, source("10.0.0.0/24"), ["refused: open-rule"]],
  ["a group by a list", GROUP_SOURCE, LIST_SOURCE, ["cannot tell: open-rule"]],
  ["a network by a list", source("10.0.0.0/24"), LIST_SOURCE, ["cannot tell: open-rule"]],
  ["a network by a group", source("10.0.0.0/24"), GROUP_SOURCE, []],
  ["a list by a group", LIST_SOURCE, GROUP_SOURCE, []],
])("a rule that replaces %s", (_, before, after, expected) => {
  expect(ids(changed(RULE, "create,delete", { before, after }))).toEqual(expected);
});

test("a finding about another kind of source names both", () => {
  const change = changed(RULE, "create,delete", {
    before: GROUP_SOURCE,
    after: source("10.0.0.0/24"),
  });
  expect(guard([change], []).map(({ message }) => message)).toEqual([
    "Admits 10.0.0.0/24 instead of sg-1, which can be narrower.",
  ]);
});

test("a new rule may not be open, or unknown", () => {
  const created = (after: object, after_unknown: object = {}) =>
    ids(changed(RULE, "create", { after: { ...after }, after_unknown: { ...after_unknown } }));
  expect(created(source("10.0.0.0/24"))).toEqual([]);
  expect(created(source("0.0.0.0/0"))).toEqual(["refused: open-rule"]);
  expect(created(source(""), { cidr_ipv4: true })).toEqual(["cannot tell: open-rule"]);
});

test("a rule may be removed if others stay, but not before its successor is applied or as the last one", () => {
  const rule = (name: string, actions: string) =>
    changed(RULE, actions, {
      address: `${RULE}.${name}`,
      before: actions === "create" ? null : source("10.0.0.0/24"),
      after: actions === "delete" ? null : source("10.0.0.0/24"),
    });
  expect(ids(rule("old", "delete"), rule("other", "no-op"))).toEqual([]);
  expect(ids(rule("old", "delete"), rule("other", "no-op"), rule("new", "create"))).toEqual([
    "refused: remove-client",
  ]);
  expect(ids(rule("old", "delete"))).toEqual(["refused: remove-client"]);
  expect(ids(rule("old", "delete,create"))).toEqual(["refused: replace"]);
  expect(ids(rule("old", "create,delete"))).toEqual([]);
});

test("the value of a secret is written together with the database's password", () => {
  const version = changed("aws_secretsmanager_secret_version", "delete,create", {
    before: { secret_string_wo_version: 1 },
    after: { secret_string_wo_version: 2 },
  });
  const rotation = updated(INSTANCE, { password_wo_version: 1 }, { password_wo_version: 2 });
  expect(ids(version)).toEqual(["refused: rotate-password"]);
  expect(ids(version, rotation)).toEqual(["refused: rotate-password"]);
  expect(guard([version, rotation], [])[0]?.address).toBe("aws_db_instance.database");
  expect(ids({ ...version, importing: true, actions: ["no-op"] })).toEqual([
    "refused: import-secret",
  ]);
});

test("a deleted data store is not created again silently", () => {
  const created = changed(INSTANCE, "create", { after: {} });
  expect(guard([created], [changed(INSTANCE, "delete")])).toMatchObject([{ id: "recreate" }]);
});

test("a bastion may be deleted; another instance may not", () => {
  const replaced = (address: string) =>
    ids(changed("aws_instance", "delete,create", { address, before: {}, after: {} })).filter(
      (id) => !id.endsWith("instance-metadata"),
    );
  expect(replaced("aws_instance.bastion")).toEqual([]);
  expect(replaced("aws_instance.other")).toEqual(["cannot tell: replace"]);
});
