import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Construct } from "constructs";

export interface LogExportsProps {
  /** The instance's identifier. */
  readonly identifier: string;
  readonly logs: readonly string[];
  readonly retentionDays: number;
}

/**
 * The log groups that RDS exports a database's logs to. They belong to the stack: one that RDS makes by itself keeps
 * its logs, and costs, for ever. Whether RDS exports is for the instance to say, after the groups are there.
 *
 * @example
 * const logs = new LogExports(this, "logs", { identifier: "news-api-db", logs: ["postgresql"], retentionDays: 30 });
 * new DbInstance(this, "database", { …, ...logs.instanceArguments });
 */
export class LogExports extends Construct {
  readonly instanceArguments: Partial<DbInstanceConfig>;

  constructor(scope: Construct, id: string, { identifier, logs, retentionDays }: LogExportsProps) {
    super(scope, id);
    const groups = logs.map((log) => {
      const group = new CloudwatchLogGroup(this, log, {
        name: `/aws/rds/instance/${identifier}/${log}`,
        retentionInDays: retentionDays,
      });
      group.overrideLogicalId(`database_${log}_log`);
      return group;
    });
    this.instanceArguments =
      groups.length > 0 ? { enabledCloudwatchLogsExports: [...logs], dependsOn: groups } : {};
  }
}
