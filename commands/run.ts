import pc from "picocolors";
import { type Paint, SettingsError } from "../settings/problem";

/** Something that the person at the keyboard can put right; its message says how. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/**
 * Runs a command and sets the process's exit code: what the command returns, or 1 and one message for what a person
 * can put right. Anything else is a defect and keeps its stack trace.
 */
export async function run(command: () => Promise<number> | number): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof CommandError)) {
      throw error;
    }
    console.error(error instanceof SettingsError ? inColours(error) : error.message);
    process.exitCode = error instanceof CommandError ? error.exitCode : 1;
  }
}

/** In colours on a terminal that has them; Node knows NO_COLOR, FORCE_COLOR and TERM=dumb. */
function inColours(error: SettingsError): string {
  const colours = pc.createColors(process.stderr.isTTY === true && process.stderr.hasColors());
  const paint: Paint = { path: colours.bold, got: colours.red, instead: colours.green };
  return error.painted(paint);
}
