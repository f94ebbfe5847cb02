import { constants } from "node:os";
import { basename } from "node:path";
import execa from "execa";
import { CommandError } from "../../cli/command-error";
import { type NearEnd, redisCliOptions, variablesOf } from "./near-end";

/** A shell's exit code of a program that a signal ended. */
const SIGNALED = 128;

/**
 * Runs a program at the near ends of tunnels, with the terminal. What asks this process to end reaches the program.
 * @returns its exit code; 128 and the number of the signal that ended it.
 * @throws CommandError when there is no such program.
 */
export async function runCommand(
  [program = "", ...args]: readonly string[],
  ends: readonly NearEnd[],
): Promise<number> {
  const child = execa(program, [...optionsFor(program, ends), ...args], {
    env: variablesOf(ends),
    stdio: "inherit",
    reject: false,
  });
  const pass = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to the program itself.
    if (signal !== "SIGINT" || !process.stdin.isTTY) {
      child.kill(signal);
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) {
    process.on(signal, pass);
  }
  try {
    const { exitCode, signal } = await child;
    if (exitCode === undefined && signal === undefined) {
      throw new CommandError(`\`${program}\` was not found. Install it, or check its name.`);
    }
    return exitCode ?? SIGNALED + (constants.signals[signal as NodeJS.Signals] ?? 0);
  } finally {
    for (const signal of signals) {
      process.off(signal, pass);
    }
  }
}

function optionsFor(program: string, ends: readonly NearEnd[]): string[] {
  const [cache, other] = ends.filter(({ target }) => target.kind === "cache");
  return basename(program) === "redis-cli" && cache && !other ? redisCliOptions(cache) : [];
}
