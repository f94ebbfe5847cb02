import { CommandError } from "../../cli/command-error";
import type { Environment } from "../../settings/environment";
import { PERMISSIONS, roleName, stackId } from "../../settings/names";
import { providerAccess } from "../../settings/terraform-access";
import { type RolePolicies, rolePolicies } from "../../stacks/permissions";
import { pipelineRoles } from "../../stacks/pipeline-roles";

/** A role as IAM creates it. */
export interface DescribedRole {
  readonly name: string;
  /** Undefined without a pipeline: the administrator who creates the role writes its trust policy. */
  readonly trust?: unknown;
  readonly policies: RolePolicies["plan"];
}

export interface Permissions {
  readonly environment: string;
  /** The stack that creates the roles; undefined without a pipeline. */
  readonly stack?: string;
  readonly plan: DescribedRole;
  readonly apply: DescribedRole;
}

/**
 * The roles that plan and apply an environment.
 * @param account the ID of the account. @default - the environment's
 * @throws CommandError when the account is unknown.
 */
export function permissionsOf(
  environment: Environment,
  account = providerAccess(environment).account,
): Permissions {
  const { app, name, pipeline } = environment;
  const known = providerAccess(environment).account;
  if (account === undefined) {
    throw new CommandError(
      `The environment ${name} has no account, and the policies need the account ID. Set \`account\` in the environment, or run: npm run permissions -- ${name} --account 123456789012`,
    );
  }
  if (known !== undefined && known !== account) {
    throw new CommandError(
      `The environment ${name} is in the account ${known}, not in ${account}. Leave out --account.`,
    );
  }
  if (pipeline) {
    const { plan, apply } = pipelineRoles(environment, pipeline, { account });
    const stack = stackId(environment, PERMISSIONS);
    return { environment: `${app}-${name}`, stack, plan: described(plan), apply: described(apply) };
  }
  const policies = rolePolicies(environment, account);
  const role = (which: "plan" | "apply") => ({
    name: roleName(environment, which),
    policies: policies[which],
  });
  return { environment: `${app}-${name}`, plan: role("plan"), apply: role("apply") };
}

function described({ name, trust, policies }: DescribedRole): DescribedRole {
  return { name, trust, policies };
}
