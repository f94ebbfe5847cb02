import type { TerraformBlock } from "./terraform-block";

/** The forms in which a stack names its account: the ID, or a lookup with the credentials. */
export function isOwnAccount(block: TerraformBlock, account: string): boolean {
  const allowed = block.stack
    .ofType("provider.aws")
    .flatMap((provider) => provider.list("allowed_account_ids"));
  return (
    allowed.includes(account) ||
    (allowed.length === 0 &&
      /^\$\{data\.aws_caller_identity\.[\w-]+\.account_id\}$/.test(account)) ||
    (allowed.length === 0 && /^\d{12}$/.test(account) && isOnlyAccount(block, account))
  );
}

/** If the provider names no account, nothing shows that the account of the backend or of existing ARNs is foreign. */
function isOnlyAccount(block: TerraformBlock, account: string): boolean {
  return block.stack
    .ofType("terraform.backend.s3")
    .flatMap((backend) => backend.list("allowed_account_ids"))
    .includes(account);
}

/** The account in an ARN; empty if the ARN names none. */
export function accountIn(arn: string): string {
  return arn.split(/:(?![^{]*\})/)[4] ?? "";
}
