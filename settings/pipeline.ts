import { z } from "zod";
import { text } from "../validation/pattern-string";
import type { FieldsRule } from "../validation/rule";
import type { AssumeRole } from "./account";
import { type WrittenStores, writtenStores } from "./data-stores";
import { PERMISSIONS } from "./names";

// With IDs in both names or in none: https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
const repositorySchema = text({
  pattern: /^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}(\/[\w.-]{1,100}|@[1-9]\d*\/[\w.-]{1,100}@[1-9]\d*)$/,
  what: 'the repository that runs the pipeline, such as "acme@1234/news-api@5678"',
  must: "must be a repository on GitHub, OWNER@ID/NAME@ID or OWNER/NAME, without a wildcard",
  instead: "Copy the prefix of the subject claim from the repository's settings on GitHub.",
});
const branchSchema = text({
  pattern: /^[\w][\w./-]{0,199}$/,
  what: 'a branch, such as "main"',
  must: "must be the name of one branch, without a wildcard",
  instead: 'Use, for example, "main".',
});
const environmentSchema = text({
  pattern: /^[\w.-]{1,100}$/,
  what: 'an environment of the repository on GitHub, such as "prod"',
  must: "must be 1 to 100 letters, digits and _.-",
  instead: 'Use, for example, "prod".',
});

const githubSchema = z
  .strictObject({
    repository: repositorySchema.meta({
      purpose:
        "The repository whose GitHub Actions may assume the roles, as its tokens name it: `OWNER@ID/NAME@ID` if it was created or renamed since July 15, 2026, or uses immutable subject claims; `OWNER/NAME` otherwise.",
      link: "https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/",
    }),
    branch: branchSchema.default("main").meta({
      purpose: "The branch to deploy. Jobs on it may assume the plan role.",
    }),
    environment: environmentSchema.optional().meta({
      purpose:
        "The environment on GitHub whose jobs may assume the apply role. Its protection rules are the approval: require reviewers and allow only the branch.",
      absent: "the name of this environment",
      link: "https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments",
    }),
    planEnvironment: environmentSchema.optional().meta({
      purpose:
        "The environment on GitHub whose jobs may assume the plan role. A plan reads the database's secrets, so anyone who may run such a job can read them.",
      absent: "the name of this environment and `-plan`",
    }),
    oidcProvider: z.enum(["existing", "created-here"]).default("existing").meta({
      purpose:
        "The IAM OIDC provider of GitHub in the account. An account has one: `created-here` in one environment, `existing` in the others.",
      link: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    }),
  })
  .describe('the repository that runs the pipeline, such as { repository: "acme/news-api" }');

/** The pipeline that plans and applies an environment with its own roles. */
export const pipelineSchema = z
  .strictObject({ github: githubSchema.meta({ purpose: "GitHub Actions." }) })
  .describe('the settings of the pipeline, such as { github: { repository: "acme/news-api" } }');

export type PipelineSettings = z.output<typeof pipelineSchema>;

interface Environment extends WrittenStores {
  readonly name: string;
  readonly pipeline?: PipelineSettings | undefined;
  readonly account?: string | undefined;
  readonly assumeRole?: AssumeRole | undefined;
  readonly profile?: string | undefined;
}

/** Settings that are incompatible with a pipeline. */
export function pipelineRules(environment: Environment): readonly FieldsRule<Environment>[] {
  const { pipeline } = environment;
  if (!pipeline) {
    return [];
  }
  return [
    {
      fields: ["assumeRole", "profile"],
      at: "pipeline",
      holds: ({ assumeRole, profile }) => assumeRole === undefined && profile === undefined,
      must: "must be absent with assumeRole or profile: Terraform would use them instead of the pipeline's roles",
      got: () => "a pipeline",
      instead:
        "Remove assumeRole and profile. People choose their own credentials with AWS_PROFILE.",
    },
    {
      fields: ["pipeline", "account"],
      at: "account",
      holds: ({ account }) => account !== undefined,
      must: "must be set with a pipeline, because its jobs use the roles' ARNs",
      instead: "Set it to the account ID, 12 digits in a string.",
    },
    {
      fields: ["pipeline", "name"],
      holds: ({ name, pipeline: both = pipeline }) =>
        new Set(Object.values(githubEnvironments(name, both))).size === 2,
      must: "must use two environments on GitHub: otherwise a job that may plan could also apply",
      got: ({ name, pipeline: both = pipeline }) => githubEnvironments(name, both).plan,
      instead: "Set environment and planEnvironment of `pipeline.github` to different names.",
    },
    ...writtenStores(environment)
      .filter(({ name }) => name === PERMISSIONS)
      .map(({ at }) => ({
        fields: [at],
        at,
        holds: () => false,
        must: "must not have the name of the stack with the pipeline's roles",
        got: () => PERMISSIONS,
        instead: "Rename the data store.",
      })),
  ];
}

/** The environments on GitHub whose jobs may assume the roles. */
export function githubEnvironments(name: string, { github }: PipelineSettings) {
  const { planEnvironment = `${name}-plan`, environment = name } = github;
  return { plan: planEnvironment, apply: environment };
}
