import { type Block, mayBe, references, stringsIn } from "./block";
import { type Check, includesAll, isNoneOf, isServed, isSet, isTrue } from "./check";
import type { Control } from "./control";
import { allowsNothing } from "./policy";
import type { SynthesisedStack } from "./synthesised-stack";

const SUBSCRIPTION = "aws_db_event_subscription";

function subscriptionsIn(stacks: readonly SynthesisedStack[], source: string): Block[] {
  return stacks
    .flatMap((stack) => stack.ofType(SUBSCRIPTION))
    .filter((one) => String(one.value("enabled") ?? true) === "true")
    .filter((one) => [undefined, source].includes(one.value("source_type") as string | undefined));
}

/** The subscriptions that tell of a database's events; no categories means every one. */
export function subscriptionsFor(
  instance: Block,
  stacks: readonly SynthesisedStack[],
): { readonly categories: readonly string[] | undefined }[] {
  return subscriptionsIn(stacks, "db-instance")
    .filter((one) => !one.has("source_ids") || concerns(one, instance, "identifier"))
    .map((one) => ({
      categories: one.has("event_categories")
        ? (one.list("event_categories") as string[])
        : undefined,
    }));
}

/** Whether a block names another one: by reference, by its id, or by an id that starts with it, as a node's does. */
function concerns(block: Block, other: Block, id: string): boolean {
  const name = other.value(id);
  const byReference =
    block.stack === other.stack && references(block.attributes).includes(other.address);
  const names = stringsIn(block.attributes);
  return (
    byReference ||
    (typeof name === "string" &&
      names.some((text) => text === name || text.startsWith(`${name}-0`)))
  );
}

/** Whether an alarm on one of some metrics tells somebody. */
export function isHeardOf(metrics: readonly string[], id: string): Check {
  return isServed(
    "aws_cloudwatch_metric_alarm",
    `exist for its ${metrics.join(" or ")}, with an action`,
    (block, stacks) =>
      stacks
        .flatMap((stack) => stack.ofType("aws_cloudwatch_metric_alarm"))
        .some(
          (alarm) =>
            alarm.list("alarm_actions").length > 0 &&
            stringsIn(alarm.attributes).some((text) => metrics.includes(text)) &&
            concerns(alarm, block, id),
        ),
  );
}

const PUBLIC: Check["look"] = (topic) =>
  allowsNothing(topic, "policy", ({ principals, conditions }) =>
    conditions.length === 0 ? principals.filter((who) => who === "*") : [],
  );
const notPublic: Check = { attribute: "policy", must: "allow nothing to everybody", look: PUBLIC };

/** Who is told: event subscriptions, alarms, topics. */
export const notificationControls: readonly Control[] = [
  {
    id: "RDS.20",
    also: [],
    demands: "A subscription to databases' events has the critical ones.",
    on: [
      {
        type: SUBSCRIPTION,
        only: {
          says: "for databases, with a choice of categories",
          takes: (one) =>
            one.has("event_categories") &&
            mayBe(one.value("source_type"), undefined, "db-instance"),
        },
        checks: [
          includesAll("event_categories", ["maintenance", "configuration change", "failure"]),
        ],
      },
    ],
  },
  {
    id: "RDS.21",
    also: [],
    demands: "Who subscribes to RDS events hears of changed parameter groups too.",
    production: true,
    on: [
      {
        type: "aws_db_parameter_group",
        only: {
          says: "where the stack has a subscription",
          takes: (group) => group.stack.ofType(SUBSCRIPTION).length > 0,
        },
        checks: [
          isServed(SUBSCRIPTION, 'have source_type "db-parameter-group"', (_group, stacks) =>
            subscriptionsIn(stacks, "db-parameter-group").some(
              (one) =>
                !one.has("event_categories") ||
                one.list("event_categories").includes("configuration change"),
            ),
          ),
        ],
      },
    ],
  },
  {
    id: "CloudWatch.15",
    also: [],
    demands: "An alarm tells somebody.",
    on: [{ type: "aws_cloudwatch_metric_alarm", checks: [isSet("alarm_actions")] }],
  },
  {
    id: "CloudWatch.17",
    also: ["CKV_AWS_319"],
    demands: "An alarm's actions are switched on.",
    on: [{ type: "aws_cloudwatch_metric_alarm", checks: [isTrue("actions_enabled", true)] }],
  },
  {
    id: "SNS.1",
    also: ["CKV_AWS_26", "AVD-AWS-0095"],
    demands: "A topic is encrypted.",
    on: [{ type: "aws_sns_topic", checks: [isSet("kms_master_key_id")] }],
  },
  {
    id: "AVD-AWS-0136",
    also: [],
    demands:
      "A topic is encrypted with a key of one's own: alarms cannot publish to one with AWS's.",
    on: [{ type: "aws_sns_topic", checks: [notAwsKey()] }],
  },
  {
    id: "SNS.4",
    also: ["CKV_AWS_169"],
    demands: "Not everybody may publish to a topic or subscribe to it.",
    on: [
      { type: "aws_sns_topic_policy", checks: [notPublic] },
      {
        type: "aws_sns_topic",
        only: { says: "with a policy of its own", takes: (topic) => topic.has("policy") },
        checks: [notPublic],
      },
    ],
  },
];

/** A key of the stack is one's own, whatever its id will be. */
function notAwsKey(): Check {
  const { attribute, must, look } = isNoneOf("kms_master_key_id", ["alias/aws/sns"]);
  return {
    attribute,
    must,
    look: (topic, stacks) =>
      ["aws_kms_key", "aws_kms_alias"].some((type) =>
        topic.stack.ofType(type).some((key) => topic.refersTo(attribute, key)),
      )
        ? { verdict: "holds", got: "a key of the stack" }
        : look(topic, stacks),
  };
}
