import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { PolicyDocument } from "./policy-documents";

export interface PipelineRoleProps {
  /** Of the role, and of its policies with a number behind it. */
  readonly name: string;
  readonly description: string;
  /** The principals that may assume it. */
  readonly trust: unknown;
  readonly policies: readonly PolicyDocument[];
  /** How long its credentials last, at most. */
  readonly maxSessionSeconds: number;
}

/**
 * A role that jobs of a pipeline take, with managed policies of its own: inline ones would have room for a few data
 * stores only.
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
