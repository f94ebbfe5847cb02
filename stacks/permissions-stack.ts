import { IamOpenidConnectProvider } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { accountOf } from "../constructs/access/account";
import { AUDIENCE, GITHUB } from "../constructs/permissions/github-trust";
import { PipelineRole } from "../constructs/permissions/pipeline-role";
import { StateBackend } from "../constructs/state-backend";
import type { Environment } from "../settings/environment";
import { PERMISSIONS, stateKey } from "../settings/names";
import type { PipelineSettings } from "../settings/pipeline";
import { AwsStack } from "./aws-stack";
import { backendProps, stackProps } from "./data-store";
import { pipelineRoles } from "./pipeline-roles";

export interface PermissionsStackProps {
  readonly environment: Environment;
  readonly pipeline: PipelineSettings;
}

/**
 * The roles with which a pipeline plans and applies the data stores of an environment. An administrator applies this
 * stack: the roles can change neither themselves nor each other.
 *
 * @example
 * new PermissionsStack(app, "news-api-prod-permissions", { environment, pipeline: environment.pipeline });
 */
export class PermissionsStack extends AwsStack {
  constructor(scope: Construct, id: string, { environment, pipeline }: PermissionsStackProps) {
    super(scope, id, stackProps(environment));
    new StateBackend(
      this,
      backendProps(environment, { stateKey: stateKey(environment, PERMISSIONS) }),
    );
    const account = accountOf(this, environment.account);
    const provider = this.provider(pipeline);
    const { plan, apply } = pipelineRoles(environment, pipeline, { account, provider });
    const planRole = new PipelineRole(this, "plan", plan);
    const applyRole = new PipelineRole(this, "apply", apply);
    for (const [name, value] of Object.entries({
      plan_role_arn: planRole.arn,
      apply_role_arn: applyRole.arn,
    })) {
      new TerraformOutput(this, name, { value });
    }
  }

  /** Undefined if the account already has one. */
  private provider({ github }: PipelineSettings): string | undefined {
    return github.oidcProvider === "existing"
      ? undefined
      : new IamOpenidConnectProvider(this, "github", {
          url: `https://${GITHUB}`,
          clientIdList: [AUDIENCE],
        }).arn;
  }
}
