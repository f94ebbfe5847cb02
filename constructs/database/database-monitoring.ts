import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { DatabaseSettings } from "../../settings/database/database";
import { FREE_INSIGHTS_DAYS } from "../../settings/database/monitoring";
import type { ReadReplicaSettings } from "../../settings/database/read-replica";
import { replicaIdentifier } from "../../settings/names";
import { MonitoringRole } from "./monitoring-role";

export interface DatabaseMonitoringProps {
  readonly settings: DatabaseSettings;
  /** The name of the role to create if the settings name none. */
  readonly roleName: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
}

/**
 * Monitoring of a database and its replicas: the operating system (enhanced monitoring, with a role that the stack
 * creates unless the settings name one) and the queries (Performance Insights).
 *
 * @example
 * const monitoring = new DatabaseMonitoring(this, "monitoring", { settings, roleName, region });
 * new DbInstance(this, "database", { …, ...monitoring.instanceArguments, dependsOn: monitoring.dependencies });
 */
export class DatabaseMonitoring extends Construct {
  /** Resources that must exist before a monitored instance. */
  readonly dependencies: readonly ITerraformDependable[];
  private readonly settings: DatabaseSettings;
  private readonly roleArn: string | undefined;

  constructor(scope: Construct, id: string, props: DatabaseMonitoringProps) {
    super(scope, id);
    this.settings = props.settings;
    const ownRole = needsOwnRole(this.settings) ? this.ownRole(props) : undefined;
    this.dependencies = ownRole ? [ownRole.permission] : [];
    this.roleArn = ownRole?.arn ?? this.settings.enhancedMonitoring?.roleArn;
  }

  get instanceArguments(): Partial<DbInstanceConfig> {
    const { enhancedMonitoring, performanceInsights } = this.settings;
    return {
      ...this.enhanced(enhancedMonitoring?.intervalSeconds),
      ...this.insights(performanceInsights?.retentionDays),
      databaseInsightsMode: performanceInsights?.mode,
    };
  }

  /** Without the Database Insights mode, which a replica cannot set. */
  replicaArguments(replica: ReadReplicaSettings): Partial<DbInstanceConfig> {
    const { enhancedMonitoring, performanceInsights } = this.settings;
    return {
      ...this.enhanced(replica.monitoringIntervalSeconds ?? enhancedMonitoring?.intervalSeconds),
      ...this.insights(
        replica.performanceInsightsRetentionDays ?? (performanceInsights && FREE_INSIGHTS_DAYS),
      ),
    };
  }

  private ownRole({ settings, roleName, region, account }: DatabaseMonitoringProps) {
    const { identifier, readReplicas } = settings;
    const replicas = Object.keys(readReplicas).map((name) => replicaIdentifier(identifier, name));
    const identifiers = [identifier, ...replicas];
    return new MonitoringRole(this, "role", { name: roleName, identifiers, region, account });
  }

  private enhanced(intervalSeconds: number | undefined): Partial<DbInstanceConfig> {
    return {
      monitoringInterval: intervalSeconds,
      monitoringRoleArn: intervalSeconds === undefined ? undefined : this.roleArn,
    };
  }

  private insights(retentionDays: number | undefined): Partial<DbInstanceConfig> {
    return retentionDays
      ? {
          performanceInsightsEnabled: true,
          performanceInsightsRetentionPeriod: retentionDays,
          performanceInsightsKmsKeyId: this.settings.performanceInsights?.kmsKeyArn,
        }
      : {};
  }
}

/** Whether the stack creates the role for enhanced monitoring. */
export function needsOwnRole({ enhancedMonitoring, readReplicas }: DatabaseSettings): boolean {
  const replicas = Object.values(readReplicas);
  const monitored =
    enhancedMonitoring !== undefined ||
    replicas.some((replica) => replica.monitoringIntervalSeconds);
  return monitored && enhancedMonitoring?.roleArn === undefined;
}
