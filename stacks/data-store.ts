import type { Construct } from "constructs";
import { publishersOf } from "../constructs/alarms/publisher";
import { EncryptionKey } from "../constructs/encryption-key";
import type { StateBackendProps } from "../constructs/state-backend";
import type { CacheSettings } from "../settings/cache/cache";
import type { DataStore } from "../settings/data-stores";
import type { DatabaseSettings } from "../settings/database/database";
import type { ClientOfStores, Environment } from "../settings/environment";
import type { Kept } from "../settings/kept";
import { environmentTags } from "../settings/names";
import { backendAccess, providerAccess } from "../settings/terraform-access";
import type { AwsStackProps } from "./aws-stack";

// What the stacks of all data stores derive from their environment.

/** @param kept the existing resources that the stack keeps */
export function stackProps(environment: Environment, kept?: Kept): AwsStackProps {
  const { region, waivers, approvals, reasons } = environment;
  const access = providerAccess(environment);
  const tags = kept?.tags ? undefined : environmentTags(environment);
  return { region, access, tags, waivers, approvals, reasons };
}

export function backendProps(
  environment: Environment,
  { stateKey }: Pick<DataStore, "stateKey">,
): StateBackendProps {
  const { region, stateBucket } = environment;
  return {
    bucket: stateBucket.name,
    key: stateKey,
    region: stateBucket.region ?? region,
    kmsKeyArn: stateBucket.kmsKeyArn,
    access: backendAccess(environment),
  };
}

/** The clients that may connect to a data store, by name. */
export function clientsOf(
  { clients }: Environment,
  { name }: DataStore,
): Record<string, ClientOfStores> {
  return Object.fromEntries(
    Object.entries(clients).filter(([, { stores }]) => stores.includes(name)),
  );
}

/** The services that use a store's key, besides CloudWatch Logs and SNS. */
const ENCRYPTING: Readonly<Record<DataStore["kind"], readonly string[]>> = {
  database: ["rds", "secretsmanager"],
  cache: ["elasticache"],
};

/** The settings, with the environment's key as the default. */
export function databaseWithKey(
  settings: DatabaseSettings,
  keyArn: string | undefined,
): DatabaseSettings {
  const { storageEncrypted, performanceInsights, credentials } = settings;
  return {
    ...settings,
    kmsKeyArn: storageEncrypted ? (settings.kmsKeyArn ?? keyArn) : undefined,
    performanceInsights: performanceInsights && {
      ...performanceInsights,
      kmsKeyArn: performanceInsights.kmsKeyArn ?? keyArn,
    },
    credentials: { ...credentials, kmsKeyArn: credentials.kmsKeyArn ?? keyArn },
  };
}

/** A cluster has no encryption at rest. */
export function cacheWithKey(settings: CacheSettings, keyArn: string | undefined): CacheSettings {
  return settings.kind === "cluster"
    ? settings
    : { ...settings, kmsKeyArn: settings.kmsKeyArn ?? keyArn };
}

/** The key for everything whose settings name no key; undefined for AWS managed keys. */
export function keyArnOf(
  scope: Construct,
  { encryption, alarms, region, account }: Environment,
  { kind, stackId: name, settings: { preventDestroy } }: DataStore,
): string | undefined {
  if (encryption.kind !== "customer-managed") {
    return encryption.kind === "existing-key" ? encryption.kmsKeyArn : undefined;
  }
  const ownTopic = alarms && !alarms.topicArn && !alarms.kmsKeyArn;
  return new EncryptionKey(scope, "key", {
    name,
    address: "data",
    region,
    account,
    services: ENCRYPTING[kind],
    logs: true,
    publishers: ownTopic ? publishersOf(kind, name) : [],
    preventDestroy,
  }).arn;
}
