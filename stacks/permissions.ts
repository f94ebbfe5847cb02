import { AGENT_POLICY, IMAGE_PARAMETERS } from "../constructs/bastion/bastion-instance";
import { needsOwnRole } from "../constructs/database/database-monitoring";
import { alarmGrants } from "../constructs/permissions/alarm-grants";
import { bastionGrants } from "../constructs/permissions/bastion-grants";
import { cacheGrants } from "../constructs/permissions/cache-grants";
import { databaseGrants } from "../constructs/permissions/database-grants";
import {
  arnOf,
  type Grant,
  type Place,
  type RoleGrants,
  together,
} from "../constructs/permissions/grant";
import { keyGrants } from "../constructs/permissions/key-grants";
import { networkGrants } from "../constructs/permissions/network-grants";
import { type PolicyDocument, policyDocuments } from "../constructs/permissions/policy-documents";
import { preflightGrants } from "../constructs/permissions/preflight-grants";
import { stateGrants } from "../constructs/permissions/state-grants";
import { partitionOf } from "../settings/account";
import { type Bastion, bastionsOf } from "../settings/bastion";
import { cacheIdOf } from "../settings/cache/cache";
import {
  type CacheStore,
  cachesOf,
  type DatabaseStore,
  type DataStore,
  databasesOf,
  dataStoresOf,
} from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { environmentStacks } from "../settings/environment-stacks";
import { alarmName, monitoringRoleName } from "../settings/names";

/** The policies of the two roles of an environment's pipeline. */
export interface RolePolicies {
  readonly plan: readonly PolicyDocument[];
  readonly apply: readonly PolicyDocument[];
}

/**
 * The permissions to run preflight, plan and apply for an environment's data stores and bastion. They include neither
 * the state bucket nor the roles themselves.
 * @param account the ID of the account, or a reference to it.
 */
export function rolePolicies(environment: Environment, account: string): RolePolicies {
  const { plan, apply } = grantsOf(environment, account);
  const preflight = preflightOf(environment, { region: environment.region, account });
  return {
    plan: policyDocuments([...plan, ...preflight], account),
    apply: policyDocuments([...plan, ...apply], account),
  };
}

function grantsOf(environment: Environment, account: string): RoleGrants {
  const place = { region: environment.region, account };
  const stackTags = environmentStacks(environment).map(({ stackId }) =>
    tagOf(environment, stackId),
  );
  return together([
    stateOf(environment),
    networkGrants({
      ...place,
      stackTags,
      ...networkOf(environment),
      keptGroupIds: dataStoresOf(environment).flatMap(
        ({ settings }) => settings.kept?.securityGroupIds?.slice(0, 1) ?? [],
      ),
    }),
    ...databasesOf(environment).map((store) => databaseOf(environment, place, store)),
    ...cachesOf(environment).map((store) => cacheOf(place, store)),
    ...bastionsOf(environment).map((bastion) => bastionOf(environment, place, bastion)),
    ...dataStoresOf(environment).map((store) => alarmsOf(environment, place, store)),
    keyGrants({
      ...place,
      stackTags,
      existing: existingKeys(environment),
      aliases: dataStoresOf(environment).flatMap((store) => aliasesOf(environment, store)),
    }),
  ]);
}

function networkOf({ network: { vpcId, subnetIds }, clients, bastion }: Environment) {
  const vpc =
    bastion !== undefined ||
    vpcId === "default" ||
    Object.values(clients).some(({ vpcCidr }) => vpcCidr);
  return { vpcId, lookups: { vpc, subnets: subnetIds === "all" } };
}

function preflightOf(environment: Environment, place: Place): Grant[] {
  const { stateBucket, executionRoleName, alarms, clients, bastion, region } = environment;
  const partition = partitionOf(region) ?? "aws";
  const databases = databasesOf(environment).map(({ settings }) => settings);
  const caches = cachesOf(environment).map(({ settings }) => settings);
  const roleArns = [
    executionRoleName && arnOf(place, "iam", `role/${executionRoleName}`),
    ...databases.map(({ enhancedMonitoring }) => enhancedMonitoring?.roleArn),
  ];
  return preflightGrants({
    ...place,
    stateBucketArn: stateBucket.assumeRole
      ? undefined
      : `arn:${partition}:s3:::${stateBucket.name}`,
    databases:
      databases.length > 0
        ? { restoreFrom: databases.flatMap(({ restoreFrom }) => restoreFrom?.kind ?? []) }
        : undefined,
    caches:
      caches.length > 0
        ? {
            ids: caches.map(cacheIdOf),
            snapshots: caches.flatMap(({ snapshotName }) => snapshotName ?? []),
          }
        : undefined,
    roleArns: roleArns.filter((arn) => arn !== undefined),
    topicArn: alarms?.topicArn,
    keyArns: existingKeys(environment),
    prefixLists: Object.values(clients).some(({ prefixListId }) => prefixListId !== undefined),
    bastion: bastion !== undefined,
  });
}

/** The environment's tags may override the tag that identifies the stack. */
function tagOf({ tags }: Environment, stackId: string): string {
  return tags.stack ?? stackId;
}

function stateOf(environment: Environment): RoleGrants {
  const { region, stateBucket } = environment;
  return stateGrants({
    partition: partitionOf(region) ?? "aws",
    bucket: stateBucket.name,
    region: stateBucket.region ?? region,
    keys: environmentStacks(environment).map(({ stateKey }) => stateKey),
    kmsKeyArn: stateBucket.kmsKeyArn,
    assumedRoleArn: stateBucket.assumeRole?.roleArn,
  });
}

function databaseOf(environment: Environment, place: Place, store: DatabaseStore): RoleGrants {
  const { stackId, settings, path } = store;
  const { enhancedMonitoring } = settings;
  return databaseGrants({
    ...place,
    stackId,
    identifier: settings.identifier,
    subnetGroupName: settings.subnetGroupName ?? stackId,
    parameterGroupPrefix: settings.parameterGroupPrefix ?? stackId,
    kept: settings.kept,
    credentials: settings.credentials.kind,
    secretPath: path,
    passwordSecretArn:
      settings.credentials.kind === "existing" ? settings.credentials.passwordSecretArn : undefined,
    monitoringRoleName: needsOwnRole(settings) ? monitoringRoleName(stackId) : undefined,
    monitoringRoleArn: enhancedMonitoring?.roleArn,
    executionRoleName: environment.executionRoleName,
    blueGreen: settings.blueGreenUpdate === true,
    restoreFrom: settings.restoreFrom?.kind,
  });
}

function cacheOf(place: Place, { stackId, settings }: CacheStore): RoleGrants {
  const isGroup = settings.kind === "replication-group";
  return cacheGrants({
    ...place,
    kind: settings.kind,
    cacheId: cacheIdOf(settings),
    subnetGroupName: settings.subnetGroupName ?? stackId,
    parameterGroupPrefix: settings.parameterGroupPrefix ?? stackId,
    kept: settings.kept,
    iamUser: isGroup ? settings.iamUser : undefined,
    userGroupId: isGroup ? settings.userGroupId : undefined,
    logs: settings.logExports.length > 0,
    restored: settings.snapshotName !== undefined,
  });
}

function bastionOf(environment: Environment, place: Place, bastion: Bastion): RoleGrants {
  const { stackId, settings } = bastion;
  const { subnetIds } = environment.network;
  return bastionGrants({
    ...place,
    stackId,
    stackTag: tagOf(environment, stackId),
    subnetId: settings.subnetId ?? (subnetIds === "all" ? undefined : subnetIds[0]),
    imageParameters: IMAGE_PARAMETERS,
    agentPolicy: AGENT_POLICY,
  });
}

/** Even without alarms: they may be added later. */
function alarmsOf({ alarms }: Environment, place: Place, { stackId }: DataStore): RoleGrants {
  const topicName = alarms?.topicArn ? undefined : alarmName(stackId, "alarms");
  return alarmGrants({ ...place, stackId, topicName });
}

/** All keys in the settings, except the state's. */
function existingKeys({ databases, caches, encryption, alarms }: Environment): string[] {
  const written = JSON.stringify({ databases, caches, encryption, alarms });
  return [...new Set(written.match(/arn:[a-z-]+:kms:[^"]+/g) ?? [])];
}

/** A stack creates a key for its data, otherwise one for its topic. */
function aliasesOf({ encryption, alarms }: Environment, { stackId }: DataStore): string[] {
  const own = encryption.kind === "customer-managed";
  const topic =
    alarms && !alarms.topicArn && !alarms.kmsKeyArn && encryption.kind === "aws-managed";
  return [...(own ? [stackId] : []), ...(topic ? [alarmName(stackId, "alarms")] : [])];
}
