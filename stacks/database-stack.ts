import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbParameterGroup } from "@cdktf/provider-aws/lib/db-parameter-group";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { ClientAccess } from "../constructs/client-access";
import { DatabaseCredentials } from "../constructs/database-credentials";
import { Network } from "../constructs/network";
import { StateBackend } from "../constructs/state-backend";
import { TerraformData } from "../constructs/terraform-data";
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
      name: id,
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
      applyImmediately: false,
      ...this.engine(),
      ...this.storage(),
      ...this.backups(),
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
    const parameters = new DbParameterGroup(this, "database_parameters", {
      // A new major needs a new group while the instance still uses the old one.
      namePrefix: `${this.name}-${family}-`,
      family,
      description: "Parameters of the database",
      parameter: [{ name: "rds.force_ssl", value: "1" }],
      lifecycle: { createBeforeDestroy: true },
    });
    return {
      engine: "postgres",
      engineVersion: this.settings.engineVersion,
      autoMinorVersionUpgrade: this.settings.autoMinorVersionUpgrade,
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
        : this.finalSnapshotIdentifier(),
    };
  }

  /** Stable between plans, and new with each instance: whatever replaces the instance renews it. */
  private finalSnapshotIdentifier(): string {
    const { username, dbName, storageEncrypted, kmsKeyArn, availabilityZone } = this.settings;
    const snapshot = new TerraformData(this, "final_snapshot", {
      triggersReplace: {
        username,
        db_name: dbName,
        storage_encrypted: storageEncrypted,
        kms_key_id: kmsKeyArn,
        availability_zone: availabilityZone,
      },
    });
    return `${this.settings.identifier}-final-${snapshot.id}`;
  }

  /** The log groups belong to the stack: one that RDS makes by itself keeps its logs, and costs, for ever. */
  private logs(): Partial<DbInstanceConfig> {
    const { identifier, logExports, logRetentionDays } = this.settings;
    const groups = logExports.map(
      (log) =>
        new CloudwatchLogGroup(this, `database_${log}_log`, {
          name: `/aws/rds/instance/${identifier}/${log}`,
          retentionInDays: logRetentionDays,
        }),
    );
    return {
      enabledCloudwatchLogsExports: logExports.length > 0 ? logExports : undefined,
      dependsOn: groups.length > 0 ? groups : undefined,
    };
  }

  private subnetGroup(network: Network): DbSubnetGroup {
    return new DbSubnetGroup(this, "database_subnets", {
      name: this.name,
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
