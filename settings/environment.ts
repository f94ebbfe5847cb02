import { z } from "zod";
import { accountSchema, kmsKeyRegion, regionSchema } from "./account";
import { cacheSchema } from "./cache";
import { clientsSchema } from "./client";
import { databaseSchema } from "./database";
import { identifier } from "./identifier";
import { stackId } from "./names";
import { networkSchema } from "./network";
import { type Problem, parseSettings, SettingsError } from "./problem";
import { fieldsRule, rule, valueAt } from "./rule";
import { stateBucketSchema } from "./state-bucket";
import { tagsSchema } from "./tags";

const appSchema = identifier(30, 'the app\'s name, such as "news-api"').check(
  // Security groups may not start with sg-, SSM parameters may not start with /aws or /ssm.
  rule<string>({
    holds: (app) => !/^(sg-|aws|ssm)/.test(app),
    must: 'must not start with "aws", "ssm" or "sg-", which AWS keeps for its own names',
    instead: "Choose another name.",
  }),
);

const fields = z.strictObject({
  app: appSchema,
  name: identifier(20, 'the environment\'s name, such as "dev"'),
  /** Whether this environment's data matters: then weakening deletion protection costs a reason too. */
  production: z.boolean().default(true),
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
  /**
   * The IAM role that ECS starts the application's tasks with: each stack lets it read the connection.
   * @default - none; the policy is an output, to attach by hand
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
   */
  executionRoleName: z
    .string()
    .check(
      rule<string>({
        // https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
        holds: (name) => /^[\w+=,.@-]{1,64}$/.test(name),
        must: "must be a role's name: 1 to 64 letters, digits and _+=,.@- (not its ARN)",
        instead: "Write what stands behind the last slash of its ARN.",
      }),
    )
    .describe("the name of the IAM role that ECS starts the tasks with")
    .optional(),
  tags: tagsSchema.default({}),
});

type Fields = z.output<typeof fields>;

function kmsKeyRule(at: string) {
  return fieldsRule<Fields>({
    fields: [at, "region"],
    holds: (environment) => {
      const arn = valueAt(environment, at.split(".")) as string | undefined;
      return arn === undefined || kmsKeyRegion(arn) === environment.region;
    },
    must: ({ region }) => `must be a key in the environment's region ${region}`,
    instead: "Name a key of that region.",
  });
}

const rules = [
  kmsKeyRule("database.kmsKeyArn"),
  kmsKeyRule("database.credentials.kmsKeyArn"),
  kmsKeyRule("cache.kmsKeyArn"),
  fieldsRule<Fields>({
    fields: ["stateBucket.kmsKeyArn", "stateBucket.region", "region"],
    holds: ({ stateBucket, region }) =>
      !stateBucket.kmsKeyArn ||
      kmsKeyRegion(stateBucket.kmsKeyArn) === (stateBucket.region ?? region),
    must: "must be a key in the state bucket's region",
    instead: "Name a key of that region.",
  }),
  fieldsRule<Fields>({
    fields: ["database.availabilityZone", "region"],
    holds: ({ database: { availabilityZone: zone }, region }) =>
      zone === undefined || (zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length))),
    must: ({ region }) => `must be a zone of the environment's region ${region}`,
    instead: ({ region }) => `Write for example "${region}a".`,
  }),
  fieldsRule<Fields>({
    fields: ["production", "database.deletionProtection", "database.reasons.deletionProtection"],
    at: "database.deletionProtection",
    holds: ({ production, database: { deletionProtection, reasons } }) =>
      !production || deletionProtection || reasons.deletionProtection !== undefined,
    must: "must not be weakened in production without a reason: one wrong apply deletes the database",
    instead: "Write true, or say why in `database.reasons.deletionProtection`.",
  }),
];

/** An environment: one deployment of an app's data stores, as an operator writes it. */
export const environmentSchema = fields.check(...rules);

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
    problems.map(({ path, message }) => ({ path: `${subject}: ${path}`, message })),
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
  readonly of: (environment: Environment) => string;
  readonly must: string;
}[] = [
  {
    path: "name",
    of: (environment) => stackId(environment, "database"),
    must: "must give stacks and states of its own (app and name together)",
  },
  {
    path: "database.identifier",
    of: (environment) => `${place(environment)} ${environment.database.identifier}`,
    must: "must be unique in its account and region",
  },
  {
    path: "cache.kind",
    of: (environment) => `${place(environment)} ${cacheIdOf(environment)}`,
    must: "must have an id that is unique in its account and region",
  },
];

function place({ account = "the credentials' account", region }: Environment): string {
  return `${account} ${region}`;
}

function cacheIdOf({ cache }: Environment): string {
  return cache.kind === "cluster" ? cache.clusterId : cache.replicationGroupId;
}

function clashesOf(environments: readonly Environment[]): Problem[] {
  return environments.flatMap((later, index) =>
    environments.slice(0, index).flatMap((earlier) => clashesBetween(earlier, later)),
  );
}

function clashesBetween(earlier: Environment, later: Environment): Problem[] {
  const shared = UNIQUE.filter(({ of }) => of(earlier) === of(later)).map(({ path, of, must }) => ({
    path: `${later.name}.${path}`,
    message: `${must}; got: ${of(later)}, as in ${earlier.name}. Rename one of them.`,
  }));
  const sameBucket = earlier.stateBucket.name === later.stateBucket.name;
  const agreed = bucketTextOf(earlier) === bucketTextOf(later);
  return sameBucket && !agreed
    ? [
        ...shared,
        {
          path: `${later.name}.stateBucket`,
          message: `must be the same everywhere for one bucket, with its account; got: ${bucketTextOf(later)}, and in ${earlier.name} ${bucketTextOf(earlier)}. Make them equal, or use two buckets.`,
        },
      ]
    : shared;
}

function bucketTextOf({ account, region, stateBucket }: Environment): string {
  return JSON.stringify({ account, ...stateBucket, region: stateBucket.region ?? region });
}
