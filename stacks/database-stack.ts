import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { ClientAccess } from "../constructs/client-access";
import { DatabaseAlarms } from "../constructs/database-alarms";
import { backupArguments } from "../constructs/database-backups";
import { DatabaseCredentials } from "../constructs/database-credentials";
import { DatabaseMonitoring } from "../constructs/database-monitoring";
import { DatabaseParameters } from "../constructs/database-parameters";
import { LogExports } from "../constructs/log-exports";
import { Network } from "../constructs/network";
import { ReadReplicas } from "../constructs/read-replicas";
import { restoreArguments } from "../constructs/restore";
import { StateBackend } from "../constructs/state-backend";
import { type DatabaseSettings, INITIAL_DATABASE } from "../settings/database";
import type { Environment } from "../settings/environment";
import { environmentTags } from "../settings/names";
import { postgresFamily } from "../settings/version";
import { AwsStack } from "./aws-stack";

/**
 * The RDS for PostgreSQL instance of an environment, and everything it needs of its own: subnet group, parameter
 * group, log groups, security group with one rule for each client, master password, the secret with the URL, the role
 * that monitors it, read replicas, alarms. It does not make a VPC, and never gives an instance a public address.
 *
 * @example
 * new DatabaseStack(app, stackId(environment, "database"), environment);
 */
export class DatabaseStack extends AwsStack {
  private readonly settings: DatabaseSettings;
  private readonly name: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    const { region, account, waivers, database } = environment;
    super(scope, id, { region, account, tags: environmentTags(environment), waivers });
    this.settings = database;
    this.name = id;
    new StateBackend(this, { environment, store: "database" });
    const network = new Network(this, "network", environment.network);
    const access = new ClientAccess(this, "access", {
      store: "database",
      name: database.securityGroupName ?? id,
      port: database.port,
      clients: environment.clients,
      network,
    });
    const credentials = new DatabaseCredentials(this, "credentials", environment);
    const monitoring = new DatabaseMonitoring(this, "monitoring", environment);
    const shared = this.shared(access);
    const dbSubnetGroupName = this.subnetGroup(network).name;
    const own = { ...shared, dbSubnetGroupName, ...credentials.instanceArguments };
    const instance = this.instance(own, monitoring);
    credentials.connectTo(instance);
    const replicas = new ReadReplicas(this, "replicas", {
      instance,
      settings: database,
      monitoring,
      shared,
    });
    new DatabaseAlarms(this, "alarms", {
      environment,
      identifier: instance.identifier,
      replicas: replicas.identifiers,
    });
    this.outputs(instance, replicas, access);
  }

  /** What the instance and its replicas have in common. */
  private shared(access: ClientAccess): Partial<DbInstanceConfig> {
    const { settings } = this;
    return {
      publiclyAccessible: false,
      vpcSecurityGroupIds: [access.securityGroupId],
      parameterGroupName: this.parameterGroupName(),
      caCertIdentifier: settings.caCertificateIdentifier,
      iamDatabaseAuthenticationEnabled: settings.iamAuthentication || undefined,
      autoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
      maintenanceWindow: settings.maintenanceWindow,
      applyImmediately: settings.applyImmediately,
      deletionProtection: settings.deletionProtection,
      copyTagsToSnapshot: true,
      storageType: settings.storageType,
      // A new replica has what its instance has; a later raise reaches it only from here.
      allocatedStorage: settings.allocatedStorageGib,
      maxAllocatedStorage: settings.maxAllocatedStorageGib,
      iops: settings.iops,
      storageThroughput: settings.storageThroughputMibps,
      storageEncrypted: settings.storageEncrypted,
    };
  }

  private instance(own: Partial<DbInstanceConfig>, monitoring: DatabaseMonitoring): DbInstance {
    const { settings } = this;
    const logs = this.logs();
    const dependsOn = [...logs.groups, ...monitoring.dependencies];
    const instance = new DbInstance(this, "database", {
      identifier: settings.identifier,
      instanceClass: settings.instanceClass,
      // RDS takes no name for what has its databases already.
      dbName: settings.restoreFrom ? undefined : settings.dbName,
      username: settings.username,
      port: settings.port,
      multiAz: settings.multiAz,
      availabilityZone: settings.availabilityZone,
      kmsKeyId: settings.kmsKeyArn,
      ...this.engine(),
      ...backupArguments(this, settings),
      ...restoreArguments(settings.restoreFrom),
      ...monitoring.instanceArguments,
      enabledCloudwatchLogsExports: logs.exports,
      dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
      lifecycle: settings.preventDestroy ? { preventDestroy: true } : undefined,
      ...own,
    });
    if (Object.keys(settings.reasons).length > 0) {
      instance.addOverride("//.reasons", settings.reasons);
    }
    return instance;
  }

  private engine(): Partial<DbInstanceConfig> {
    const { engineVersion, allowMajorVersionUpgrade, blueGreenUpdate } = this.settings;
    return {
      engine: "postgres",
      engineVersion,
      allowMajorVersionUpgrade: allowMajorVersionUpgrade || undefined,
      blueGreenUpdate: blueGreenUpdate ? { enabled: true } : undefined,
      // AWS's default is extended support, billed by the hour once the major is out of standard support.
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
    };
  }

  private parameterGroupName(): string {
    return new DatabaseParameters(this, "parameters", {
      prefix: this.settings.parameterGroupPrefix ?? this.name,
      family: postgresFamily(this.settings.engineVersion),
      parameters: this.settings.parameters,
    }).name;
  }

  private logs(): LogExports {
    const { identifier, logExports, logRetentionDays } = this.settings;
    return new LogExports(this, "logs", {
      identifier,
      address: "database",
      logs: logExports,
      retentionDays: logRetentionDays,
    });
  }

  private subnetGroup(network: Network): DbSubnetGroup {
    return new DbSubnetGroup(this, "database_subnets", {
      name: this.settings.subnetGroupName ?? this.name,
      description: "Subnets of the database",
      subnetIds: network.subnetIds,
    });
  }

  private outputs(instance: DbInstance, replicas: ReadReplicas, access: ClientAccess): void {
    const outputs = {
      database_identifier: instance.identifier,
      database_address: instance.address,
      database_port: instance.port,
      database_name: this.settings.dbName ?? INITIAL_DATABASE,
      database_username: this.settings.username,
      database_security_group_id: access.securityGroupId,
      ...(Object.keys(replicas.addresses).length > 0
        ? { database_replica_addresses: replicas.addresses }
        : {}),
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
  }
}
