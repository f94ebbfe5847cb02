import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Construct } from "constructs";
import type { DatabaseSettings } from "../../settings/database/database";
import type { ReadReplicaSettings } from "../../settings/database/read-replica";
import { ignoredChanges } from "../../settings/kept";
import { replicaIdentifier } from "../../settings/names";
import type { DatabaseMonitoring } from "./database-monitoring";
import { LogExports } from "./log-exports";

export interface ReadReplicasProps {
  readonly instance: DbInstance;
  readonly settings: DatabaseSettings;
  readonly monitoring: DatabaseMonitoring;
  /** Arguments that a replica shares with its instance: clients, parameters, storage. */
  readonly shared: Partial<DbInstanceConfig>;
}

/**
 * The read replicas of a database, each at its own address (`aws_db_instance.database_replica_reports`). When
 * Terraform replaces the instance, it replaces the replica too; otherwise RDS would promote the replica to a standalone
 * instance. A replica only copies data, so it has no final snapshot.
 *
 * @example
 * new ReadReplicas(this, "replicas", { instance, settings, monitoring, shared }).addresses; // { reports: "…" }
 */
export class ReadReplicas extends Construct {
  /** Replica → its address. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Replica → its identifier, read from it. */
  readonly identifiers: Readonly<Record<string, string>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ReadReplicasProps,
  ) {
    super(scope, id);
    const replicas = Object.entries(props.settings.readReplicas).map(
      ([name, replica]) => [name, this.replica(name, replica)] as const,
    );
    this.addresses = Object.fromEntries(replicas.map(([name, { address }]) => [name, address]));
    this.identifiers = Object.fromEntries(
      replicas.map(([name, { identifier }]) => [name, identifier]),
    );
  }

  private replica(name: string, replica: ReadReplicaSettings): DbInstance {
    const { instance, settings, monitoring, shared } = this.props;
    const address = `database_replica_${name}`;
    const identifier = replicaIdentifier(settings.identifier, name);
    const logs = this.logs(identifier, address);
    const ignored = ignoredChanges(settings.kept);
    const { dependsOn: rules = [], ...others } = shared;
    const dependsOn = [...logs.groups, ...monitoring.dependencies, ...rules];
    const made = new DbInstance(this, name, {
      ...others,
      identifier,
      replicateSourceDb: instance.identifier,
      instanceClass: replica.instanceClass ?? settings.instanceClass,
      availabilityZone: replica.availabilityZone,
      multiAz: replica.multiAz,
      deletionProtection: replica.deletionProtection ?? settings.deletionProtection,
      skipFinalSnapshot: true,
      ...monitoring.replicaArguments(replica),
      enabledCloudwatchLogsExports: logs.exports,
      dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
      lifecycle: {
        ignoreChanges: ignored.length > 0 ? ignored : undefined,
        replaceTriggeredBy: [`${instance.terraformResourceType}.${instance.friendlyUniqueId}.id`],
      },
    });
    made.overrideLogicalId(address);
    // The instance's reasons for overridden defaults also apply to its replicas.
    if (Object.keys(settings.reasons).length > 0) {
      made.addOverride("//.reasons", settings.reasons);
    }
    return made;
  }

  private logs(identifier: string, address: string): LogExports {
    const { logExports, logRetentionDays, kept } = this.props.settings;
    return new LogExports(this, `${address}_logs`, {
      identifier,
      address,
      logs: logExports,
      retentionDays: logRetentionDays,
      groupsExist: kept?.logGroups,
    });
  }
}
