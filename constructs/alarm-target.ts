import { TerraformOutput, type TerraformResource, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { DataStore } from "../settings/client";
import type { Environment } from "../settings/environment";
import { alarmName } from "../settings/names";
import { AlarmTopic } from "./alarm-topic";

const PUBLISHERS: Readonly<Record<DataStore, readonly string[]>> = {
  database: ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"],
  cache: ["cloudwatch.amazonaws.com"],
};

/** Where alarms go. */
export interface AlarmTarget {
  readonly topicArn: string;
  /** What must be there before anybody can publish. */
  readonly dependsOn: TerraformResource[] | undefined;
}

/** The topic that the settings name, or one that is made in `scope`; undefined in an environment without alarms. */
export function alarmTarget(
  scope: Construct,
  environment: Environment,
  store: DataStore,
): AlarmTarget | undefined {
  const { alarms, reasons, region, account } = environment;
  if (!alarms) {
    if (reasons.alarms) {
      TerraformStack.of(scope).addOverride("//.reasons.alarms", reasons.alarms);
    }
    return undefined;
  }
  const made = alarms.topicArn
    ? undefined
    : new AlarmTopic(scope, "topic", {
        name: alarmName(environment, store, "alarms"),
        region,
        account,
        publishers: PUBLISHERS[store],
        emails: alarms.emails,
        kmsKeyArn: alarms.kmsKeyArn,
      });
  const topicArn = made?.arn ?? (alarms.topicArn as string);
  new TerraformOutput(scope, "topic_arn", { value: topicArn }).overrideLogicalId("alarm_topic_arn");
  return { topicArn, dependsOn: made && [made.policy] };
}
