import { App } from "cdktf";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { type Changes, environmentWith } from "../minimal-environment";
import { type SynthesisedStack, synthesised } from "../synthesised";

const ACCOUNT = "123456789012";
const KMS = `arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`;
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:on-call`;
const SERVICES = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"];

const stack = (
  alarms: object,
  changes: Changes = {},
  Stack: typeof DatabaseStack | typeof CacheStack = DatabaseStack,
) => synthesised(Stack, { alarms, reasons: undefined, ...changes });
const withoutAlarms = ({ addresses }: SynthesisedStack) =>
  addresses.filter((address) => !address.startsWith("aws_cloudwatch_metric_alarm."));
const own = (of: SynthesisedStack) =>
  withoutAlarms(of).filter((address) => /alarms|database_events/.test(address));

/** The statements of a policy document, by Sid. */
function statements(of: SynthesisedStack, document: string): Record<string, unknown> {
  const statement = of.data.aws_iam_policy_document?.[document]?.statement as { sid: string }[];
  return Object.fromEntries(statement.map(({ sid, ...rest }) => [sid, rest]));
}

test("a stack makes its own topic, with a key, and nothing for one that exists", () => {
  expect(own(stack({ emails: ["ops@example.com", "On-Call@example.com"] }))).toEqual([
    "aws_db_event_subscription.database_events",
    "aws_kms_alias.alarms",
    "aws_kms_key.alarms",
    "aws_sns_topic.alarms",
    "aws_sns_topic_policy.alarms",
    "aws_sns_topic_subscription.alarms_to_on_call_example_com",
    "aws_sns_topic_subscription.alarms_to_ops_example_com",
  ]);
  expect(own(stack({ kmsKeyArn: KMS }))).toEqual([
    "aws_db_event_subscription.database_events",
    "aws_sns_topic.alarms",
    "aws_sns_topic_policy.alarms",
  ]);
  expect(own(stack({ topicArn: TOPIC }))).toEqual(["aws_db_event_subscription.database_events"]);
  expect(own(stack({}, {}, CacheStack))).toEqual([
    "aws_kms_alias.alarms",
    "aws_kms_key.alarms",
    "aws_sns_topic.alarms",
    "aws_sns_topic_policy.alarms",
  ]);
});

test("the topic is encrypted with the stack's own key, which rotates", () => {
  const { resource } = stack({});
  const name = "news-api-test-database-alarms";
  expect(resource.aws_sns_topic?.alarms).toEqual({
    name,
    kms_master_key_id: "${aws_kms_key.alarms.arn}",
  });
  expect(resource.aws_kms_key?.alarms).toEqual({
    description: `Encrypts the SNS topic ${name}`,
    enable_key_rotation: true,
    policy: "${data.aws_iam_policy_document.alarms_key.json}",
  });
  expect(resource.aws_kms_alias?.alarms).toEqual({
    name: `alias/${name}`,
    target_key_id: "${aws_kms_key.alarms.id}",
  });
});

test("or with the key that the settings name", () => {
  expect(stack({ kmsKeyArn: KMS }).resource.aws_sns_topic?.alarms?.kms_master_key_id).toBe(KMS);
});

test("the topic takes what the services publish for this account, over TLS", () => {
  const made = stack({}, { account: ACCOUNT });
  const resources = ["${aws_sns_topic.alarms.arn}"];
  expect(statements(made, "alarms")).toEqual({
    Publish: {
      effect: "Allow",
      principals: [{ type: "Service", identifiers: SERVICES }],
      actions: ["sns:Publish"],
      resources,
      condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [ACCOUNT] }],
    },
    TlsOnly: {
      effect: "Deny",
      principals: [{ type: "*", identifiers: ["*"] }],
      actions: ["sns:Publish"],
      resources,
      condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
    },
  });
  expect(made.resource.aws_sns_topic_policy?.alarms).toEqual({
    arn: "${aws_sns_topic.alarms.arn}",
    policy: "${data.aws_iam_policy_document.alarms.json}",
  });
});

test("the key is administered by the account, and used by the services alone", () => {
  expect(statements(stack({}, { account: ACCOUNT }), "alarms_key")).toEqual({
    Administer: {
      effect: "Allow",
      principals: [{ type: "AWS", identifiers: [`arn:aws:iam::${ACCOUNT}:root`] }],
      actions: expect.arrayContaining(["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]),
      resources: ["*"],
    },
    EncryptWhatIsPublished: {
      effect: "Allow",
      principals: [{ type: "Service", identifiers: SERVICES }],
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: ["*"],
      condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [ACCOUNT] }],
    },
  });
});

test("no policy has an action with a wildcard, and nobody in the account decrypts", () => {
  const made = stack({}, { account: ACCOUNT });
  const documents = Object.keys(made.data.aws_iam_policy_document ?? {});
  expect(documents).toEqual(["alarms", "alarms_key"]);
  const actions = documents.flatMap((document) =>
    Object.values(statements(made, document)).flatMap((one) => (one as { actions: [] }).actions),
  );
  expect(actions).toHaveLength(22);
  expect(actions.filter((action: string) => !/^(kms|sns):[A-Za-z]+$/.test(action))).toEqual([]);
  const { Administer } = statements(made, "alarms_key") as { Administer: { actions: string[] } };
  expect(Administer.actions.filter((action) => /crypt|DataKey|Grant/.test(action))).toEqual([]);
});

test("an account that the settings do not name is looked up", () => {
  const made = stack({});
  const account = "${data.aws_caller_identity.account.account_id}";
  expect(made.data.aws_caller_identity).toEqual({ account: {} });
  expect(statements(made, "alarms")).toMatchObject({
    Publish: { condition: [{ values: [account] }] },
  });
  expect(statements(made, "alarms_key")).toMatchObject({
    Administer: { principals: [{ identifiers: [`arn:aws:iam::${account}:root`] }] },
  });
  expect(stack({}, { account: ACCOUNT }).data.aws_caller_identity).toBeUndefined();
});

test("the root's ARN is of the region's partition", () => {
  expect(
    statements(stack({}, { account: ACCOUNT, region: "cn-north-1" }), "alarms_key"),
  ).toMatchObject({
    Administer: { principals: [{ identifiers: [`arn:aws-cn:iam::${ACCOUNT}:root`] }] },
  });
});

test("the cache's topic is not RDS's to publish to", () => {
  const made = stack({}, { account: ACCOUNT }, CacheStack);
  const principals = [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }];
  expect(statements(made, "alarms")).toMatchObject({ Publish: { principals } });
  expect(statements(made, "alarms_key")).toMatchObject({ EncryptWhatIsPublished: { principals } });
});

test("each address is subscribed by email", () => {
  expect(stack({ emails: ["On-Call@example.com"] }).resource.aws_sns_topic_subscription).toEqual({
    alarms_to_on_call_example_com: {
      topic_arn: "${aws_sns_topic.alarms.arn}",
      protocol: "email",
      endpoint: "On-Call@example.com",
    },
  });
});

test.each([
  [{}, "${aws_sns_topic.alarms.arn}"],
  [{ topicArn: TOPIC }, TOPIC],
])("with %j the topic is an output, to subscribe to", (alarms, arn) => {
  for (const Stack of [DatabaseStack, CacheStack]) {
    const { output, resource } = stack(alarms, {}, Stack);
    expect(output.alarm_topic_arn?.value).toBe(arn);
    for (const alarm of Object.values(resource.aws_cloudwatch_metric_alarm ?? {})) {
      expect([alarm.alarm_actions, alarm.ok_actions]).toEqual([[arn], [arn]]);
    }
  }
});

test("without alarms there is none of it, and the reason stands in the JSON", () => {
  const reason = "a load test that is destroyed tonight";
  for (const Stack of [DatabaseStack, CacheStack]) {
    const without = synthesised(Stack, { reasons: { alarms: reason } });
    expect(own(without)).toEqual([]);
    expect(without.resource.aws_cloudwatch_metric_alarm).toBeUndefined();
    expect(without.output.alarm_topic_arn).toBeUndefined();
    // Testing.synth() leaves comments out.
    const comment = (changes: Changes) =>
      new Stack(new App(), "stack", environmentWith(changes)).toTerraform()["//"];
    expect(comment({ reasons: { alarms: reason } }).reasons).toEqual({ alarms: reason });
    expect(comment({ production: false, reasons: undefined }).reasons).toBeUndefined();
  }
});
