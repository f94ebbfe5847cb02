import { z } from "zod";
import { kmsKeyArnSchema } from "./account";
import { usesFormula } from "./connection-limit";
import { memoryGibOf, processorOf } from "./instance-size";
import { wholeNumber } from "./number";
import { fieldsRule, rule } from "./rule";
import { text } from "./text";

const TOPIC_ARN = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}$/;

const topicArnSchema = text({
  pattern: TOPIC_ARN,
  what: "the full ARN of an SNS topic",
  must: "must be the full ARN of a standard SNS topic (RDS sends no events to a FIFO topic)",
  instead: 'Write "arn:aws:sns:<region>:<account>:<name>".',
});

/** The region inside a well-formed topic ARN. */
export function topicRegion(arn: string): string | undefined {
  return TOPIC_ARN.exec(arn)?.[2];
}

const emailSchema = text({
  pattern: /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/,
  what: "an email address",
  must: "must be an email address",
  instead: 'Write for example "ops@example.com".',
});

/** `ops_example_com`: what stands for an email address in the address of its subscription. */
export function emailSlug(email: string): string {
  return email.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
}

const emailsSchema = z.array(emailSchema).check(
  rule<string[]>({
    holds: (emails) => new Set(emails.map(emailSlug)).size === emails.length,
    must: "must differ in letters and digits, which make the addresses of their subscriptions",
    instead: "Remove the repeated one.",
  }),
);

/** Nothing is above 100. */
const percent = { from: 1, to: 99, unit: "per cent" };
const cpuCreditsSchema = wholeNumber({ from: 1, to: 4608, unit: "credits" });

/** The most connections that a node of ElastiCache has. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html */
const MAX_CACHE_CONNECTIONS = 65_000;

// Where no other source is named, the defaults are AWS's own recommendations:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html

/** When the database's alarms go off. */
const databaseThresholds = z.strictObject({
  cpuPercent: wholeNumber(percent).default(90),
  /**
   * Only for burstable classes.
   * @default - what the class earns in an hour
   */
  cpuCredits: cpuCreditsSchema.optional(),
  /** @default - a tenth of allocatedStorageGib, at which storage autoscaling acts too */
  freeStorageGib: wholeNumber({ from: 1, to: 65_536, unit: "GiB" }).optional(),
  /** Of the class's memory. AWS's ideal is 25, below which PostgreSQL keeps the small classes all the time. */
  freeableMemoryPercent: wholeNumber(percent).default(10),
  /** Of the most connections that PostgreSQL takes. AWS's 90 to 95 would leave no time: it is an estimate. */
  connectionsPercent: wholeNumber(percent).default(80),
  replicaLagSeconds: wholeNumber({ from: 1, to: 86_400, unit: "seconds" }).default(60),
  /** From 200 million on autovacuum works against it, near 2100 million PostgreSQL stops writing. */
  usedTransactionIdsMillions: wholeNumber({ from: 201, to: 2000, unit: "millions" }).default(1000),
});

/** When the cache's alarms go off; for most, AWS leaves the number to who knows the application. */
const cacheThresholds = z.strictObject({
  /** Of the core that the engine runs on. */
  cpuPercent: wholeNumber(percent).default(90),
  /**
   * Only for burstable node types.
   * @default - what the node type earns in an hour
   */
  cpuCredits: cpuCreditsSchema.optional(),
  memoryPercent: wholeNumber(percent).default(90),
  evictionsPerMinute: wholeNumber({ from: 0, to: 1_000_000_000, unit: "keys" }).default(1000),
  connections: wholeNumber({ from: 1, to: MAX_CACHE_CONNECTIONS, unit: "connections" }).default(
    MAX_CACHE_CONNECTIONS * 0.8,
  ),
  replicationLagSeconds: wholeNumber({ from: 1, to: 86_400, unit: "seconds" }).default(10),
});

const fields = z.strictObject({
  /**
   * A topic that exists; its policies must let CloudWatch and RDS publish.
   * @default - each stack makes one of its own, encrypted
   */
  topicArn: topicArnSchema.optional(),
  /** Who is told by the topics that the stacks make; SNS asks each address to confirm, once for each stack. */
  emails: emailsSchema.default([]),
  /**
   * Encrypts the topics that the stacks make; its key policy must let CloudWatch and RDS use it.
   * @default - each stack makes a key of its own: SNS's managed key lets no service publish
   */
  kmsKeyArn: kmsKeyArnSchema.optional(),
  database: databaseThresholds.prefault({}),
  cache: cacheThresholds.prefault({}),
});

type Fields = z.output<typeof fields>;

/** CloudWatch alarms on both data stores and the events of RDS, to an SNS topic. */
export const alarmsSchema = fields
  .check(
    fieldsRule<Fields>({
      fields: ["emails", "topicArn"],
      holds: ({ emails, topicArn }) => emails.length === 0 || topicArn === undefined,
      must: "must be absent with a topicArn, whose subscriptions are its owner's",
      instead: "Subscribe them to that topic, or remove topicArn.",
    }),
    fieldsRule<Fields>({
      fields: ["kmsKeyArn", "topicArn"],
      holds: ({ kmsKeyArn, topicArn }) => kmsKeyArn === undefined || topicArn === undefined,
      must: "must be absent with a topicArn, which has its own encryption",
      instead: "Remove one of them.",
    }),
  )
  .describe("the alarms and who hears them, {} for topics that the stacks make");

export type AlarmsSettings = z.output<typeof alarmsSchema>;

/** What the rules between alarms and the rest of an environment read. */
interface Environment {
  readonly production: boolean;
  readonly region: string;
  readonly alarms?: AlarmsSettings | undefined;
  readonly reasons: { readonly alarms?: string | undefined };
  readonly database: {
    readonly instanceClass: string;
    readonly allocatedStorageGib: number;
    readonly parameters: Readonly<Record<string, string>>;
    readonly readReplicas: Readonly<
      Record<string, { readonly instanceClass?: string | undefined }>
    >;
  };
  readonly cache: { readonly nodeType: string };
}

const reasonRules = [
  fieldsRule<Environment>({
    fields: ["alarms", "production", "reasons.alarms"],
    holds: ({ alarms, production, reasons }) =>
      !production || alarms !== undefined || reasons.alarms !== undefined,
    must: "must be set in production, or nobody hears of a full disk before the users do",
    instead:
      'Write alarms: { emails: ["ops@example.com"] } or alarms: { topicArn: "arn:aws:sns:…" }, or say why not in `reasons.alarms`.',
  }),
  fieldsRule<Environment>({
    fields: ["reasons.alarms", "alarms"],
    holds: ({ alarms, reasons }) => alarms === undefined || reasons.alarms === undefined,
    must: "must be absent where there are alarms",
    instead: "Remove the reason.",
  }),
];

function isSized(instanceClass: string): boolean {
  return processorOf(instanceClass) !== undefined && memoryGibOf(instanceClass) !== undefined;
}

function unsizedReplicas({ database }: Environment): string[] {
  return Object.values(database.readReplicas)
    .map(({ instanceClass }) => instanceClass)
    .filter((instanceClass) => instanceClass !== undefined)
    .filter((instanceClass) => !isSized(instanceClass));
}

const sizeRules = [
  fieldsRule<Environment>({
    fields: ["database.instanceClass", "alarms"],
    holds: ({ alarms, database: { instanceClass } }) => !alarms || isSized(instanceClass),
    must: "must have a size that its family has, because alarms are shares of it",
    instead: 'Write for example "db.t4g.micro" or "db.m7g.large".',
  }),
  fieldsRule<Environment>({
    fields: ["database.readReplicas", "alarms"],
    holds: (environment) => !environment.alarms || unsizedReplicas(environment).length === 0,
    must: "must have classes of sizes that their families have, because alarms are shares of them",
    got: unsizedReplicas,
    instead: 'Write for example "db.t4g.micro" or "db.m7g.large".',
  }),
  fieldsRule<Environment>({
    fields: ["cache.nodeType", "alarms"],
    holds: ({ alarms, cache: { nodeType } }) => !alarms || !!processorOf(nodeType),
    must: "must have a size that its family has, because alarms are shares of it",
    instead: 'Write for example "cache.t4g.micro" or "cache.m7g.large".',
  }),
];

/** Credits of a class that has none would be an alarm without data. */
function creditsRule(
  store: "database" | "cache",
  at: string,
  classOf: (of: Environment) => string,
) {
  return fieldsRule<Environment>({
    fields: [`alarms.${store}.cpuCredits`, at],
    holds: (environment) =>
      environment.alarms?.[store].cpuCredits === undefined ||
      processorOf(classOf(environment))?.cpuCreditsPerHour !== undefined,
    must: (environment) => `must be absent for ${classOf(environment)}, which shows no CPU credits`,
    instead: "Remove it.",
  });
}

/** What must hold between the alarms and the rest of an environment. */
export const alarmsRules = [
  ...reasonRules,
  ...sizeRules,
  creditsRule("database", "database.instanceClass", ({ database }) => database.instanceClass),
  creditsRule("cache", "cache.nodeType", ({ cache }) => cache.nodeType),
  fieldsRule<Environment>({
    fields: ["alarms.topicArn", "region"],
    holds: ({ alarms, region }) =>
      alarms?.topicArn === undefined || topicRegion(alarms.topicArn) === region,
    must: ({ region }) => `must be a topic in the environment's region ${region}`,
    instead: "Name a topic of that region.",
  }),
  fieldsRule<Environment>({
    fields: ["alarms.database.freeStorageGib", "database.allocatedStorageGib"],
    holds: ({ alarms, database }) =>
      (alarms?.database.freeStorageGib ?? 0) < database.allocatedStorageGib,
    must: ({ database }) =>
      `must be less than allocatedStorageGib, which is ${database.allocatedStorageGib}`,
    instead: "Write less, or leave it out for a tenth.",
  }),
  fieldsRule<Environment>({
    fields: ["database.parameters", "alarms"],
    at: "database.parameters.max_connections",
    holds: ({ alarms, database }) => !alarms || !usesFormula(database.parameters),
    must: "must be a number where there are alarms, which are a share of it",
    instead: "Write what the formula comes to, or remove it for the default.",
  }),
];
