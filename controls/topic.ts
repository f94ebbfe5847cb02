import { accountIn } from "./account";
import { type Check, companion, isOneOf, type Outcome } from "./check";
import type { Control } from "./control";
import { references, Unknown } from "./expression";
import { statementsOf } from "./policy";
import type { TerraformBlock } from "./terraform-block";

const TOPIC = "aws_sns_topic";

/** A statement that denies everyone publishing without TLS, with no other condition. */
const publishedOverTls: Check = {
  attribute: "policy",
  must: "deny sns:Publish without aws:SecureTransport",
  look: (policy): Outcome => {
    const statements = statementsOf(policy, "policy");
    if (statements instanceof Unknown) {
      return { verdict: "unknown", got: statements.expression };
    }
    const denies = statements.some(
      ({ effect, actions, principals, conditions, resources, withExceptions }) =>
        effect === "Deny" &&
        !withExceptions &&
        principals.includes("*") &&
        actions.includes("sns:Publish") &&
        resources.includes(String(policy.attributes.arn)) &&
        conditions.length === 1 &&
        conditions.every(
          ({ test, variable, values }) =>
            test === "Bool" && variable === "aws:SecureTransport" && values.join() === "false",
        ),
    );
    return denies
      ? { verdict: "holds", got: "such a statement" }
      : { verdict: "fails", got: "no such statement" };
  },
};

/** A topic of the stack or of the account. For a topic of another stack, only the ARN is known. */
function isOwnTopic(block: TerraformBlock, value: unknown): boolean {
  const [address = ""] = references(value);
  const topic = block.stack.at(address);
  if (topic !== undefined) {
    return topic.type === TOPIC;
  }
  const [allowed] = block.stack
    .ofType("provider.aws")
    .flatMap((provider) => provider.list("allowed_account_ids"));
  const arn = String(value);
  return /^arn:[^:]*:sns:/.test(arn) && (allowed === undefined || accountIn(arn) === allowed);
}

function tellsItsAccount(attribute: string): Check {
  return {
    attribute,
    must: "name only topics of the stack or of its account",
    look: (block) => {
      const topics = [block.attributes[attribute] ?? []].flat();
      const foreign = topics.filter((topic) => !isOwnTopic(block, topic));
      return foreign.length === 0
        ? { verdict: "holds", got: "such topics" }
        : { verdict: "fails", got: foreign.map(String).join(", ") };
    },
  };
}

/** SNS topics of alarms and events, and their subscribers. */
export const topicControls: readonly Control[] = [
  {
    id: "MDS.21",
    also: [],
    demands:
      "Alarms and events go to topics of the account over TLS, and from there to email addresses.",
    on: [
      {
        type: "aws_cloudwatch_metric_alarm",
        checks: [tellsItsAccount("alarm_actions"), tellsItsAccount("ok_actions")],
      },
      { type: "aws_db_event_subscription", checks: [tellsItsAccount("sns_topic")] },
      { type: TOPIC, checks: [companion("aws_sns_topic_policy", "arn", [publishedOverTls])] },
      { type: "aws_sns_topic_subscription", checks: [isOneOf("protocol", ["email"])] },
    ],
  },
  {
    id: "MDS.22",
    also: [],
    demands: "A topic has a subscriber.",
    production: true,
    on: [{ type: TOPIC, checks: [companion("aws_sns_topic_subscription", "topic_arn")] }],
  },
];
