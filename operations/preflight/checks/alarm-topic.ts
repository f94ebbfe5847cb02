import { GetTopicAttributesCommand } from "@aws-sdk/client-sns";
import type { Environment } from "../../../settings/environment";
import { type Check, ensure, PreflightFailure } from "../check";
import { allowsService, statementsOf } from "../policy";

/** The topic that the settings name lets CloudWatch and, with databases, RDS publish. */
export function alarmTopic({ name, alarms, databases }: Environment): Check[] {
  const TopicArn = alarms?.topicArn;
  const services = [
    "cloudwatch.amazonaws.com",
    ...(Object.keys(databases).length > 0 ? ["events.rds.amazonaws.com"] : []),
  ];
  return TopicArn === undefined
    ? []
    : [
        {
          id: "alarm-topic",
          subject: name,
          async run({ sns }) {
            const { Attributes = {} } = await sns
              .send(new GetTopicAttributesCommand({ TopicArn }))
              .catch((error) => {
                if (/NotFound/.test((error as Error).name)) {
                  throw new PreflightFailure(
                    `The topic ${TopicArn} does not exist.`,
                    "Create it, or correct alarms.topicArn.",
                  );
                }
                throw error;
              });
            const statements = statementsOf(Attributes.Policy);
            const silent = services.filter(
              (service) => !allowsService(statements, service, "sns:Publish"),
            );
            ensure(
              silent.length === 0,
              `The policy of ${TopicArn} does not allow ${silent.join(" or ")} to publish.`,
              `Allow sns:Publish to ${silent.join(" and ")} in the topic's policy.`,
            );
            return `${TopicArn}: ${services.join(" and ")} may publish`;
          },
        },
      ];
}
