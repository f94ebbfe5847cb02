import { AwsAccount } from "../../cli/aws-account";
import { calledAction } from "../../cli/called-action";
import type { Environment } from "../../settings/environment";
import { type Check, PreflightFailure, type Result } from "./check";
import { credentials } from "./checks/credentials";

export interface RunOptions {
  /** Is called with each result, as it comes. */
  readonly onResult?: (result: Result) => void;
  /** @default - the environment's account, with the credentials that Terraform would use */
  readonly account?: AwsAccount;
}

/**
 * Runs the checks concurrently, once the credentials are known to be those of the environment.
 * @returns the results in the order of the checks.
 * @throws an error that no AWS call caused: a defect of a check is no finding.
 */
export async function runChecks(
  environment: Environment,
  checks: readonly Check[],
  { onResult = () => {}, account = new AwsAccount(environment) }: RunOptions = {},
): Promise<Result[]> {
  const first = await resultOf(credentials(environment), account);
  onResult(first);
  if (first.status !== "passed") {
    return [first];
  }
  const results = await Promise.all(
    checks.map(async (check) => {
      const result = await resultOf(check, account);
      onResult(result);
      return result;
    }),
  );
  return [first, ...results];
}

async function resultOf({ id, subject, run }: Check, account: AwsAccount): Promise<Result> {
  try {
    return { id, subject, status: "passed", found: await run(account) };
  } catch (error) {
    if (error instanceof PreflightFailure) {
      const { found, fix } = error;
      return { id, subject, status: "failed", found, fix };
    }
    const action = calledAction(error);
    if (action === undefined) {
      throw error;
    }
    const permission = missingPermission(error, action);
    if (permission) {
      const found = `The permission ${permission} is missing.`;
      return {
        id,
        subject,
        status: "unknown",
        found,
        fix: `Allow ${permission}, then run preflight again.`,
      };
    }
    return {
      id,
      subject,
      status: "unknown",
      found: `The call to ${action} failed: ${(error as Error).message}`,
      fix: "Run preflight again. If the error persists, check the network and the settings.",
    };
  }
}

/** The IAM action that AWS refuses; undefined for another error. */
function missingPermission(error: unknown, action: string): string | undefined {
  const {
    name = "",
    message = "",
    $metadata,
  } = error as Error & {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const isDenied = /AccessDenied|Unauthorized|AuthorizationError/.test(name);
  if (!isDenied && $metadata?.httpStatusCode !== 403) {
    return undefined;
  }
  return /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action;
}
