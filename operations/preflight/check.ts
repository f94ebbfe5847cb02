import type { AwsAccount } from "../../cli/aws-account";

/** One question that only the AWS account can answer. */
export interface Check {
  /** Short, and unique together with the subject: `subnets`. */
  readonly id: string;
  /** The subject: the environment, or the ID of a stack. */
  readonly subject: string;
  /**
   * @returns what it found, in some words.
   * @throws PreflightFailure when a plan would succeed and an apply would not.
   */
  readonly run: (account: AwsAccount) => Promise<string>;
}

export type Status = "passed" | "failed" | "unknown";

/** The result of a check. */
export interface Result {
  readonly id: string;
  readonly subject: string;
  readonly status: Status;
  /** The finding or the problem. */
  readonly found: string;
  /** The fix; absent if there is nothing to do. */
  readonly fix?: string;
}

/** Something that would make an apply fail. */
export class PreflightFailure extends Error {
  constructor(
    readonly found: string,
    readonly fix: string,
  ) {
    super(found);
    this.name = "PreflightFailure";
  }
}

/** @throws PreflightFailure unless it holds. */
export function ensure(holds: unknown, found: string, fix: string): asserts holds {
  if (!holds) {
    throw new PreflightFailure(found, fix);
  }
}
