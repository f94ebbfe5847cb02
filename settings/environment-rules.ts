import { type FieldsRule, isObject, valueAt } from "../validation/rule";
import { didYouMean, nearest } from "../validation/suggestion";
import { kmsKeyRegion, partitionOf, roleAccount, rolePartition } from "./account";
import { dbClassOfferIn, similarClassIn } from "./aws/offers";
import type { Clients } from "./client";
import {
  type WrittenCache,
  type WrittenDatabase,
  type WrittenStores,
  writtenCaches,
  writtenDatabases,
} from "./data-stores";
import type { DatabaseSettings } from "./database/database";
import { restoreOrigin } from "./database/restore";

/** The settings that the rules of an environment read. */
interface Environment extends WrittenStores {
  readonly production: boolean;
  readonly region: string;
  readonly account?: string | undefined;
  readonly stateBucket: {
    readonly region?: string | undefined;
    readonly kmsKeyArn?: string | undefined;
  };
  readonly clients: Clients;
}

type Rule = FieldsRule<Environment>;

function kmsKeyRule(at: string): Rule {
  return {
    fields: [at, "region"],
    holds: (environment) => {
      const arn = valueAt(environment, at.split(".")) as string | undefined;
      return arn === undefined || kmsKeyRegion(arn) === environment.region;
    },
    must: ({ region }) => `must be a key in the environment's region ${region}`,
    instead: "Use a key of that region.",
  };
}

/** `us-west-2a`, or a local zone: `us-west-2-lax-1a`. */
function isZoneOf(region: string, zone: string): boolean {
  return (
    zone.startsWith(region) && /^([a-z]|-[a-z]{3}-[0-9][a-z])$/.test(zone.slice(region.length))
  );
}

function zoneRule(at: string): Rule {
  return {
    fields: [at, "region"],
    holds: (environment) => {
      const named = valueAt(environment, at.split(".")) as string | string[] | undefined;
      return [named ?? []].flat().every((zone) => isZoneOf(environment.region, zone));
    },
    must: ({ region }) => `must be in the environment's region ${region}`,
    instead: ({ region }) => `Use, for example, "${region}a".`,
  };
}

function replicaZonesOf({ readReplicas }: DatabaseSettings): string[] {
  return Object.values(readReplicas).flatMap(({ availabilityZone }) => availabilityZone ?? []);
}

function unprotectedReplicas({ readReplicas }: DatabaseSettings): string[] {
  return Object.entries(readReplicas)
    .filter(([, { deletionProtection }]) => deletionProtection === false)
    .map(([name]) => name);
}

function databaseRules({ at, settings }: WrittenDatabase): Rule[] {
  return [
    kmsKeyRule(`${at}.kmsKeyArn`),
    kmsKeyRule(`${at}.credentials.kmsKeyArn`),
    kmsKeyRule(`${at}.performanceInsights.kmsKeyArn`),
    zoneRule(`${at}.availabilityZone`),
    {
      fields: [`${at}.readReplicas`, "region"],
      holds: ({ region }) => replicaZonesOf(settings).every((zone) => isZoneOf(region, zone)),
      must: ({ region }) => `must be in the environment's region ${region}`,
      got: () => replicaZonesOf(settings),
      instead: ({ region }) => `Use, for example, "${region}a" as availabilityZone.`,
    },
    monitoringRoleRule(at, settings),
    partitionRule(`${at}.enhancedMonitoring.roleArn`),
    restoreRegionRule(at, settings),
    ...offerRules(at, settings),
    ...protectionRules(at, settings),
  ];
}

function monitoringRoleRule(at: string, { enhancedMonitoring }: DatabaseSettings): Rule {
  return {
    fields: [`${at}.enhancedMonitoring.roleArn`, "account"],
    holds: ({ account }) =>
      !enhancedMonitoring?.roleArn ||
      !account ||
      roleAccount(enhancedMonitoring.roleArn) === account,
    must: ({ account }) => `must be a role of the environment's account ${account}`,
    instead: "Use a role of that account.",
  };
}

function partitionRule(at: string): Rule {
  return {
    fields: [at, "region"],
    holds: (environment) => {
      const role = valueAt(environment, at.split(".")) as string | undefined;
      return role === undefined || rolePartition(role) === partitionOf(environment.region);
    },
    must: ({ region }) => `must be a role in the partition ${partitionOf(region)}`,
    instead: "Copy the ARN from the role's page in the IAM console.",
  };
}

function restoreRegionRule(at: string, { restoreFrom }: DatabaseSettings): Rule {
  return {
    fields: [`${at}.restoreFrom`, "region"],
    holds: ({ region }) => {
      const origin = restoreFrom && restoreOrigin(restoreFrom);
      return !origin || (origin.region === region && origin.partition === partitionOf(region));
    },
    must: ({ region }) => `must name a snapshot or backups in the environment's region ${region}`,
    instead: "Copy the snapshot to that region, and use the copy.",
  };
}

const REFRESH = "If AWS now offers the refused class, run npm run refresh-offers.";

/** Not every region has every class. */
function offerRules(at: string, settings: DatabaseSettings): Rule[] {
  const similar = (region: string, instanceClass: string) => {
    const other = similarClassIn(region, instanceClass);
    return `${other ? `Use, for example, "${other}".` : "Use an instance class of another family."} ${REFRESH}`;
  };
  const replicas = (region: string) =>
    Object.values(settings.readReplicas)
      .map(({ instanceClass }) => instanceClass ?? "")
      .filter((one) => one && dbClassOfferIn(region, one) === "not offered");
  return [
    {
      fields: [`${at}.instanceClass`, "region"],
      holds: ({ region }) => dbClassOfferIn(region, settings.instanceClass) !== "not offered",
      must: ({ region }) => `must be an instance class that RDS for PostgreSQL offers in ${region}`,
      instead: ({ region }) => similar(region, settings.instanceClass),
    },
    {
      fields: [`${at}.readReplicas`, "region"],
      holds: ({ region }) => replicas(region).length === 0,
      must: ({ region }) =>
        `must have instance classes that RDS for PostgreSQL offers in ${region}`,
      got: ({ region }) => replicas(region),
      instead: ({ region }) => similar(region, replicas(region)[0] ?? ""),
    },
  ];
}

function protectionRules(at: string, settings: DatabaseSettings): Rule[] {
  const isExcused = () => settings.reasons.deletionProtection !== undefined;
  const reason = `${at}.reasons.deletionProtection`;
  return [
    {
      fields: ["production", `${at}.deletionProtection`, reason],
      at: `${at}.deletionProtection`,
      holds: ({ production }) => !production || settings.deletionProtection || isExcused(),
      must: "requires a reason in production, because one wrong apply deletes the database",
      instead: `Set it to true, or give the reason in \`${reason}\`.`,
    },
    {
      fields: ["production", `${at}.readReplicas`, reason],
      at: `${at}.readReplicas`,
      holds: ({ production }) =>
        !production || isExcused() || unprotectedReplicas(settings).length === 0,
      must: "requires a reason in production, because one wrong apply deletes the replica that readers use",
      got: () => unprotectedReplicas(settings),
      instead: `Remove it, or give the reason in \`${reason}\`.`,
    },
  ];
}

function cacheRules({ at }: WrittenCache): Rule[] {
  return [
    kmsKeyRule(`${at}.kmsKeyArn`),
    zoneRule(`${at}.availabilityZone`),
    zoneRule(`${at}.availabilityZones`),
  ];
}

const bucketKeyRule: Rule = {
  fields: ["stateBucket.kmsKeyArn", "stateBucket.region", "region"],
  holds: ({ stateBucket, region }) =>
    !stateBucket.kmsKeyArn ||
    kmsKeyRegion(stateBucket.kmsKeyArn) === (stateBucket.region ?? region),
  must: "must be a key in the state bucket's region",
  instead: "Use a key of that region.",
};

function roleAccountRule(at: string, accountAt: string, owner: string): Rule {
  return {
    fields: [`${at}.roleArn`, accountAt],
    holds: (environment) => {
      const role = valueAt(environment, `${at}.roleArn`.split(".")) as string | undefined;
      const account = valueAt(environment, accountAt.split("."));
      return role === undefined || account === undefined || roleAccount(role) === account;
    },
    must: (environment) =>
      `must be a role of ${owner} account ${valueAt(environment, accountAt.split("."))}`,
    instead: "Use a role of that account.",
  };
}

/** The names of all stores, including invalid ones, which a client may name. */
function storeNames({ database, cache, databases, caches }: WrittenStores): string[] {
  return [
    ...(database === undefined ? [] : ["database"]),
    ...(cache === undefined ? [] : ["cache"]),
    ...Object.keys(isObject(databases) ? databases : {}),
    ...Object.keys(isObject(caches) ? caches : {}),
  ];
}

function clientRules({ clients, ...stores }: Environment): Rule[] {
  const names = storeNames(stores);
  const unknown = (client: string) =>
    (clients[client]?.stores ?? []).filter((name) => !names.includes(name));
  return Object.keys(isObject(clients) ? clients : {}).map((client) => ({
    fields: [`clients.${client}.stores`],
    holds: () => unknown(client).length === 0,
    must: "must name data stores of the environment",
    got: () => unknown(client),
    instead: () =>
      didYouMean(nearest(unknown(client)[0] ?? "", names), `Use one of: ${names.join(", ")}.`),
  }));
}

/** The rules between the settings of an environment. */
export function environmentRules(environment: Environment): readonly Rule[] {
  return [
    ...writtenDatabases(environment).flatMap(databaseRules),
    ...writtenCaches(environment).flatMap(cacheRules),
    kmsKeyRule("alarms.kmsKeyArn"),
    kmsKeyRule("encryption.kmsKeyArn"),
    bucketKeyRule,
    partitionRule("assumeRole.roleArn"),
    partitionRule("stateBucket.assumeRole.roleArn"),
    roleAccountRule("assumeRole", "account", "the environment's"),
    roleAccountRule("stateBucket.assumeRole", "stateBucket.account", "the bucket's"),
    ...clientRules(environment),
  ];
}
