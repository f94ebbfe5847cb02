import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { PolicyDocument } from "./policy-documents";

export interface PipelineRoleProps {
  /** The role's name, and the prefix of its policies' names. */
  readonly name: string;
  readonly description: string;
  /** The principals that may assume it. */
  readonly trust: unknown;
  readonly policies: readonly PolicyDocument[];
  /** The maximum session duration. */
  readonly maxSessionSeconds: number;
}

/**
 * A role that the jobs of a pipeline assume, with its own managed policies. Inline policies would be too small for more
 * than a few data stores.
 *
 * @example
 * new PipelineRole(this, "plan", { name: "news-api-dev-plan", description, trust, policies, maxSessionSeconds: 3600 }).arn;
 */
export class PipelineRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PipelineRoleProps) {
    super(scope, id);
    const { name, description, trust, policies, maxSessionSeconds } = props;
    const role = new IamRole(this, "role", {
      name,
      description,
      assumeRolePolicy: Fn.jsonencode(trust),
      maxSessionDuration: maxSessionSeconds,
    });
    role.overrideLogicalId(id);
    this.arn = role.arn;
    for (const [index, document] of policies.entries()) {
      const address = `${id}_${index + 1}`;
      const policy = new IamPolicy(this, `policy_${index + 1}`, {
        name: `${name}-${index + 1}`,
        description,
        policy: Fn.jsonencode(document),
      });
      policy.overrideLogicalId(address);
      new IamRolePolicyAttachment(this, `attachment_${index + 1}`, {
        role: role.name,
        policyArn: policy.arn,
      }).overrideLogicalId(address);
    }
  }
}
