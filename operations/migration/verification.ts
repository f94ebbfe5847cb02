/** The contents of both sides, and whether they agree. */
export interface Comparison {
  /** `public.article`, or `db 0` of a cache. */
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly agrees: boolean;
}

/** One thing that was verified. */
export interface VerifiedCheck {
  /** `contents`, `sequences`, `grants` … */
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
  /** The differences, one line each. */
  readonly differences: readonly string[];
}

/** Whether a migration kept everything. */
export interface Verification {
  readonly agrees: boolean;
  readonly checks: readonly VerifiedCheck[];
  /** Row counts or key counts. */
  readonly contents: readonly Comparison[];
}

export function verificationOf(
  checks: readonly VerifiedCheck[],
  contents: readonly Comparison[],
): Verification {
  return { agrees: checks.every(({ passed }) => passed), checks, contents };
}

/** @param differences none means that the check passed */
export function check(name: string, detail: string, differences: readonly string[]): VerifiedCheck {
  return { name, passed: differences.length === 0, detail, differences };
}
