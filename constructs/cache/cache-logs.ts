import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";

export interface CacheLogsProps {
  /** The cluster's or replication group's ID. */
  readonly cacheId: string;
  readonly logs: readonly string[];
  readonly retentionDays: number;
  /** @default - encrypted with a key of CloudWatch Logs */
  readonly kmsKeyArn?: string | undefined;
  /** The existing groups, by log. @default - all are created */
  readonly existing?: Readonly<Record<string, string | undefined>> | undefined;
}

interface LogDelivery {
  readonly logType: string;
  readonly logFormat: "json";
  readonly destinationType: "cloudwatch-logs";
  readonly destination: string;
}

/**
 * The log groups that ElastiCache delivers a cache's logs to. They need no resource policy here: AWS adds one when the
 * delivery starts.
 *
 * @example
 * const logs = new CacheLogs(this, "logs", { cacheId: "news-api-cache", logs: ["slow-log"], retentionDays: 30 });
 * new ElasticacheReplicationGroup(this, "cache", { …, logDeliveryConfiguration: logs.deliveries });
 * // aws_cloudwatch_log_group.cache_slow_log
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
 */
export class CacheLogs extends Construct {
  /** Undefined without logs. */
  readonly deliveries: LogDelivery[] | undefined;

  constructor(scope: Construct, id: string, props: CacheLogsProps) {
    super(scope, id);
    const deliveries = props.logs.map(
      (log): LogDelivery => ({
        logType: log,
        logFormat: "json",
        destinationType: "cloudwatch-logs",
        destination: props.existing?.[log] ?? this.createGroup(log, props).name,
      }),
    );
    this.deliveries = deliveries.length > 0 ? deliveries : undefined;
  }

  private createGroup(log: string, { cacheId, retentionDays, kmsKeyArn }: CacheLogsProps) {
    const group = new CloudwatchLogGroup(this, log, {
      name: `/aws/elasticache/${cacheId}/${log}`,
      retentionInDays: retentionDays,
      kmsKeyId: kmsKeyArn,
    });
    group.overrideLogicalId(`cache_${log.replace("-", "_")}`);
    return group;
  }
}
