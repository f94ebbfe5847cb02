import { CacheStack } from "../../../stacks/cache-stack";
import { DatabaseStack } from "../../../stacks/database-stack";
import { type Changes, environmentWith } from "../../minimal-environment";
import { type SynthesizedStack, stackOf, synthesized } from "../../synthesized";

const ACCOUNT = "123456789012";
const KMS = `arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`;
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:on-call`;
const ALARMS = {
  principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
  condition: [
    { test: "StringEquals", variable: "aws:SourceAccount", values: [ACCOUNT] },
    {
      test: "ArnLike",
      variable: "aws:SourceArn",
      values: [`arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:stack-*`],
    },
  ],
};
const EVENTS = {
  principals: [{ type: "Service", identifiers: ["events.rds.amazonaws.com"] }],
  condition: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [ACCOUNT] }],
};

const stack = (
  alarms: object,
  changes: Changes = {},
  Stack: typeof DatabaseStack | typeof CacheStack = DatabaseStack,
) => synthesized(Stack, { alarms, reasons: undefined, ...changes });
const withoutAlarms = ({ addresses }: SynthesizedStack) =>
  addresses.filter((address) => !address.startsWith("aws_cloudwatch_metric_alarm."));
const own = (of: SynthesizedStack) =>
  withoutAlarms(of).filter((address) => /alarms|database_events/.test(address));

/** The statements of a policy document, by Sid. */
function statements(of: SynthesizedStack, document: string): Record<string, unknown> {
  const statement = of.data.aws_iam_policy_document?.[document]?.statement as { sid: string }[];
  return Object.fromEntries(statement.map(({ sid, ...rest }) => [sid, rest]));
}

test("a stack creates its own topic with a key, or uses an existing topic", () => {
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
  const name = "stack-alarms";
  expect(resource.aws_sns_topic?.alarms).toEqual({
    name,
    kms_master_key_id: "${aws_kms_key.alarms.arn}",
  });
  expect(resource.aws_kms_key?.alarms).toEqual({
    description: `Encrypts ${name}`,
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

test("the topic accepts the stack's alarms and the account's events, over TLS only", () => {
  const made = stack({}, { account: ACCOUNT });
  const resources = ["${aws_sns_topic.alarms.arn}"];
  expect(statements(made, "alarms")).toEqual({
    PublishAlarms: { effect: "Allow", ...ALARMS, actions: ["sns:Publish"], resources },
    PublishEvents: { effect: "Allow", ...EVENTS, actions: ["sns:Publish"], resources },
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

test("every alarm of the stack, and of its replicas, has such a name", () => {
  const changes = { "database.readReplicas": { for_reports: {} } };
  const { resource } = stack({}, { account: ACCOUNT, ...changes });
  const names = Object.values(resource.aws_cloudwatch_metric_alarm ?? {}).map((one) =>
    String(one.alarm_name),
  );
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !name.startsWith("stack-"))).toEqual([]);
});

test("the account administers the key, and only the services use it", () => {
  const use = {
    effect: "Allow",
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: ["*"],
  };
  expect(statements(stack({}, { account: ACCOUNT }), "alarms_key")).toEqual({
    Administer: {
      effect: "Allow",
      principals: [{ type: "AWS", identifiers: [`arn:aws:iam::${ACCOUNT}:root`] }],
      actions: expect.arrayContaining(["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]),
      resources: ["*"],
    },
    EncryptPublishedAlarms: { ...use, ...ALARMS },
    EncryptPublishedEvents: { ...use, ...EVENTS },
  });
});

test("no policy has an action with a wildcard, and no principal of the account may decrypt", () => {
  const made = stack({}, { account: ACCOUNT });
  const documents = Object.keys(made.data.aws_iam_policy_document ?? {});
  expect(documents).toEqual(["alarms", "alarms_key"]);
  const actions = documents.flatMap((document) =>
    Object.values(statements(made, document)).flatMap((one) => (one as { actions: [] }).actions),
  );
  expect(actions).toHaveLength(25);
  expect(actions.filter((action: string) => !/^(kms|sns):[A-Za-z]+$/.test(action))).toEqual([]);
  const { Administer } = statements(made, "alarms_key") as { Administer: { actions: string[] } };
  expect(Administer.actions.filter((action) => /crypt|DataKey|Grant/.test(action))).toEqual([]);
});

test("the account is looked up if the settings do not name it", () => {
  const made = stack({});
  const account = "${data.aws_caller_identity.account.account_id}";
  expect(made.data.aws_caller_identity).toEqual({ account: {} });
  expect(statements(made, "alarms")).toMatchObject({
    PublishAlarms: {
      condition: [
        { values: [account] },
        { values: [`arn:aws:cloudwatch:us-east-1:${account}:alarm:stack-*`] },
      ],
    },
    PublishEvents: { condition: [{ values: [account] }] },
  });
  expect(statements(made, "alarms_key")).toMatchObject({
    Administer: { principals: [{ identifiers: [`arn:aws:iam::${account}:root`] }] },
  });
  expect(stack({}, { account: ACCOUNT }).data.aws_caller_identity).toBeUndefined();
});

test("ARNs are in the region's partition", () => {
  expect(
    statements(stack({}, { account: ACCOUNT, region: "cn-north-1" }), "alarms_key"),
  ).toMatchObject({
    Administer: { principals: [{ identifiers: [`arn:aws-cn:iam::${ACCOUNT}:root`] }] },
    EncryptPublishedAlarms: {
      condition: [{}, { values: [`arn:aws-cn:cloudwatch:cn-north-1:${ACCOUNT}:alarm:stack-*`] }],
    },
  });
});

test("RDS may not publish to the cache's topic", () => {
  const made = stack({}, { account: ACCOUNT }, CacheStack);
  expect(Object.keys(statements(made, "alarms"))).toEqual(["PublishAlarms", "TlsOnly"]);
  expect(Object.keys(statements(made, "alarms_key"))).toEqual([
    "Administer",
    "EncryptPublishedAlarms",
  ]);
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
])("with %j, the topic is an output", (alarms, arn) => {
  for (const Stack of [DatabaseStack, CacheStack]) {
    const { output, resource } = stack(alarms, {}, Stack);
    expect(output.alarm_topic_arn?.value).toBe(arn);
    for (const alarm of Object.values(resource.aws_cloudwatch_metric_alarm ?? {})) {
      expect([alarm.alarm_actions, alarm.ok_actions]).toEqual([[arn], [arn]]);
    }
  }
});

test("without alarms there is no topic, and the reason is in the JSON", () => {
  const reason = "a load test that is destroyed tonight";
  for (const Stack of [DatabaseStack, CacheStack]) {
    const without = synthesized(Stack, { reasons: { alarms: reason } });
    expect(own(without)).toEqual([]);
    expect(without.resource.aws_cloudwatch_metric_alarm).toBeUndefined();
    expect(without.output.alarm_topic_arn).toBeUndefined();
    // Testing.synth() omits comments.
    const comment = (changes: Changes) =>
      stackOf(Stack, environmentWith(changes)).toTerraform()["//"];
    expect(comment({ reasons: { alarms: reason } }).reasons).toEqual({ alarms: reason });
    expect(comment({ production: false, reasons: undefined }).reasons).toBeUndefined();
  }
});
