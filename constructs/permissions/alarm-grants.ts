import { arnOf, grant, type Place, type RoleGrants, together } from "./grant";

export interface AlarmGrantsProps extends Place {
  readonly stackId: string;
  /** The name of the topic that the stack creates. @default - the settings name one */
  readonly topicName?: string | undefined;
}

/** The alarms of a stack, and their topic. */
export function alarmGrants(props: AlarmGrantsProps): RoleGrants {
  const alarms = [arnOf(props, "cloudwatch", `alarm:${props.stackId}-*`)];
  const own: RoleGrants = {
    plan: [
      grant("cloudwatch", "DescribeAlarms", [arnOf(props, "cloudwatch", "alarm:*")]),
      grant("cloudwatch", "ListTagsForResource", alarms),
    ],
    apply: [grant("cloudwatch", "PutMetricAlarm DeleteAlarms TagResource UntagResource", alarms)],
  };
  return props.topicName ? together([own, topicGrants(props, props.topicName)]) : own;
}

function topicGrants(props: Place, name: string): RoleGrants {
  const topic = [arnOf(props, "sns", name)];
  // The ARN of a subscription: the topic's, and an ID.
  const subscriptions = [...topic, `${topic[0]}:*`];
  return {
    plan: [
      grant("sns", "GetTopicAttributes ListTagsForResource", topic),
      grant("sns", "GetSubscriptionAttributes", subscriptions),
    ],
    apply: [
      grant(
        "sns",
        "CreateTopic DeleteTopic SetTopicAttributes Subscribe TagResource UntagResource",
        topic,
      ),
      grant("sns", "Unsubscribe", subscriptions),
    ],
  };
}
