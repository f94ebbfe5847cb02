import {
  DbEventSubscription,
  type DbEventSubscriptionConfig,
} from "@cdktf/provider-aws/lib/db-event-subscription";
import { Construct } from "constructs";
import { type AlarmsSettings, databaseThresholds } from "../../settings/alarms";
import type { DatabaseSettings } from "../../settings/database/database";
import { alarmName } from "../../settings/names";
import { Alarm, type AlarmDefinition } from "../alarms/alarm";
import { AlarmTarget } from "../alarms/alarm-target";
import { databaseAlarms, replicaAlarms } from "./database-thresholds";

/**
 * The categories of events that need attention. Backups, creations and restores do not.
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
  /** The instance's identifier, read from the instance: the alarms wait until it exists. */
  readonly identifier: string;
  /** The identifiers of the read replicas, each read from the replica, by their names in the settings. */
  readonly replicas: Readonly<Record<string, string>>;
  /** The name of the instance's parameter group. */
  readonly parameterGroupName: string;
  readonly database: DatabaseSettings;
  readonly alarms: AlarmsSettings;
  /** Prefix of the names. */
  readonly stackId: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  /** Encrypts the created topic, unless the settings name a key. @default - the topic gets its own key */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * The alarms of a database, and the subscription to RDS events. Both notify the topic in the settings, or one that this
 * construct creates.
 *
 * @example
 * new DatabaseAlarms(this, "alarms", {
 *   identifier: instance.identifier, replicas: {}, parameterGroupName, database, alarms, stackId: "news-api-prod-database", region: "us-east-1",
 * }); // aws_cloudwatch_metric_alarm.database_storage …, aws_db_event_subscription.database_events
 */
export class DatabaseAlarms extends Construct {
  private readonly target: AlarmTarget;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DatabaseAlarmsProps,
  ) {
    super(scope, id);
    const { identifier, replicas, parameterGroupName, database, ...rest } = props;
    this.target = new AlarmTarget(this, "target", { store: "database", ...rest });
    const thresholds = databaseThresholds(rest.alarms, database);
    for (const definition of databaseAlarms(database, thresholds)) {
      this.alarm(definition, identifier);
    }
    for (const [name, replica] of Object.entries(replicas)) {
      for (const definition of replicaAlarms(name, database, thresholds)) {
        this.alarm(definition, replica, `replica-${name}`);
      }
    }
    this.events("database_events", "events", {
      sourceType: "db-instance",
      sourceIds: [identifier, ...Object.values(replicas)],
      eventCategories: EVENT_CATEGORIES,
    });
    this.events("database_parameter_events", "parameter-events", {
      sourceType: "db-parameter-group",
      sourceIds: [parameterGroupName],
      eventCategories: ["configuration change"],
    });
  }

  private alarm(definition: AlarmDefinition, identifier: string, member?: string): void {
    new Alarm(this, member ? `${definition.name}_${member}` : definition.name, {
      store: "database",
      stackId: this.props.stackId,
      definition,
      dimensions: { DBInstanceIdentifier: identifier },
      topicArn: this.target.topicArn,
      member,
    });
  }

  private events(
    address: string,
    name: string,
    source: Pick<DbEventSubscriptionConfig, "sourceType" | "sourceIds" | "eventCategories">,
  ): void {
    const events = new DbEventSubscription(this, name, {
      name: alarmName(this.props.stackId, name),
      snsTopic: this.target.topicArn,
      ...source,
      // RDS publishes a test message when it creates the subscription.
      dependsOn: this.target.dependencies,
    });
    events.overrideLogicalId(address);
  }
}
