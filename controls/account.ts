import type { TerraformBlock } from "./terraform-block";

/** How the account that a stack may touch is written: its id, or a look-up with the credentials. */
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

/** Without an account in the provider, the one that the backend or the existing ARNs name is not known to be foreign. */
function isOnlyAccount(block: TerraformBlock, account: string): boolean {
  return block.stack
    .ofType("terraform.backend.s3")
    .flatMap((backend) => backend.list("allowed_account_ids"))
    .includes(account);
}

/** The account in an ARN; empty for one that names none. */
export function accountIn(arn: string): string {
  return arn.split(/:(?![^{]*\})/)[4] ?? "";
}
