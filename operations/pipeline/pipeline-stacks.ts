import { existsSync } from "node:fs";
import { partitionOf } from "../../settings/account";
import type { Environment } from "../../settings/environment";
import { environmentStacks } from "../../settings/environment-stacks";
import { roleName } from "../../settings/names";
import { githubEnvironments } from "../../settings/pipeline";
import { planFiles } from "./planned-stack";

/** One stack that a pipeline plans and applies: a row of a job's matrix. */
export interface PipelineStack {
  /** `news-api-prod`: what every command takes for the environment. */
  readonly environment: string;
  readonly stack: string;
  readonly region: string;
  readonly planRole: string;
  readonly applyRole: string;
  /** The environments on GitHub whose jobs may take the roles. */
  readonly planEnvironment: string;
  readonly applyEnvironment: string;
}

/**
 * The stacks of the data stores and bastions of every environment that has a pipeline.
 * @param planned a folder with plans: only stacks that a plan there changes. @default - all stacks
 */
export function pipelineStacks(
  environments: readonly Environment[],
  planned?: string,
): PipelineStack[] {
  const all = environments.flatMap(stacksOf);
  return planned === undefined
    ? all
    : all.filter(({ stack }) => existsSync(planFiles(planned, stack).fingerprint));
}

function stacksOf(environment: Environment): PipelineStack[] {
  const { app, name, region, account, pipeline } = environment;
  if (!pipeline) {
    return [];
  }
  const github = githubEnvironments(name, pipeline);
  const arn = (role: "plan" | "apply") =>
    `arn:${partitionOf(region)}:iam::${account}:role/${roleName(environment, role)}`;
  return environmentStacks(environment).map(({ stackId }) => ({
    environment: `${app}-${name}`,
    stack: stackId,
    region,
    planRole: arn("plan"),
    applyRole: arn("apply"),
    planEnvironment: github.plan,
    applyEnvironment: github.apply,
  }));
}
