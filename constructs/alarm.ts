import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import type { DataStore } from "../settings/client";
import type { Environment } from "../settings/environment";
import { processorOf } from "../settings/instance-size";
import { alarmName } from "../settings/names";

/** What an alarm watches, and what it says. */
export interface AlarmDefinition {
  /** `storage`: its part of the alarm's name and address. */
  readonly name: string;
  readonly metric: string;
  readonly statistic: "Average" | "Maximum" | "Minimum" | "Sum";
  readonly goesOff: "above" | "below";
  /** In the metric's own unit, which the description names. */
  readonly threshold: number;
  readonly periodSeconds: number;
  /** How many periods in a row. */
  readonly periods: number;
  /**
   * What silence means: `breaching`, the store is down (one alarm of each store says so); `ignore`, nothing has
   * changed; `notBreaching`, the metric is there only when there is something to say.
   */
  readonly missingData: "breaching" | "ignore" | "notBreaching";
  /** What it means, and what to do next. */
  readonly description: string;
}

/**
 * CPU credits of a burstable class; none of another. A new instance begins without: two hours let it earn an hour's worth.
 * @param said the settings' threshold. @default - what the class earns in an hour
 * @param consequence what happens without credits, and what to do.
 */
export function cpuCredits(
  className: string,
  said: number | undefined,
  consequence: string,
): AlarmDefinition[] {
  const earned = processorOf(className)?.cpuCreditsPerHour;
  if (earned === undefined) {
    return [];
  }
  const credits = said ?? earned;
  return [
    {
      name: "cpu-credits",
      metric: "CPUCreditBalance",
      statistic: "Average",
      goesOff: "below",
      threshold: credits,
      periodSeconds: 300,
      periods: 24,
      missingData: "ignore",
      description: `Fewer than ${credits} CPU credits have been left for two hours: ${className} works beyond its baseline, and ${consequence}`,
    },
  ];
}

export interface AlarmProps {
  readonly environment: Environment;
  readonly store: DataStore;
  readonly definition: AlarmDefinition;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Who is told, when it goes off and when it is over. */
  readonly topicArn: string;
  /**
   * Tells apart the alarms of several members of one store: `001`, `replica-reports`.
   * @default - the store has one
   */
  readonly member?: string | undefined;
}

const NAMESPACES: Readonly<Record<DataStore, string>> = {
  database: "AWS/RDS",
  cache: "AWS/ElastiCache",
};

/**
 * One CloudWatch alarm on a metric of a data store. It says no unit: with one that the metric does not have, CloudWatch
 * finds no data and the alarm never goes off, and AWS advises to leave it out.
 *
 * @example
 * new Alarm(this, "storage", { environment, store: "database", definition, dimensions, topicArn });
 * // aws_cloudwatch_metric_alarm.database_storage, news-api-prod-database-storage
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export class Alarm extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { environment, store, definition, dimensions, topicArn, member }: AlarmProps,
  ) {
    super(scope, id);
    const name = member ? `${definition.name}-${member}` : definition.name;
    const alarm = new CloudwatchMetricAlarm(this, "alarm", {
      alarmName: alarmName(environment, store, name),
      alarmDescription: definition.description,
      namespace: NAMESPACES[store],
      metricName: definition.metric,
      dimensions: { ...dimensions },
      statistic: definition.statistic,
      comparisonOperator:
        definition.goesOff === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold: definition.threshold,
      period: definition.periodSeconds,
      evaluationPeriods: definition.periods,
      treatMissingData: definition.missingData,
      alarmActions: [topicArn],
      okActions: [topicArn],
    });
    alarm.overrideLogicalId(`${store}_${name.replaceAll("-", "_")}`);
  }
}
