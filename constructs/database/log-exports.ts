import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";

export interface LogExportsProps {
  /** The instance's identifier. */
  readonly identifier: string;
  /** Prefix of the groups' addresses. */
  readonly address: string;
  readonly logs: readonly string[];
  readonly retentionDays: number;
  /** @default - encrypted with a key of CloudWatch Logs */
  readonly kmsKeyArn?: string | undefined;
  /** Whether the groups exist already. @default - they are created */
  readonly groupsExist?: boolean | undefined;
}

/**
 * The log groups that RDS exports a database's logs to. The stack creates them, because a group that RDS creates never
 * expires. The instance turns the export on, after the groups exist.
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
    const { identifier, address, logs, retentionDays, kmsKeyArn, groupsExist = false } = props;
    this.exports = logs.length > 0 ? [...logs] : undefined;
    const missing = groupsExist ? [] : logs;
    this.groups = missing.map((log) => {
      const group = new CloudwatchLogGroup(this, log, {
        name: `/aws/rds/instance/${identifier}/${log}`,
        retentionInDays: retentionDays,
        kmsKeyId: kmsKeyArn,
      });
      group.overrideLogicalId(`${address}_${log.replaceAll("-", "_")}_log`);
      return group;
    });
  }
}
