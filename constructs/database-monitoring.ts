import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { DatabaseSettings } from "../settings/database";
import type { Environment } from "../settings/environment";
import { FREE_INSIGHTS_DAYS } from "../settings/monitoring";
import { monitoringRoleName } from "../settings/names";
import type { ReadReplicaSettings } from "../settings/read-replica";
import { MonitoringRole } from "./monitoring-role";

/**
 * What RDS measures of a database and its replicas: the operating system (enhanced monitoring, by a role of the
 * stack's own unless the settings name one) and the queries (performance insights).
 *
 * @example
 * const monitoring = new DatabaseMonitoring(this, "monitoring", environment);
 * new DbInstance(this, "database", { …, ...monitoring.instanceArguments, dependsOn: monitoring.dependencies });
 */
export class DatabaseMonitoring extends Construct {
  /** What must be there before an instance that is monitored. */
  readonly dependencies: readonly ITerraformDependable[];
  private readonly settings: DatabaseSettings;
  private readonly roleArn: string | undefined;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.settings = environment.database;
    const ownRole = needsOwnRole(this.settings) ? this.ownRole(environment) : undefined;
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

  /** Without a mode of Database Insights, which AWS does not let a replica choose. */
  replicaArguments(replica: ReadReplicaSettings): Partial<DbInstanceConfig> {
    const { enhancedMonitoring, performanceInsights } = this.settings;
    return {
      ...this.enhanced(replica.monitoringIntervalSeconds ?? enhancedMonitoring?.intervalSeconds),
      ...this.insights(
        replica.performanceInsightsRetentionDays ?? (performanceInsights && FREE_INSIGHTS_DAYS),
      ),
    };
  }

  private ownRole(environment: Environment): MonitoringRole {
    const { account, region, database } = environment;
    return new MonitoringRole(this, "role", {
      name: monitoringRoleName(environment),
      identifier: database.identifier,
      region,
      account,
    });
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

function needsOwnRole({ enhancedMonitoring, readReplicas }: DatabaseSettings): boolean {
  const replicas = Object.values(readReplicas);
  const monitored =
    enhancedMonitoring !== undefined ||
    replicas.some((replica) => replica.monitoringIntervalSeconds);
  return monitored && enhancedMonitoring?.roleArn === undefined;
}
