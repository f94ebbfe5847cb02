import { adviceFor, type Place, type Problem } from "./advice";
import { CheckFailure } from "./check";
import type { Target } from "./target";

/** A target under test. */
export interface Probe {
  readonly target: Target;
  readonly place: Place;
  /** How long each step may take. */
  readonly timeoutMs: number;
}

export function failure(
  { target, place }: Probe,
  name: string,
  detail: string,
  problem: Problem,
): CheckFailure {
  return new CheckFailure(name, detail, adviceFor(problem, target, place));
}

/** Rejects with `late()` unless the promise settles in time. */
export async function within<T>(
  { timeoutMs }: Probe,
  promise: Promise<T>,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** `12 ms`, since a time of `performance.now()`. */
export function since(start: number): string {
  return `${Math.max(1, Math.round(performance.now() - start))} ms`;
}
