import { z } from "zod";
import { accountSchema, kmsKeyRegion, regionSchema, roleAccount } from "./account";
import { alarmsRules, alarmsSchema } from "./alarms";
import { cacheIdOf, cacheSchema } from "./cache";
import { clientsSchema, type DataStore } from "./client";
import { databaseSchema } from "./database";
import { freeTierRules } from "./free-tier";
import { identifier } from "./identifier";
import { replicaIdentifier, stackId } from "./names";
import { networkSchema } from "./network";
import { type Problem, parseSettings, problem, SettingsError } from "./problem";
import { fieldsRule, rule, valueAt } from "./rule";
import { stateBucketSchema } from "./state-bucket";
import { tagsSchema } from "./tags";
import { text } from "./text";
import { waiversSchema } from "./waivers";
import { reasonSchema } from "./weakening";

const appSchema = identifier(30, 'the app\'s name, such as "news-api"').check(
  // Security groups may not start with sg-, SSM parameters may not start with /aws or /ssm.
  rule<string>({
    holds: (app) => !/^(sg-|aws|ssm)/.test(`${app}-`),
    must: 'must not start with "aws", "ssm" or "sg-", which AWS keeps for its own names',
    instead: "Choose another name.",
  }),
);

const fields = z.strictObject({
  app: appSchema,
  name: identifier(20, 'the environment\'s name, such as "dev"'),
  /** Whether this environment's data matters: then weakening deletion protection costs a reason too. */
  production: z.boolean().default(true),
  /**
   * `free-tier` refuses what AWS's free tier does not have.
   * @default - no limit
   */
  budget: z.enum(["free-tier"]).optional(),
  region: regionSchema,
  /**
   * Terraform refuses to run with credentials of another account.
   * @default - whatever account the credentials belong to
   */
  account: accountSchema.optional(),
  stateBucket: stateBucketSchema.describe("the bucket that holds the Terraform state"),
  network: networkSchema.describe("the VPC and subnets that the data stores live in"),
  clients: clientsSchema,
  database: databaseSchema,
  cache: cacheSchema,
  /** @default - no alarms, which in production costs a reason: who is to be told is not for us to guess */
  alarms: alarmsSchema.optional(),
  reasons: z.strictObject({ alarms: reasonSchema.optional() }).default({}),
  /**
   * The IAM role that ECS starts the application's tasks with: each stack lets it read the connection.
   * @default - none; the policy is an output, to attach by hand
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
   */
  executionRoleName: text({
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
    pattern: /^[\w+=,.@-]{1,64}$/,
    what: "the name of the IAM role that ECS starts the tasks with",
    must: "must be a role's name: 1 to 64 letters, digits and _+=,.@- (not its ARN)",
    instead: "Write what stands behind the last slash of its ARN.",
  }).optional(),
  tags: tagsSchema.default({}),
  /** What `npm run controls` would call violated, and why it is right here; it ends up in the JSON. */
  waivers: waiversSchema.default({}),
});

type Fields = z.output<typeof fields>;

function textAt(environment: Fields, at: string): string | undefined {
  return valueAt(environment, at.split(".")) as string | undefined;
}

function isZoneOf(region: string, zone: string): boolean {
  return zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length));
}

function replicaZonesOf({ readReplicas }: Fields["database"]): string[] {
  return Object.values(readReplicas).flatMap(({ availabilityZone }) => availabilityZone ?? []);
}

function kmsKeyRule(at: string) {
  return fieldsRule<Fields>({
    fields: [at, "region"],
    holds: (environment) => {
      const arn = textAt(environment, at);
      return arn === undefined || kmsKeyRegion(arn) === environment.region;
    },
    must: ({ region }) => `must be a key in the environment's region ${region}`,
    instead: "Name a key of that region.",
  });
}

function zoneRule(at: string) {
  return fieldsRule<Fields>({
    fields: [at, "region"],
    holds: (environment) => {
      const { region } = environment;
      const named = valueAt(environment, at.split(".")) as string | string[] | undefined;
      return [named ?? []].flat().every((zone) => isZoneOf(region, zone));
    },
    must: ({ region }) => `must be in the environment's region ${region}`,
    instead: ({ region }) => `Write for example "${region}a".`,
  });
}

function unprotectedReplicas({ readReplicas }: Fields["database"]): string[] {
  return Object.entries(readReplicas)
    .filter(([, { deletionProtection }]) => deletionProtection === false)
    .map(([name]) => name);
}

const rules = [
  kmsKeyRule("database.kmsKeyArn"),
  kmsKeyRule("database.credentials.kmsKeyArn"),
  kmsKeyRule("database.performanceInsights.kmsKeyArn"),
  kmsKeyRule("cache.kmsKeyArn"),
  kmsKeyRule("alarms.kmsKeyArn"),
  zoneRule("database.availabilityZone"),
  fieldsRule<Fields>({
    fields: ["database.readReplicas", "region"],
    holds: ({ database, region }) =>
      replicaZonesOf(database).every((zone) => isZoneOf(region, zone)),
    must: ({ region }) => `must be in the environment's region ${region}`,
    got: ({ database }) => replicaZonesOf(database),
    instead: ({ region }) => `Write for example "${region}a" as availabilityZone.`,
  }),
  zoneRule("cache.availabilityZone"),
  zoneRule("cache.availabilityZones"),
  fieldsRule<Fields>({
    fields: ["stateBucket.kmsKeyArn", "stateBucket.region", "region"],
    holds: ({ stateBucket, region }) =>
      !stateBucket.kmsKeyArn ||
      kmsKeyRegion(stateBucket.kmsKeyArn) === (stateBucket.region ?? region),
    must: "must be a key in the state bucket's region",
    instead: "Name a key of that region.",
  }),
  fieldsRule<Fields>({
    fields: ["database.enhancedMonitoring.roleArn", "account"],
    holds: ({ database: { enhancedMonitoring }, account }) =>
      !enhancedMonitoring?.roleArn ||
      !account ||
      roleAccount(enhancedMonitoring.roleArn) === account,
    must: ({ account }) => `must be a role of the environment's account ${account}`,
    instead: "Name a role of that account.",
  }),
  fieldsRule<Fields>({
    fields: ["cache.securityGroupName", "database.securityGroupName"],
    holds: ({ cache, database }) =>
      cache.securityGroupName === undefined ||
      cache.securityGroupName !== database.securityGroupName,
    must: "must not be the database's: a name is unique in its VPC",
    instead: "Rename one of them.",
  }),
  fieldsRule<Fields>({
    fields: ["production", "database.deletionProtection", "database.reasons.deletionProtection"],
    at: "database.deletionProtection",
    holds: ({ production, database: { deletionProtection, reasons } }) =>
      !production || deletionProtection || reasons.deletionProtection !== undefined,
    must: "must not be weakened in production without a reason: one wrong apply deletes the database",
    instead: "Write true, or say why in `database.reasons.deletionProtection`.",
  }),
  fieldsRule<Fields>({
    fields: ["production", "database.readReplicas", "database.reasons.deletionProtection"],
    at: "database.readReplicas",
    holds: ({ production, database }) =>
      !production ||
      database.reasons.deletionProtection !== undefined ||
      unprotectedReplicas(database).length === 0,
    must: "must not lose deletion protection in production without a reason: one wrong apply deletes what others read from",
    got: ({ database }) => unprotectedReplicas(database),
    instead: "Leave it out, or say why in `database.reasons.deletionProtection`.",
  }),
];

/** An environment: one deployment of an app's data stores, as an operator writes it. */
export const environmentSchema = fields.check(...rules, ...alarmsRules, ...freeTierRules);

/** What an operator writes: defaults may be left out. */
export type EnvironmentSettings = z.input<typeof environmentSchema>;
/** A validated environment, with every default filled in: what the stacks take. */
export type Environment = z.output<typeof environmentSchema>;

/**
 * Parses one environment.
 * @throws SettingsError with all problems at once.
 */
export function parseEnvironment(input: unknown): Environment {
  return parseSettings(environmentSchema, input, subjectOf(input));
}

/**
 * Parses all environments of the app, and what must hold between them.
 * @throws SettingsError with all problems of all environments.
 */
export function parseEnvironments(inputs: readonly unknown[]): Environment[] {
  const environments: Environment[] = [];
  const errors: SettingsError[] = [];
  for (const input of inputs) {
    try {
      environments.push(parseEnvironment(input));
    } catch (error) {
      if (!(error instanceof SettingsError)) {
        throw error;
      }
      errors.push(error);
    }
  }
  const clashes = clashesOf(environments);
  if (clashes.length > 0) {
    errors.push(new SettingsError("the environments together", clashes));
  }
  if (errors.length > 0) {
    throw errors.length === 1 ? errors[0] : combined(errors);
  }
  return environments;
}

function combined(errors: readonly SettingsError[]): SettingsError {
  const problems = errors.flatMap(({ subject, problems }) =>
    problems.map(({ path, ...parts }) => problem(`${subject}: ${path}`, parts)),
  );
  return new SettingsError("the environments", problems);
}

function subjectOf(input: unknown): string {
  const name = (input as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? `environment ${name}` : "the environment";
}

/** What may belong to one environment only, and how a message calls it. */
const UNIQUE: readonly {
  readonly path: string;
  /** None in an environment that has no such thing. */
  readonly of: (environment: Environment) => readonly string[];
  readonly must: string;
  /** Its default comes from the environment's name, whose own clash says enough. */
  readonly followsName?: true;
}[] = [
  {
    path: "name",
    of: (environment) => [stackId(environment, "database")],
    must: "must give stacks and states of its own (app and name together)",
  },
  {
    path: "database.identifier",
    of: (environment) =>
      databaseIdentifiersOf(environment).map((identifier) => `${place(environment)} ${identifier}`),
    must: "must be unique in its account and region",
  },
  {
    path: "cache.kind",
    of: (environment) => [`${place(environment)} ${cacheIdOf(environment.cache)}`],
    must: "must have an id that is unique in its account and region",
  },
  {
    path: "cache.iamUser",
    of: (environment) =>
      environment.cache.kind === "replication-group" && environment.cache.iamUser
        ? [`${place(environment)} ${environment.cache.iamUser}`]
        : [],
    must: "must be unique in its account and region",
  },
  {
    path: "database.subnetGroupName",
    of: (environment) => [`${place(environment)} ${subnetGroupOf(environment, "database")}`],
    must: "must be unique in its account and region",
    followsName: true,
  },
  {
    path: "cache.subnetGroupName",
    of: (environment) => [`${place(environment)} ${subnetGroupOf(environment, "cache")}`],
    must: "must be unique in its account and region",
    followsName: true,
  },
];

function databaseIdentifiersOf({ database: { identifier, readReplicas } }: Environment): string[] {
  const replicas = Object.keys(readReplicas).map((name) => replicaIdentifier(identifier, name));
  return [identifier, ...replicas];
}

function subnetGroupOf(environment: Environment, store: DataStore): string {
  return environment[store].subnetGroupName ?? stackId(environment, store);
}

function place({ account = "the credentials' account", region }: Environment): string {
  return `${account} ${region}`;
}

function clashesOf(environments: readonly Environment[]): Problem[] {
  return environments.flatMap((later, index) =>
    environments.slice(0, index).flatMap((earlier) => clashesBetween(earlier, later)),
  );
}

function clashesBetween(earlier: Environment, later: Environment): Problem[] {
  const sameName = stackId(earlier, "database") === stackId(later, "database");
  const shared = UNIQUE.filter(({ followsName }) => !(sameName && followsName)).flatMap(
    ({ path, of, must }) => {
      const taken = of(later).find((name) => of(earlier).includes(name));
      const got = `${taken}, as in ${earlier.name}`;
      return taken === undefined
        ? []
        : [problem(`${later.name}.${path}`, { must, got, instead: "Rename one of them." })];
    },
  );
  const sameBucket = earlier.stateBucket.name === later.stateBucket.name;
  const agreed = bucketTextOf(earlier) === bucketTextOf(later);
  return sameBucket && !agreed ? [...shared, bucketClash(earlier, later)] : shared;
}

function bucketClash(earlier: Environment, later: Environment): Problem {
  return problem(`${later.name}.stateBucket`, {
    must: "must be the same everywhere for one bucket, with its account",
    got: `${bucketTextOf(later)}, and in ${earlier.name} ${bucketTextOf(earlier)}`,
    instead: "Make them equal, or use two buckets.",
  });
}

function bucketTextOf({ account, region, stateBucket }: Environment): string {
  return JSON.stringify({ account, ...stateBucket, region: stateBucket.region ?? region });
}
