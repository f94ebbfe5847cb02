import { GITHUB, githubTrust } from "../constructs/permissions/github-trust";
import type { PipelineRoleProps } from "../constructs/permissions/pipeline-role";
import { partitionOf } from "../settings/account";
import type { Environment } from "../settings/environment";
import { roleName } from "../settings/names";
import { githubEnvironments, type PipelineSettings } from "../settings/pipeline";
import { rolePolicies } from "./permissions";

const PLAN_SECONDS = 3600;
/** A large Multi-AZ instance takes more than an hour. */
const APPLY_SECONDS = 7200;

export interface AccountProps {
  /** The ID of the account, or a reference to it. */
  readonly account: string;
  /** The ARN of GitHub's OIDC provider. @default - the account's */
  readonly provider?: string | undefined;
}

/** The two roles of an environment's pipeline. */
export interface PipelineRoles {
  readonly plan: PipelineRoleProps;
  readonly apply: PipelineRoleProps;
}

/** The roles with their trust and permissions. */
export function pipelineRoles(
  environment: Environment,
  pipeline: PipelineSettings,
  { account, provider }: AccountProps,
): PipelineRoles {
  const { app, name, region } = environment;
  const { repository, branch } = pipeline.github;
  const providerArn =
    provider ?? `arn:${partitionOf(region)}:iam::${account}:oidc-provider/${GITHUB}`;
  const github = githubEnvironments(name, pipeline);
  const policies = rolePolicies(environment, account);
  const trust = (jobs: readonly string[]) => githubTrust({ providerArn, repository, jobs });
  return {
    plan: {
      name: roleName(environment, "plan"),
      description: `Plans ${app} ${name}`,
      trust: trust([`environment:${github.plan}`, `ref:refs/heads/${branch}`]),
      policies: policies.plan,
      maxSessionSeconds: PLAN_SECONDS,
    },
    apply: {
      name: roleName(environment, "apply"),
      description: `Applies ${app} ${name}`,
      trust: trust([`environment:${github.apply}`]),
      policies: policies.apply,
      maxSessionSeconds: APPLY_SECONDS,
    },
  };
}
