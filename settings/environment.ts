import { z } from "zod";
import { reasonSchema } from "../validation/exception";
import { text } from "../validation/pattern-string";
import { parseSettings, problem, SettingsError } from "../validation/problem";
import { isObject, rule, rulesFor } from "../validation/rule";
import { accountSchema, assumeRoleSchema, profileSchema, regionSchema } from "./account";
import { alarmsRules, alarmsSchema } from "./alarms";
import { approvalsRules, approvalsSchema } from "./approvals";
import { identifier } from "./aws/identifier";
import { bastionRules, bastionSchema } from "./bastion";
import type { CacheSettings } from "./cache/cache";
import { clashesBetween, uniquenessRules } from "./clashes";
import { type Client, clientsSchema } from "./client";
import { dataStoreFields, dataStoreRules } from "./data-stores";
import type { DatabaseSettings } from "./database/database";
import { encryptionSchema } from "./encryption";
import { environmentRules } from "./environment-rules";
import { freeTierRules } from "./free-tier";
import { networkSchema } from "./network";
import { pipelineRules, pipelineSchema } from "./pipeline";
import { stateBucketSchema } from "./state-bucket";
import { tagsSchema } from "./tags";
import { providerAccess } from "./terraform-access";
import { waiversSchema } from "./waivers";

/** A security group's name must not start with sg-, and AWS reserves names that start with aws. */
const RESERVED_APP = /^(sg(-|$)|aws)/;

const appSchema = identifier(30, 'the app\'s name, such as "news-api"', RESERVED_APP).check(
  rule<string>({
    holds: (app) => !RESERVED_APP.test(app),
    must: 'must not start with "aws" or "sg-", which AWS reserves',
    instead: "Choose another name.",
  }),
);

const fields = z.strictObject({
  app: appSchema.meta({ purpose: "The app. Part of stack IDs, state keys, names and tags." }),
  name: identifier(20, 'the environment\'s name, such as "dev"').meta({
    purpose: "The environment. Part of stack IDs, state keys, names and tags.",
  }),
  production: z.boolean().default(true).meta({
    purpose:
      "Whether the data matters. If it does, an environment needs a reason to turn deletion protection off or to have no alarms.",
  }),
  budget: z.enum(["free-tier"]).optional().meta({
    purpose: "`free-tier` refuses what the AWS Free Tier does not include.",
    absent: "no limit",
    link: "https://aws.amazon.com/free/",
  }),
  region: regionSchema.meta({ purpose: "The region of everything in the environment." }),
  account: accountSchema.optional().meta({
    purpose: "The AWS account. Terraform refuses credentials of other accounts.",
    absent: "the account of the credentials",
  }),
  assumeRole: assumeRoleSchema.optional().meta({
    purpose:
      "The IAM role that Terraform assumes, for the AWS provider and the state. Its account is the environment's.",
    absent: "none: Terraform uses the credentials that it finds",
    link: "https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role",
  }),
  profile: profileSchema.optional().meta({
    purpose:
      "The AWS profile whose credentials Terraform uses, for the AWS provider and the state.",
    absent: "the environment variables, or the default profile",
  }),
  stateBucket: stateBucketSchema
    .describe("the bucket that holds the Terraform state")
    .meta({ purpose: "The S3 bucket that holds the Terraform state." }),
  network: networkSchema
    .describe("the VPC and subnets of the data stores")
    .meta({ purpose: "The VPC and subnets of the data stores." }),
  clients: clientsSchema.meta({
    purpose:
      "Who may connect, by name. An empty map means that nobody can connect. If the kind of a client's source changes, Terraform creates the new rule before it deletes the old one.",
  }),
  encryption: encryptionSchema.default({ kind: "aws-managed" }).meta({
    purpose:
      "Which KMS keys encrypt storage, secrets, logs, insights and alarm topics. A key in the settings of a data store takes precedence. A change replaces the databases and replication groups: choose before you deploy.",
  }),
  ...dataStoreFields,
  bastion: bastionSchema.optional().meta({
    purpose:
      "An instance through which `npm run tunnel` reaches the data stores from outside the VPC. It adds a stack. Nothing listens on it: AWS Systems Manager forwards the ports.",
    absent: "no instance",
    link: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html",
  }),
  alarms: alarmsSchema.optional().meta({
    purpose: "CloudWatch alarms and RDS events, and who is notified.",
    absent: "no alarms; production then requires `reasons.alarms`",
  }),
  reasons: z
    .strictObject({ alarms: reasonSchema.optional() })
    .default({})
    .meta({ purpose: "Reasons for overriding safe defaults of the environment." }),
  executionRoleName: text({
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
    pattern: /^[\w+=,.@-]{1,64}$/,
    what: "the name of the ECS task execution role",
    must: "must be a role's name: 1 to 64 letters, digits and _+=,.@- (not its ARN)",
    instead: "Use the part of its ARN after the last slash.",
  })
    .optional()
    .meta({
      purpose:
        "The task execution role of the application. Each stack lets it read the store's secrets.",
      absent: "none; attach the policy from the outputs yourself",
      link: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    }),
  pipeline: pipelineSchema.optional().meta({
    purpose:
      "The pipeline that plans and applies the environment without a person's credentials. It adds a stack with one IAM role for plans and one for applies, scoped to the environment.",
    absent: "no roles",
    link: "https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws",
  }),
  tags: tagsSchema.default({}).meta({ purpose: "Tags of every resource in the environment." }),
  waivers: waiversSchema.default({}).meta({
    purpose:
      "Waived controls by ID, each with the reason. The reasons are written to the Terraform JSON.",
  }),
  approvals: approvalsSchema.default({}).meta({
    purpose:
      "Approved findings of `npm run review` for the next apply, each with the reason. Remove an approval after the apply: an unused approval is an error. The reasons are written to the Terraform JSON.",
  }),
});

type Written = z.output<typeof fields>;

/** An environment: one deployment of an app's data stores, as an operator writes it. */
export const environmentSchema = fields.check(
  rulesFor<Written>(dataStoreRules),
  rulesFor<Written>(environmentRules),
  rulesFor<Written>(uniquenessRules),
  rulesFor<Written>(alarmsRules),
  rulesFor<Written>(approvalsRules),
  rulesFor<Written>(freeTierRules),
  rulesFor<Written>(pipelineRules),
  rulesFor<Written>(bastionRules),
);

/** An environment as an operator writes it: defaults may be omitted. */
export type EnvironmentSettings = z.input<typeof environmentSchema>;

/** A client with the names of all stores that it may connect to. */
export interface ClientOfStores extends Client {
  readonly stores: string[];
}

/** A validated environment: every default is filled in, and every data store is in one of the maps by its name. */
export interface Environment extends Omit<Written, "database" | "cache" | "clients"> {
  readonly databases: Record<string, DatabaseSettings>;
  readonly caches: Record<string, CacheSettings>;
  readonly clients: Record<string, ClientOfStores>;
}

/**
 * Parses one environment.
 * @throws SettingsError with all problems at once.
 */
export function parseEnvironment(input: unknown): Environment {
  return environmentOf(parseWritten(input));
}

function parseWritten(input: unknown): Written {
  return parseSettings(environmentSchema, input, subjectOf(input));
}

function environmentOf({ database, cache, ...written }: Written): Environment {
  const databases = { ...(database && { database }), ...written.databases };
  const caches = { ...(cache && { cache }), ...written.caches };
  const all = [...Object.keys(databases), ...Object.keys(caches)];
  const clients = Object.entries(written.clients).map(([name, { stores = all, ...client }]) => [
    name,
    { ...client, stores },
  ]);
  const { account } = providerAccess(written);
  return { ...written, account, databases, caches, clients: Object.fromEntries(clients) };
}

/**
 * Parses all environments of the app, and checks the rules between them.
 * @throws SettingsError with all problems of all environments.
 */
export function parseEnvironments(inputs: readonly unknown[]): Environment[] {
  const environments: Written[] = [];
  const errors: SettingsError[] = [];
  const compared: Written[] = [];
  for (const input of inputs) {
    const parsed = parsedOrError(input);
    if (parsed instanceof SettingsError) {
      errors.push(parsed);
      compared.push(...withoutProblems(input, parsed));
    } else {
      environments.push(parsed);
      compared.push(parsed);
    }
  }
  const clashes = clashesBetween(compared);
  if (clashes.length > 0) {
    errors.push(new SettingsError("the environments together", clashes));
  }
  if (errors.length > 0) {
    throw errors.length === 1 ? errors[0] : combined(errors);
  }
  return environments.map(environmentOf);
}

function parsedOrError(input: unknown): Written | SettingsError {
  try {
    return parseWritten(input);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
}

/** The settings that say where an environment is, and what its names begin with. Without valid ones, it is not compared. */
const COMPARED = /^(app|name|region|account|assumeRole|profile|network|stateBucket|pipeline)\b/;

/**
 * An invalid environment without its invalid settings, so that its clashes with others are reported with its problems.
 * @returns nothing if a setting without a default is invalid.
 */
function withoutProblems(input: unknown, { problems }: SettingsError): Written[] {
  if (problems.some(({ path }) => path === "" || COMPARED.test(path))) {
    return [];
  }
  const rest = problems.reduce((value, { path }) => without(value, path.split(".")), input);
  const parsed = parsedOrError(rest);
  return parsed instanceof SettingsError ? [] : [parsed];
}

function without(value: unknown, [key = "", ...path]: readonly string[]): unknown {
  if (!isObject(value) || !Object.hasOwn(value, key)) {
    return value;
  }
  const { [key]: inner, ...others } = value;
  return path.length === 0 ? others : { ...others, [key]: without(inner, path) };
}

function combined(errors: readonly SettingsError[]): SettingsError {
  const problems = errors.flatMap(({ subject, problems }) =>
    problems.map(({ path, ...parts }) =>
      problem(path === "" ? subject : `${subject}: ${path}`, parts),
    ),
  );
  return new SettingsError("the environments", problems);
}

function subjectOf(input: unknown): string {
  const name = (input as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? `environment ${name}` : "an environment without a name";
}
