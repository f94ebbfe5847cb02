import { DbEventSubscription } from "@cdktf/provider-aws/lib/db-event-subscription";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { Environment } from "../settings/environment";
import { alarmName } from "../settings/names";
import { Alarm, type AlarmDefinition } from "./alarm";
import { alarmTarget } from "./alarm-target";
import { databaseAlarms, replicaAlarms } from "./database-thresholds";

/**
 * What somebody should hear of: not backups, nor that an instance was made or restored.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
 */
const EVENT_CATEGORIES = [
  "availability",
  "configuration change",
  "deletion",
  "failover",
  "failure",
  "low storage",
  "maintenance",
  "notification",
  "read replica",
  "recovery",
  "security patching",
];

export interface DatabaseAlarmsProps {
  readonly environment: Environment;
  /** The instance's identifier, read from the instance: there are no alarms before it is there. */
  readonly identifier: string;
  /**
   * Read replicas, by their name in the settings: the identifier, read from the replica.
   * @default - none
   */
  readonly replicas?: Readonly<Record<string, string>> | undefined;
}

/**
 * The alarms of a database, the events of RDS, and where the settings do not name one, the topic that both go to.
 * Nothing in an environment without alarms; the reason then stands in the stack's JSON.
 *
 * @example
 * new DatabaseAlarms(this, "alarms", { environment, identifier: instance.identifier });
 * // aws_cloudwatch_metric_alarm.database_storage …, aws_db_event_subscription.database_events
 */
export class DatabaseAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: DatabaseAlarmsProps,
  ) {
    super(scope, id);
    const { environment, identifier, replicas = {} } = props;
    const { alarms, database } = environment;
    const target = alarmTarget(this, environment, "database");
    if (!alarms || !target) {
      return;
    }
    for (const definition of databaseAlarms(database, alarms.database)) {
      this.alarm(definition, identifier, target.topicArn);
    }
    for (const [name, replica] of Object.entries(replicas)) {
      for (const definition of replicaAlarms(name, database, alarms.database)) {
        this.alarm(definition, replica, target.topicArn, `replica-${name}`);
      }
    }
    this.events([identifier, ...Object.values(replicas)], target.topicArn, target.dependsOn);
  }

  private alarm(
    definition: AlarmDefinition,
    identifier: string,
    topicArn: string,
    member?: string,
  ): void {
    new Alarm(this, member ? `${definition.name}_${member}` : definition.name, {
      environment: this.props.environment,
      store: "database",
      definition,
      dimensions: { DBInstanceIdentifier: identifier },
      topicArn,
      member,
    });
  }

  private events(
    sourceIds: string[],
    snsTopic: string,
    dependsOn: TerraformResource[] | undefined,
  ): void {
    const events = new DbEventSubscription(this, "events", {
      name: alarmName(this.props.environment, "database", "events"),
      snsTopic,
      sourceType: "db-instance",
      sourceIds,
      eventCategories: EVENT_CATEGORIES,
      // RDS tries to publish when it is subscribed.
      dependsOn,
    });
    events.overrideLogicalId("database_events");
  }
}
