import type { Place } from "./advice";
import { cacheChecks } from "./cache-checks";
import { type Check, collect } from "./check";
import { databaseChecks } from "./database-checks";
import { type Target, withoutPassword } from "./target";

/** The results for one URL. */
export interface Tested {
  readonly variable: string;
  /** The URL without its password. */
  readonly url: string;
  readonly passed: boolean;
  readonly checks: readonly Check[];
}

/**
 * Uses a URL as the application would, step by step, up to the first failure that ends it.
 * @param timeoutMs how long each step may take
 */
export async function testConnection(
  target: Target,
  place: Place,
  timeoutMs: number,
): Promise<Tested> {
  const probe = { target, place, timeoutMs };
  const checks = await collect(
    target.kind === "database" ? databaseChecks(probe) : cacheChecks(probe),
  );
  return {
    variable: target.variable,
    url: withoutPassword(target),
    passed: checks.every((check) => check.passed),
    checks,
  };
}

/** The report for people: a line for each check and, below a failure, its cause and the next command. */
export function reportOf(tested: readonly Tested[]): string {
  return tested
    .map(({ variable, url, checks }) => [`${variable}  ${url}`, ...checks.map(linesOf)].join("\n"))
    .join("\n\n");
}

const NAME_WIDTH = 20;

function linesOf({ passed, name, detail, cause, next }: Check): string {
  const line = `  ${passed ? "ok    " : "FAILED"}  ${name.padEnd(NAME_WIDTH)}${detail}`;
  return cause ? `${line}\n          Likely cause: ${cause}\n          Next: ${next}` : line;
}
