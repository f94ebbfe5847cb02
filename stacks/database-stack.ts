import { DbInstance, type DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { TerraformOutput, type TerraformResourceLifecycle } from "cdktf";
import type { Construct } from "constructs";
import { ClientAccess } from "../constructs/access/client-access";
import { Network } from "../constructs/access/network";
import { DatabaseAlarms } from "../constructs/database/database-alarms";
import { DatabaseBackups } from "../constructs/database/database-backups";
import { DatabaseCredentials } from "../constructs/database/database-credentials";
import { DatabaseMonitoring } from "../constructs/database/database-monitoring";
import { DatabaseParameters } from "../constructs/database/database-parameters";
import { LogExports } from "../constructs/database/log-exports";
import { ReadReplicas } from "../constructs/database/read-replicas";
import { restoreArguments } from "../constructs/database/restore";
import { StateBackend } from "../constructs/state-backend";
import { postgresFamily } from "../settings/aws/version";
import type { DatabaseStore } from "../settings/data-stores";
import { type DatabaseSettings, INITIAL_DATABASE } from "../settings/database/database";
import type { Environment } from "../settings/environment";
import { ignoredChanges, subnetGroupArgument } from "../settings/kept";
import { monitoringRoleName } from "../settings/names";
import { AwsStack } from "./aws-stack";
import { backendProps, clientsOf, databaseWithKey, keyArnOf, stackProps } from "./data-store";

export interface DatabaseStackProps {
  readonly environment: Environment;
  readonly store: DatabaseStore;
}

/**
 * An RDS for PostgreSQL instance of an environment with its own subnet group, parameter group,
 * log groups, security group with one rule for each client, master password, the secret with the URL, the role that
 * monitors it, read replicas and alarms. It creates no VPC, and never gives an instance a public address.
 *
 * @example
 * for (const store of databasesOf(environment)) {
 *   new DatabaseStack(app, store.stackId, { environment, store });
 * }
 */
export class DatabaseStack extends AwsStack {
  private readonly settings: DatabaseSettings;
  private readonly name: string;
  /** Encrypts everything whose settings name no key; undefined for AWS managed keys. */
  private readonly keyArn: string | undefined;
  private readonly parameterGroupName: string;

  constructor(scope: Construct, id: string, { environment, store }: DatabaseStackProps) {
    super(scope, id, stackProps(environment, store.settings.kept));
    this.name = id;
    this.keyArn = keyArnOf(this, environment, store);
    this.settings = databaseWithKey(store.settings, this.keyArn);
    const { kept } = this.settings;
    this.parameterGroupName = kept?.parameterGroupName ?? this.parameterGroup().name;
    new StateBackend(this, backendProps(environment, store));
    const network = new Network(this, "network", environment.network);
    const access = new ClientAccess(this, "access", {
      store: "database",
      name: this.settings.securityGroupName ?? id,
      port: this.settings.port,
      clients: clientsOf(environment, store),
      network,
      kept,
    });
    const credentials = this.credentials(environment, store);
    const monitoring = this.monitoring(environment);
    const shared = this.shared(access);
    const dbSubnetGroupName = this.subnetGroupName(network);
    const own = { ...shared, dbSubnetGroupName, ...credentials.instanceArguments };
    const instance = this.instance(own, monitoring);
    credentials.connectTo(instance);
    const { settings } = this;
    const replicas = new ReadReplicas(this, "replicas", { instance, settings, monitoring, shared });
    this.alarms(environment, instance, replicas);
    this.outputs(instance, replicas, access);
    const { roles } = credentials;
    if (roles) {
      new TerraformOutput(this, "database_roles", { value: roles });
    }
    this.adopt(settings.adopted ?? {});
  }

  private credentials(environment: Environment, store: DatabaseStore): DatabaseCredentials {
    const { credentials, username, applicationUser, dbName = INITIAL_DATABASE } = this.settings;
    return new DatabaseCredentials(this, "credentials", {
      secretPath: store.path,
      policyName: this.name,
      urlVariable: store.urlVariable,
      region: environment.region,
      credentials,
      username,
      applicationUser,
      databaseName: dbName,
      executionRoleName: environment.executionRoleName,
    });
  }

  private monitoring({ region, account }: Environment): DatabaseMonitoring {
    return new DatabaseMonitoring(this, "monitoring", {
      settings: this.settings,
      roleName: monitoringRoleName(this.name),
      region,
      account,
    });
  }

  private alarms(
    { alarms, region, account }: Environment,
    { identifier }: DbInstance,
    { identifiers: replicas }: ReadReplicas,
  ): void {
    if (alarms) {
      const { settings: database, name: stackId } = this;
      const parameterGroupName = this.parameterGroupName;
      const { keyArn: kmsKeyArn } = this;
      const props = {
        identifier,
        replicas,
        parameterGroupName,
        database,
        alarms,
        stackId,
        region,
        account,
        kmsKeyArn,
      };
      new DatabaseAlarms(this, "alarms", props);
    }
  }

  /** The arguments that the instance and its replicas share. */
  private shared(access: ClientAccess): Partial<DbInstanceConfig> {
    const { settings } = this;
    return {
      publiclyAccessible: false,
      vpcSecurityGroupIds: access.securityGroupIds,
      dependsOn: [...access.rules],
      parameterGroupName: this.parameterGroupName,
      caCertIdentifier: settings.caCertificateIdentifier,
      iamDatabaseAuthenticationEnabled: settings.iamAuthentication || undefined,
      autoMinorVersionUpgrade: settings.autoMinorVersionUpgrade,
      maintenanceWindow: settings.maintenanceWindow,
      applyImmediately: settings.applyImmediately,
      deletionProtection: settings.deletionProtection,
      copyTagsToSnapshot: settings.copyTagsToSnapshot,
      storageType: settings.storageType,
      // A new replica inherits its instance's storage, but not later increases.
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
    const { dependsOn: rules = [], ...others } = own;
    const dependsOn = [...logs.groups, ...monitoring.dependencies, ...rules];
    const instance = new DbInstance(this, "database", {
      identifier: settings.identifier,
      instanceClass: settings.instanceClass,
      // RDS refuses a database name for a restored instance.
      dbName: settings.restoreFrom ? undefined : settings.dbName,
      username: settings.username,
      port: settings.port,
      multiAz: settings.multiAz,
      availabilityZone: settings.availabilityZone,
      kmsKeyId: settings.kmsKeyArn,
      optionGroupName: settings.kept?.optionGroupName,
      ...this.engine(),
      ...new DatabaseBackups(this, "backups", settings).instanceArguments,
      ...restoreArguments(settings.restoreFrom),
      ...monitoring.instanceArguments,
      enabledCloudwatchLogsExports: logs.exports,
      dependsOn: dependsOn.length > 0 ? dependsOn : undefined,
      lifecycle: this.lifecycle(),
      ...others,
    });
    if (Object.keys(settings.reasons).length > 0) {
      instance.addOverride("//.reasons", settings.reasons);
    }
    return instance;
  }

  private engine(): Partial<DbInstanceConfig> {
    const { engineVersion, allowMajorVersionUpgrade, blueGreenUpdate, extendedSupport } =
      this.settings;
    return {
      engine: "postgres",
      engineVersion,
      allowMajorVersionUpgrade: allowMajorVersionUpgrade || undefined,
      blueGreenUpdate: blueGreenUpdate ? { enabled: true } : undefined,
      // AWS's default is extended support, which is billed hourly after the end of standard support.
      engineLifecycleSupport: extendedSupport
        ? "open-source-rds-extended-support"
        : "open-source-rds-extended-support-disabled",
    };
  }

  private parameterGroup(): DatabaseParameters {
    return new DatabaseParameters(this, "parameters", {
      prefix: this.settings.parameterGroupPrefix ?? this.name,
      family: postgresFamily(this.settings.engineVersion),
      parameters: this.settings.parameters,
    });
  }

  private logs(): LogExports {
    const { identifier, logExports, logRetentionDays, kept } = this.settings;
    return new LogExports(this, "logs", {
      identifier,
      address: "database",
      logs: logExports,
      retentionDays: logRetentionDays,
      kmsKeyArn: this.keyArn,
      groupsExist: kept?.logGroups,
    });
  }

  private lifecycle(): TerraformResourceLifecycle | undefined {
    const { preventDestroy } = this.settings;
    const ignored = this.ignoredChanges();
    const ignoreChanges = ignored.length > 0 ? ignored : undefined;
    return preventDestroy || ignoreChanges
      ? { preventDestroy: preventDestroy || undefined, ignoreChanges }
      : undefined;
  }

  /** An import leaves `manage_master_user_password` without a value, so setting it would be an update. */
  private ignoredChanges(): string[] {
    const { kept, credentials } = this.settings;
    const isManaged = kept?.tags && credentials.kind === "rds-managed";
    return [...ignoredChanges(kept), ...(isManaged ? ["manage_master_user_password"] : [])];
  }

  private subnetGroupName(network: Network): string | undefined {
    const kept = this.settings.kept?.subnetGroupName;
    return kept === undefined ? this.subnetGroup(network).name : subnetGroupArgument(kept);
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
