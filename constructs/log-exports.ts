import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";

export interface LogExportsProps {
  /** The instance's identifier. */
  readonly identifier: string;
  /** What the groups' addresses start with. */
  readonly address: string;
  readonly logs: readonly string[];
  readonly retentionDays: number;
}

/**
 * The log groups that RDS exports a database's logs to. They belong to the stack: one that RDS makes by itself keeps
 * its logs, and costs, for ever. Whether RDS exports is for the instance to say, after the groups are there.
 *
 * @example
 * const { exports, groups } = new LogExports(this, "logs", {
 *   identifier: "news-api-db", address: "database", logs: ["postgresql"], retentionDays: 30,
 * }); // aws_cloudwatch_log_group.database_postgresql_log
 * new DbInstance(this, "database", { …, enabledCloudwatchLogsExports: exports, dependsOn: groups });
 */
export class LogExports extends Construct {
  /** Undefined without logs. */
  readonly exports: string[] | undefined;
  readonly groups: readonly CloudwatchLogGroup[];

  constructor(scope: Construct, id: string, props: LogExportsProps) {
    super(scope, id);
    const { identifier, address, logs, retentionDays } = props;
    this.exports = logs.length > 0 ? [...logs] : undefined;
    this.groups = logs.map((log) => {
      const group = new CloudwatchLogGroup(this, log, {
        name: `/aws/rds/instance/${identifier}/${log}`,
        retentionInDays: retentionDays,
      });
      group.overrideLogicalId(`${address}_${log}_log`);
      return group;
    });
  }
}
