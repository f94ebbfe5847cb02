import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { problemsWith, REPLICATION_GROUP } from "../minimal-environment";
import { synthesized } from "../synthesized";

const CUSTOMER_MANAGED = { encryption: { kind: "customer-managed" } };
const KEY = "${aws_kms_key.data.arn}";

const database = (changes = {}) =>
  synthesized(DatabaseStack, {
    ...CUSTOMER_MANAGED,
    "database.performanceInsights": {},
    alarms: {},
    reasons: undefined,
    ...changes,
  });

test("without the setting, AWS managed keys encrypt everything", () => {
  const { resource } = synthesized(DatabaseStack, {});
  expect(resource.aws_kms_key).toBeUndefined();
  expect(resource.aws_db_instance?.database).not.toHaveProperty("kms_key_id");
});

test("a customer managed key encrypts everything in the database's stack, including its alarm topic", () => {
  const { resource } = database();
  expect(Object.keys(resource.aws_kms_key ?? {})).toEqual(["data"]);
  expect(resource.aws_kms_key?.data).toEqual({
    description: "Encrypts news-api-test-database",
    enable_key_rotation: true,
    policy: "${data.aws_iam_policy_document.data_key.json}",
  });
  expect(resource.aws_kms_alias?.data).toEqual({
    name: "alias/news-api-test-database",
    target_key_id: "${aws_kms_key.data.id}",
  });
  expect(resource.aws_db_instance?.database).toMatchObject({
    kms_key_id: KEY,
    performance_insights_kms_key_id: KEY,
  });
  expect(resource.aws_sns_topic?.alarms).toMatchObject({ kms_master_key_id: KEY });
  const encrypted = [
    ...Object.values(resource.aws_secretsmanager_secret ?? {}),
    ...Object.values(resource.aws_cloudwatch_log_group ?? {}),
  ];
  expect(encrypted).toHaveLength(4);
  expect(encrypted.map(({ kms_key_id }) => kms_key_id)).toEqual([KEY, KEY, KEY, KEY]);
});

test("the key can be used only through services of the account", () => {
  const [document] = Object.values(database().data.aws_iam_policy_document ?? {}).filter(
    ({ statement }) => JSON.stringify(statement).includes("UseThroughServices"),
  );
  expect(document?.statement).toEqual([
    expect.objectContaining({ sid: "Administer" }),
    expect.objectContaining({
      sid: "UseThroughServices",
      condition: [
        {
          test: "StringEquals",
          variable: "kms:ViaService",
          values: ["rds.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com"],
        },
      ],
    }),
    expect.objectContaining({
      sid: "EncryptLogGroups",
      principals: [{ type: "Service", identifiers: ["logs.us-east-1.amazonaws.com"] }],
      condition: [
        {
          test: "ArnLike",
          variable: "kms:EncryptionContext:aws:logs:arn",
          values: [
            "arn:aws:logs:us-east-1:${data.aws_caller_identity.account.account_id}:log-group:*",
          ],
        },
      ],
    }),
    expect.objectContaining({ sid: "EncryptPublishedAlarms" }),
    expect.objectContaining({ sid: "EncryptPublishedEvents" }),
  ]);
});

test("a protected database protects its key", () => {
  const { resource } = database({ "database.preventDestroy": true });
  expect(resource.aws_kms_key?.data).toMatchObject({ lifecycle: { prevent_destroy: true } });
});

test("a replication group and its logs are encrypted with it", () => {
  const cache = { ...REPLICATION_GROUP, logExports: ["slow-log"] };
  const { resource } = synthesized(CacheStack, { ...CUSTOMER_MANAGED, cache });
  expect(resource.aws_elasticache_replication_group?.cache).toMatchObject({ kms_key_id: KEY });
  expect(resource.aws_cloudwatch_log_group?.cache_slow_log).toMatchObject({ kms_key_id: KEY });
});

const OWN = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

test("an existing key encrypts everything, and no key is created", () => {
  const encryption = { kind: "existing-key", kmsKeyArn: OWN };
  const { resource } = database({
    encryption,
    alarms: undefined,
    "reasons.alarms": undefined,
    production: false,
  });
  expect(resource.aws_kms_key).toBeUndefined();
  expect(resource.aws_db_instance?.database).toMatchObject({ kms_key_id: OWN });
});

test("a key in a store's settings takes precedence", () => {
  const { resource } = database({ "database.kmsKeyArn": OWN });
  expect(resource.aws_db_instance?.database).toMatchObject({
    kms_key_id: OWN,
    performance_insights_kms_key_id: KEY,
  });
});

test("unencrypted storage has no key", () => {
  const changes = {
    "database.storageEncrypted": false,
    "database.reasons": { storageEncrypted: "It was created before it was encrypted." },
  };
  expect(database(changes).resource.aws_db_instance?.database).not.toHaveProperty("kms_key_id");
});

test("a key of another region is refused", () => {
  const kmsKeyArn = OWN.replace("us-east-1", "eu-west-1");
  expect(problemsWith({ encryption: { kind: "existing-key", kmsKeyArn } })).toEqual([
    `encryption.kmsKeyArn: must be a key in the environment's region us-east-1; got: "${kmsKeyArn}". Use a key of that region.`,
  ]);
});
