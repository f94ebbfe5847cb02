import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { processorOf } from "../../settings/aws/instance-size";
import type { StoreKind } from "../../settings/data-stores";
import { alarmName } from "../../settings/names";

/** The metric of an alarm, and its description. */
export interface AlarmDefinition {
  /** `storage`: part of the alarm's name and address. */
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
   * How CloudWatch treats missing data. `breaching`: the store is down (one alarm of each store). `ignore`: the state
   * stays. `notBreaching`: the metric exists only when there is something to report.
   */
  readonly missingData: "breaching" | "ignore" | "notBreaching";
  /** What the alarm means, and what to do next. */
  readonly description: string;
}

/**
 * The alarm on the CPU credits of a burstable class; undefined for other classes. A new instance has no credits: it
 * earns one hour's credits within two hours.
 * @param said the threshold in the settings. @default - what the class earns in an hour
 * @param consequence sentences that say what happens without credits and what to do next.
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
      description: `The CPU credit balance has been below ${credits} for two hours: the load on ${className} is above its baseline. ${consequence}`,
    },
  ];
}

export interface AlarmProps {
  readonly store: StoreKind;
  /** The store's stack: the prefix of the alarm's name. */
  readonly stackId: string;
  readonly definition: AlarmDefinition;
  readonly dimensions: Readonly<Record<string, string>>;
  /** The topic that is notified when the alarm fires and when it recovers. */
  readonly topicArn: string;
  /**
   * Distinguishes the alarms of several members of one store: `001`, `replica-reports`.
   * @default - the store has only one
   */
  readonly member?: string | undefined;
}

const NAMESPACES: Readonly<Record<StoreKind, string>> = {
  database: "AWS/RDS",
  cache: "AWS/ElastiCache",
};

/**
 * One CloudWatch alarm on a metric of a data store. It sets no unit, as AWS recommends: with a unit that the metric does
 * not have, CloudWatch finds no data and the alarm never fires.
 *
 * @example
 * new Alarm(this, "storage", { store: "database", stackId: "news-api-prod-database", definition, dimensions, topicArn });
 * // aws_cloudwatch_metric_alarm.database_storage, news-api-prod-database-storage
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export class Alarm extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { store, stackId, definition, dimensions, topicArn, member }: AlarmProps,
  ) {
    super(scope, id);
    const name = member ? `${definition.name}-${member}` : definition.name;
    const alarm = new CloudwatchMetricAlarm(this, "alarm", {
      alarmName: alarmName(stackId, name),
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
