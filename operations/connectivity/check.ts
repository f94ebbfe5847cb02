/** A result and, for a failure, its likely cause and the next step. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
  readonly cause?: string;
  readonly next?: string;
}

export interface Advice {
  readonly cause: string;
  readonly next: string;
}

/** A failure that makes later checks pointless. */
export class CheckFailure extends Error {
  readonly check: Check;

  constructor(name: string, detail: string, advice: Advice) {
    super(`${name}: ${detail}`);
    this.check = { name, passed: false, detail, ...advice };
  }
}

/** A check that passed. */
export function passed(name: string, detail: string): Check {
  return { name, passed: true, detail };
}

/** Runs checks in their order, up to the first CheckFailure. Any other error is a defect and is thrown. */
export async function collect(checks: AsyncIterable<Check>): Promise<Check[]> {
  const found: Check[] = [];
  try {
    for await (const check of checks) {
      found.push(check);
    }
  } catch (error) {
    if (!(error instanceof CheckFailure)) {
      throw error;
    }
    found.push(error.check);
  }
  return found;
}
