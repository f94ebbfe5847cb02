import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { ClientAccess } from "../constructs/client-access";
import { DatabaseCredentials } from "../constructs/database-credentials";
import { DatabaseParameters } from "../constructs/database-parameters";
import { FinalSnapshot } from "../constructs/final-snapshot";
import { LogExports } from "../constructs/log-exports";
import { Network } from "../constructs/network";
import { restoreArguments } from "../constructs/restore";
import { StateBackend } from "../constructs/state-backend";
import { type DatabaseSettings, INITIAL_DATABASE } from "../settings/database";
import type { Environment } from "../settings/environment";
import { environmentTags } from "../settings/names";
import { postgresFamily } from "../settings/version";
import { AwsStack } from "./aws-stack";

/**
 * The RDS for PostgreSQL instance of an environment, and everything it needs of its own: subnet group, parameter
 * group, log groups, security group with one rule for each client, master password, the secret with the URL. It does
 * not make a VPC, and never gives the instance a public address.
 *
 * @example
 * new DatabaseStack(app, stackId(environment, "database"), environment);
 */
export class DatabaseStack extends AwsStack {
  private readonly settings: DatabaseSettings;
  private readonly name: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    const { region, account, database } = environment;
    super(scope, id, { region, account, tags: environmentTags(environment) });
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
    const instance = this.instance(network, access, credentials);
    credentials.connectTo(instance);
    this.outputs(instance, access);
  }

  private instance(
    network: Network,
    access: ClientAccess,
    credentials: DatabaseCredentials,
  ): DbInstance {
    const instance = new DbInstance(this, "database", {
      identifier: this.settings.identifier,
      instanceClass: this.settings.instanceClass,
      dbName: this.settings.dbName,
      username: this.settings.username,
      port: this.settings.port,
      multiAz: this.settings.multiAz,
      availabilityZone: this.settings.availabilityZone,
      publiclyAccessible: false,
      dbSubnetGroupName: this.subnetGroup(network).name,
      vpcSecurityGroupIds: [access.securityGroupId],
      caCertIdentifier: this.settings.caCertificateIdentifier,
      copyTagsToSnapshot: true,
      applyImmediately: this.settings.applyImmediately,
      iamDatabaseAuthenticationEnabled: this.settings.iamAuthentication || undefined,
      ...this.engine(),
      ...this.storage(),
      ...this.backups(),
      ...restoreArguments(this.settings.restoreFrom),
      ...this.monitoring(),
      ...this.logs(),
      ...credentials.instanceArguments,
    });
    if (Object.keys(this.settings.reasons).length > 0) {
      instance.addOverride("//.reasons", this.settings.reasons);
    }
    return instance;
  }

  private engine(): Partial<DbInstanceConfig> {
    const family = postgresFamily(this.settings.engineVersion);
    const parameters = new DatabaseParameters(this, "parameters", {
      prefix: this.settings.parameterGroupPrefix ?? this.name,
      family,
      parameters: this.settings.parameters,
    });
    return {
      engine: "postgres",
      engineVersion: this.settings.engineVersion,
      autoMinorVersionUpgrade: this.settings.autoMinorVersionUpgrade,
      allowMajorVersionUpgrade: this.settings.allowMajorVersionUpgrade || undefined,
      // AWS's default is extended support, billed by the hour once the major is out of standard support.
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
      parameterGroupName: parameters.name,
    };
  }

  private storage(): Partial<DbInstanceConfig> {
    return {
      storageType: this.settings.storageType,
      allocatedStorage: this.settings.allocatedStorageGib,
      maxAllocatedStorage: this.settings.maxAllocatedStorageGib,
      iops: this.settings.iops,
      storageThroughput: this.settings.storageThroughputMibps,
      storageEncrypted: this.settings.storageEncrypted,
      kmsKeyId: this.settings.kmsKeyArn,
    };
  }

  private backups(): Partial<DbInstanceConfig> {
    return {
      backupRetentionPeriod: this.settings.backupRetentionDays,
      backupWindow: this.settings.backupWindow,
      maintenanceWindow: this.settings.maintenanceWindow,
      deletionProtection: this.settings.deletionProtection,
      // AWS's default deletes the automated backups together with the instance.
      deleteAutomatedBackups: false,
      skipFinalSnapshot: this.settings.skipFinalSnapshot,
      finalSnapshotIdentifier: this.settings.skipFinalSnapshot
        ? undefined
        : new FinalSnapshot(this, "final", this.settings).identifier,
    };
  }

  private monitoring(): Partial<DbInstanceConfig> {
    const { enhancedMonitoring, performanceInsights } = this.settings;
    return {
      monitoringInterval: enhancedMonitoring?.intervalSeconds,
      monitoringRoleArn: enhancedMonitoring?.roleArn,
      performanceInsightsEnabled: performanceInsights && true,
      performanceInsightsRetentionPeriod: performanceInsights?.retentionDays,
      performanceInsightsKmsKeyId: performanceInsights?.kmsKeyArn,
      databaseInsightsMode: performanceInsights?.mode,
    };
  }

  private logs(): Partial<DbInstanceConfig> {
    const { identifier, logExports, logRetentionDays } = this.settings;
    return new LogExports(this, "logs", {
      identifier,
      logs: logExports,
      retentionDays: logRetentionDays,
    }).instanceArguments;
  }

  private subnetGroup(network: Network): DbSubnetGroup {
    return new DbSubnetGroup(this, "database_subnets", {
      name: this.settings.subnetGroupName ?? this.name,
      description: "Subnets of the database",
      subnetIds: network.subnetIds,
    });
  }

  private outputs(instance: DbInstance, access: ClientAccess): void {
    const outputs = {
      database_identifier: instance.identifier,
      database_address: instance.address,
      database_port: instance.port,
      database_name: this.settings.dbName ?? INITIAL_DATABASE,
      database_username: this.settings.username,
      database_security_group_id: access.securityGroupId,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
  }
}
