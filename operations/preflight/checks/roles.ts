import { GetRoleCommand } from "@aws-sdk/client-iam";
import type { AwsAccount } from "../../../cli/aws-account";
import type { DatabaseStore } from "../../../settings/data-stores";
import type { Environment } from "../../../settings/environment";
import { type Check, ensure, PreflightFailure } from "../check";
import { allowsService, statementsOf } from "../policy";

/** The role that ECS starts the application's tasks with. */
export function executionRole({ name, executionRoleName }: Environment): Check[] {
  return executionRoleName === undefined
    ? []
    : [
        {
          id: "execution-role",
          subject: name,
          run: (account) => trusts(account, executionRoleName, "ecs-tasks.amazonaws.com"),
        },
      ];
}

/** The role that the settings name for enhanced monitoring. */
export function monitoringRole({ stackId, settings }: DatabaseStore): Check[] {
  const roleArn = settings.enhancedMonitoring?.roleArn;
  return roleArn === undefined
    ? []
    : [
        {
          id: "monitoring-role",
          subject: stackId,
          run: (account) =>
            trusts(account, roleArn.split("/").at(-1) ?? "", "monitoring.rds.amazonaws.com"),
        },
      ];
}

/** @throws PreflightFailure unless a role exists and a service may assume it. */
async function trusts({ iam }: AwsAccount, RoleName: string, service: string): Promise<string> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName })).catch((error) => {
    if ((error as Error).name === "NoSuchEntityException") {
      throw new PreflightFailure(
        `The role ${RoleName} does not exist.`,
        "Create the role, or correct its name in the environment.",
      );
    }
    throw error;
  });
  ensure(
    allowsService(statementsOf(Role?.AssumeRolePolicyDocument), service, "sts:AssumeRole"),
    `The role ${RoleName} does not trust ${service}.`,
    `Allow sts:AssumeRole to ${service} in its trust policy.`,
  );
  return `${RoleName} trusts ${service}`;
}
