import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

const ID = "account";

/** The account ID: from the settings, or looked up from the credentials once in each stack. */
export function accountOf(scope: Construct, named: string | undefined): string {
  if (named) {
    return named;
  }
  const stack = TerraformStack.of(scope);
  const found = stack.node.tryFindChild(ID) as DataAwsCallerIdentity | undefined;
  return (found ?? new DataAwsCallerIdentity(stack, ID)).accountId;
}
