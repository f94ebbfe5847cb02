import { type Check, includesAll, isNoneOf, isServed, isSet, isTrue, judged } from "./check";
import type { Control, Demand } from "./control";
import { mayBe } from "./expression";
import { allowsNothing, everybody } from "./policy";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

const SUBSCRIPTION = "aws_db_event_subscription";

function subscriptionsIn(stacks: readonly SynthesizedStack[], source: string): TerraformBlock[] {
  return stacks
    .flatMap((stack) => stack.ofType(SUBSCRIPTION))
    .filter((one) => String(one.value("enabled") ?? true) === "true")
    .filter((one) => [undefined, source].includes(one.value("source_type") as string | undefined));
}

/** The event subscriptions of a database. Without categories, a subscription has all of them. */
export function subscriptionsFor(
  instance: TerraformBlock,
  stacks: readonly SynthesizedStack[],
): { readonly categories: readonly string[] | undefined }[] {
  return subscriptionsIn(stacks, "db-instance")
    .filter(
      (one) =>
        !one.has("source_ids") || one.list("source_ids").includes(instance.value("identifier")),
    )
    .map((one) => ({
      categories: one.has("event_categories")
        ? (one.list("event_categories") as string[])
        : undefined,
    }));
}

/** The metrics that show how full a store is. */
export interface Fullness {
  /** By name: the side of the threshold that means full, and the maximum. */
  readonly metrics: Readonly<
    Record<string, { readonly full: "above" | "below"; readonly most?: number }>
  >;
  /** The dimension that names the store. */
  readonly dimension: string;
}

const ALARM = "aws_cloudwatch_metric_alarm";
const COMPARISONS = {
  above: ["GreaterThanThreshold", "GreaterThanOrEqualToThreshold"],
  below: ["LessThanThreshold", "LessThanOrEqualToThreshold"],
};

/** Whether an alarm fires before the store is full. A threshold that no value reaches never fires. */
function goesOff(alarm: TerraformBlock, { metrics }: Fullness): boolean {
  const metric = metrics[String(alarm.value("metric_name"))];
  const threshold = Number(alarm.value("threshold"));
  return (
    metric !== undefined &&
    COMPARISONS[metric.full].includes(String(alarm.value("comparison_operator"))) &&
    threshold > 0 &&
    threshold < (metric.most ?? Number.POSITIVE_INFINITY)
  );
}

function tellsSomebody(alarm: TerraformBlock): boolean {
  return (
    alarm.list("alarm_actions").length > 0 &&
    String(alarm.value("actions_enabled") ?? true) === "true"
  );
}

/** Whether an alarm watches a node. Different or additional dimensions make another metric. */
function watched(alarm: TerraformBlock, { dimension }: Fullness): unknown {
  const dimensions = Object.entries(Object(alarm.attributes.dimensions));
  return dimensions.length === 1 && dimensions[0]?.[0] === dimension
    ? alarm.stack.resolve(dimensions[0][1])
    : undefined;
}

/** Whether an alarm notifies a recipient before any node of a store is full. */
export function isHeardOf(
  fullness: Fullness,
  nodesOf: (store: TerraformBlock) => unknown[],
): Check {
  return {
    attribute: ALARM,
    must: `exist for ${Object.keys(fullness.metrics).join(" or ")} of each node, fire before it is full, and have an enabled action`,
    look: (store, stacks) => {
      const heardOf = stacks
        .flatMap((stack) => stack.ofType(ALARM))
        .filter((alarm) => goesOff(alarm, fullness) && tellsSomebody(alarm))
        .map((alarm) => watched(alarm, fullness));
      const unheard = nodesOf(store).filter((node) => !heardOf.includes(node));
      return judged(unheard, () => unheard.length === 0);
    },
  };
}

const notPublic: Check = {
  attribute: "policy",
  must: "allow nothing to everyone, except with a condition on an account, an ARN, an organization or a VPC endpoint",
  look: (topic) => allowsNothing(topic, "policy", everybody),
};

/** Whether a stack with a subscription also subscribes to events of another source type. */
function tellsOf(type: string, source: string, events: readonly string[]): Demand {
  return {
    type,
    only: {
      says: "of a stack with a subscription",
      takes: (block) => block.stack.ofType(SUBSCRIPTION).length > 0,
    },
    checks: [
      isServed(SUBSCRIPTION, `have source_type ${JSON.stringify(source)}`, (_block, stacks) =>
        subscriptionsIn(stacks, source).some(
          (one) =>
            !one.has("event_categories") ||
            events.every((event) => one.list("event_categories").includes(event)),
        ),
      ),
    ],
  };
}

/** Notifications: event subscriptions, alarms, topics. */
export const notificationControls: readonly Control[] = [
  {
    id: "RDS.20",
    also: [],
    demands: "A subscription to database events has the critical categories.",
    on: [
      {
        type: SUBSCRIPTION,
        only: {
          says: "to database events that name categories",
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
    demands: "A stack with RDS event subscriptions subscribes to parameter group events too.",
    production: true,
    on: [tellsOf("aws_db_parameter_group", "db-parameter-group", ["configuration change"])],
  },
  {
    id: "RDS.22",
    also: [],
    demands:
      "A stack with RDS event subscriptions subscribes to events of DB security groups too. A VPC has none: they belong to EC2-Classic.",
    production: true,
    on: [
      tellsOf("aws_db_security_group", "db-security-group", ["configuration change", "failure"]),
    ],
  },
  {
    id: "CloudWatch.15",
    also: [],
    demands: "An alarm has an action.",
    on: [{ type: ALARM, checks: [isSet("alarm_actions")] }],
  },
  {
    id: "CloudWatch.17",
    also: ["CKV_AWS_319"],
    demands: "An alarm's actions are enabled.",
    on: [{ type: ALARM, checks: [isTrue("actions_enabled", true)] }],
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
      "A topic is encrypted with a customer managed key: alarms cannot publish with the AWS managed key.",
    on: [{ type: "aws_sns_topic", checks: [notAwsKey()] }],
  },
  {
    id: "SNS.4",
    also: ["CKV_AWS_169"],
    demands: "No topic lets everyone publish or subscribe.",
    on: [
      { type: "aws_sns_topic_policy", checks: [notPublic] },
      {
        type: "aws_sns_topic",
        only: { says: "with an inline policy", takes: (topic) => topic.has("policy") },
        checks: [notPublic],
      },
    ],
  },
];

/** A key of the stack is a customer managed key, whatever its ID will be. */
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
