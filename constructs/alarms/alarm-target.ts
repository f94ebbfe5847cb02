import { TerraformOutput, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { AlarmsSettings } from "../../settings/alarms";
import type { StoreKind } from "../../settings/data-stores";
import { alarmName } from "../../settings/names";
import { AlarmTopic } from "./alarm-topic";
import { publishersOf } from "./publisher";

export interface AlarmTargetProps {
  readonly store: StoreKind;
  /** The store's stack: the prefix of the topic's name. */
  readonly stackId: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  readonly alarms: Pick<AlarmsSettings, "topicArn" | "emails" | "kmsKeyArn">;
  /** Encrypts the created topic, unless the settings name a key. @default - the topic gets its own key */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * The topic that the alarms of a data store notify: the one in the settings, or one that this construct creates.
 *
 * @example
 * new AlarmTarget(this, "target", { store: "cache", stackId: "news-api-prod-cache", region: "us-east-1", alarms }).topicArn;
 */
export class AlarmTarget extends Construct {
  readonly topicArn: string;
  /** Resources that must exist before a service can publish. */
  readonly dependencies: TerraformResource[] | undefined;

  constructor(scope: Construct, id: string, props: AlarmTargetProps) {
    super(scope, id);
    const { store, stackId, alarms, kmsKeyArn, ...place } = props;
    if (alarms.topicArn) {
      this.topicArn = alarms.topicArn;
    } else {
      const topic = new AlarmTopic(this, "topic", {
        ...place,
        name: alarmName(stackId, "alarms"),
        publishers: publishersOf(store, stackId),
        emails: alarms.emails,
        kmsKeyArn: alarms.kmsKeyArn ?? kmsKeyArn,
      });
      this.topicArn = topic.arn;
      this.dependencies = [topic.policy];
    }
    const output = new TerraformOutput(this, "topic_arn", { value: this.topicArn });
    output.overrideLogicalId("alarm_topic_arn");
  }
}
