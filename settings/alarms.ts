import { z } from "zod";
import { text } from "../validation/pattern-string";
import { type FieldsRule, fieldsRule, rule, valueAt } from "../validation/rule";
import { inItsPartition, kmsKeyArnSchema } from "./account";
import { memoryGibOf, processorOf } from "./aws/instance-size";
import { type CacheThresholds, cacheThresholdsSchema } from "./cache/alarm-thresholds";
import type { CacheSettings } from "./cache/cache";
import {
  type StoreKind,
  type WrittenCache,
  type WrittenDatabase,
  type WrittenStore,
  type WrittenStores,
  writtenCaches,
  writtenDatabases,
} from "./data-stores";
import { type DatabaseThresholds, databaseThresholdsSchema } from "./database/alarm-thresholds";
import { usesFormula } from "./database/connection-limit";
import type { DatabaseSettings } from "./database/database";

const TOPIC_ARN = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}$/;

const topicArnSchema = text({
  pattern: TOPIC_ARN,
  what: "the full ARN of an SNS topic",
  must: "must be the full ARN of a standard SNS topic (RDS sends no events to a FIFO topic)",
  instead: 'Use "arn:aws:sns:<region>:<account>:<name>".',
}).check(inItsPartition(TOPIC_ARN, "topic"));

/** The region inside a well-formed topic ARN. */
export function topicRegion(arn: string): string | undefined {
  return TOPIC_ARN.exec(arn)?.[2];
}

const emailSchema = text({
  pattern: /^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/,
  what: "an email address",
  must: "must be an email address",
  instead: 'Use, for example, "ops@example.com".',
});

/** `ops_example_com`: the part of a subscription's Terraform address that stands for the email address. */
export function emailSlug(email: string): string {
  return email.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
}

const emailsSchema = z.array(emailSchema).check(
  rule<string[]>({
    holds: (emails) => new Set(emails.map(emailSlug)).size === emails.length,
    must: "must differ in their letters or digits, which name the subscriptions in Terraform",
    instead: "Remove the duplicate.",
  }),
);

const fields = z.strictObject({
  topicArn: topicArnSchema.optional().meta({
    purpose: "An existing SNS topic. Its policies must let CloudWatch and RDS publish.",
    absent: "each stack creates an encrypted topic",
  }),
  emails: emailsSchema.default([]).meta({
    purpose:
      "The email addresses that the created topics notify. SNS asks each address to confirm, once per stack.",
  }),
  kmsKeyArn: kmsKeyArnSchema.optional().meta({
    purpose:
      "The KMS key that encrypts the created topics. Its policy must let CloudWatch and RDS use it.",
    absent:
      "each stack creates a key, because AWS services cannot publish with the AWS managed key",
  }),
  database: databaseThresholdsSchema.prefault({}).meta({
    purpose: "Thresholds of every database.",
    link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
  }),
  cache: cacheThresholdsSchema.prefault({}).meta({
    purpose: "Thresholds of every cache.",
    link: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
  }),
});

type Fields = z.output<typeof fields>;

/** CloudWatch alarms on the data stores and RDS events, sent to an SNS topic. */
export const alarmsSchema = fields
  .check(
    fieldsRule<Fields>({
      fields: ["emails", "topicArn"],
      holds: ({ emails, topicArn }) => emails.length === 0 || topicArn === undefined,
      must: "must be absent with topicArn: the owner of the topic manages its subscriptions",
      instead: "Subscribe the addresses to that topic and remove emails, or remove topicArn.",
    }),
    fieldsRule<Fields>({
      fields: ["kmsKeyArn", "topicArn"],
      holds: ({ kmsKeyArn, topicArn }) => kmsKeyArn === undefined || topicArn === undefined,
      must: "must be absent with topicArn: the topic has its own encryption",
      instead: "Remove one of them.",
    }),
  )
  .describe("the settings of the alarms ({} for topics that the stacks create)");

export type AlarmsSettings = z.output<typeof alarmsSchema>;

/** The settings that the rules on alarms read. */
interface Environment extends WrittenStores {
  readonly production: boolean;
  readonly region: string;
  readonly alarms?: AlarmsSettings | undefined;
  readonly reasons: { readonly alarms?: string | undefined };
}

type Rule = FieldsRule<Environment>;

const environmentRules: readonly Rule[] = [
  {
    fields: ["alarms", "production", "reasons.alarms"],
    holds: ({ alarms, production, reasons }) =>
      !production || alarms !== undefined || reasons.alarms !== undefined,
    must: "must be set in production: otherwise nobody is notified before the storage is full",
    instead:
      'Set alarms: { emails: ["ops@example.com"] } or alarms: { topicArn: "arn:aws:sns:…" }, or give the reason in `reasons.alarms`.',
  },
  {
    fields: ["reasons.alarms", "alarms"],
    holds: ({ alarms, reasons }) => alarms === undefined || reasons.alarms === undefined,
    must: "must be absent with alarms",
    instead: "Remove the reason.",
  },
  {
    fields: ["alarms.topicArn", "region"],
    holds: ({ alarms, region }) =>
      alarms?.topicArn === undefined || topicRegion(alarms.topicArn) === region,
    must: ({ region }) => `must be a topic in the environment's region ${region}`,
    instead: "Use a topic of that region.",
  },
];

function isSized(instanceClass: string): boolean {
  return processorOf(instanceClass) !== undefined && memoryGibOf(instanceClass) !== undefined;
}

function unsizedReplicas({ readReplicas }: DatabaseSettings): string[] {
  return Object.values(readReplicas)
    .map(({ instanceClass }) => instanceClass)
    .filter((instanceClass) => instanceClass !== undefined)
    .filter((instanceClass) => !isSized(instanceClass));
}

function databaseSizeRules({ at, settings }: WrittenDatabase): readonly Rule[] {
  return [
    {
      fields: [`${at}.instanceClass`, "alarms"],
      holds: ({ alarms }) => !alarms || isSized(settings.instanceClass),
      must: "must have a size that its family has, because alarm thresholds are percentages of its capacity",
      instead: 'Use, for example, "db.t4g.micro" or "db.m7g.large".',
    },
    {
      fields: [`${at}.readReplicas`, "alarms"],
      holds: ({ alarms }) => !alarms || unsizedReplicas(settings).length === 0,
      must: "must have instance classes with sizes that their families have, because alarm thresholds are percentages of their capacity",
      got: () => unsizedReplicas(settings),
      instead: 'Use, for example, "db.t4g.micro" or "db.m7g.large".',
    },
    {
      fields: [`${at}.parameters`, "alarms"],
      at: `${at}.parameters.max_connections`,
      holds: ({ alarms }) => !alarms || !usesFormula(settings.parameters),
      must: "must be a number in an environment with alarms, because an alarm threshold is a percentage of it",
      instead: "Use the result of the formula, or remove the parameter to use the default.",
    },
    freeStorageRule(at, settings),
  ];
}

function freeStorageRule(at: string, settings: DatabaseSettings): Rule {
  const own = `${at}.alarms.freeStorageGib`;
  const isOwn = settings.alarms?.freeStorageGib !== undefined;
  return {
    fields: [own, "alarms.database.freeStorageGib", `${at}.allocatedStorageGib`],
    at: isOwn ? own : "alarms.database.freeStorageGib",
    holds: ({ alarms }) =>
      !alarms ||
      (databaseThresholds(alarms, settings).freeStorageGib ?? 0) < settings.allocatedStorageGib,
    must: `must be less than ${at}.allocatedStorageGib, which is ${settings.allocatedStorageGib}`,
    instead: "Lower it, or remove it to use a tenth of the storage.",
  };
}

function cacheSizeRule({ at, settings }: WrittenCache): Rule {
  return {
    fields: [`${at}.nodeType`, "alarms"],
    holds: ({ alarms }) => !alarms || !!processorOf(settings.nodeType),
    must: "must have a size that its family has, because alarm thresholds are percentages of its capacity",
    instead: 'Use, for example, "cache.t4g.micro" or "cache.m7g.large".',
  };
}

function hasCredits(instanceClass: string): boolean {
  return processorOf(instanceClass)?.cpuCreditsPerHour !== undefined;
}

interface Sized {
  /** The path of the store. */
  readonly at: string;
  /** The path of its class. */
  readonly classAt: string;
  readonly className: string;
}

/** A class without CPU credits sends no data for this alarm. */
function sharedCreditsRule(kind: StoreKind, stores: readonly Sized[]): Rule {
  const classes = [...new Set(stores.map(({ className }) => className))];
  return {
    fields: [`alarms.${kind}.cpuCredits`, ...stores.map(({ classAt }) => classAt)],
    holds: ({ alarms }) =>
      alarms?.[kind].cpuCredits === undefined || classes.length === 0 || classes.some(hasCredits),
    must: `must be absent for ${classes.join(" and ")}, which ${classes.length === 1 ? "has" : "have"} no CPU credits`,
    instead: "Remove it.",
  };
}

function ownCreditsRule({ at, classAt, className }: Sized): Rule {
  return {
    fields: [`${at}.alarms.cpuCredits`, classAt],
    holds: (environment) =>
      valueAt(environment, `${at}.alarms.cpuCredits`.split(".")) === undefined ||
      hasCredits(className),
    must: `must be absent for ${className}, which has no CPU credits`,
    instead: "Remove it.",
  };
}

function ownThresholdsRule({ at, settings }: WrittenStore): Rule {
  return {
    fields: [`${at}.alarms`, "alarms"],
    holds: ({ alarms }) => alarms !== undefined || settings.alarms === undefined,
    must: "must be absent in an environment without alarms",
    instead: "Set the environment's `alarms` too, or remove this setting.",
  };
}

/** The rules between the alarms and the other settings of an environment. */
export function alarmsRules(environment: WrittenStores): readonly Rule[] {
  const databases = writtenDatabases(environment);
  const caches = writtenCaches(environment);
  const instances = databases.map(({ at, settings: { instanceClass: className } }) => ({
    at,
    classAt: `${at}.instanceClass`,
    className,
  }));
  const nodes = caches.map(({ at, settings: { nodeType: className } }) => ({
    at,
    classAt: `${at}.nodeType`,
    className,
  }));
  return [
    ...environmentRules,
    ...databases.flatMap(databaseSizeRules),
    ...caches.map(cacheSizeRule),
    sharedCreditsRule("database", instances),
    sharedCreditsRule("cache", nodes),
    ...[...instances, ...nodes].map(ownCreditsRule),
    ...[...databases, ...caches].map(ownThresholdsRule),
  ];
}

/** The thresholds of one database: each its own if set, otherwise the environment's. */
export function databaseThresholds(
  { database }: AlarmsSettings,
  { alarms: own }: Pick<DatabaseSettings, "alarms">,
): DatabaseThresholds {
  return merged(database, own);
}

/** The thresholds of one cache: each its own if set, otherwise the environment's. */
export function cacheThresholds(
  { cache }: AlarmsSettings,
  { alarms: own }: Pick<CacheSettings, "alarms">,
): CacheThresholds {
  return merged(cache, own);
}

function merged<Thresholds extends object>(
  shared: Thresholds,
  own: { readonly [Key in keyof Thresholds]?: Thresholds[Key] | undefined } = {},
): Thresholds {
  const set = Object.entries(own).filter(([, threshold]) => threshold !== undefined);
  return { ...shared, ...Object.fromEntries(set) };
}
