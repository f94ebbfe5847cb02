import pc from "picocolors";
import { type Paint, SettingsError } from "../validation/problem";
import { CommandError } from "./command-error";

/**
 * Runs a command and sets the process's exit code: the command's result, or 1 with one message for an error that the
 * user can fix. Any other error is a defect and keeps its stack trace.
 */
export async function run(command: () => Promise<number> | number): Promise<void> {
  // Node.js 20 works until the SDK requires a later version. Until then, its notice would only distract users of the commands.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  try {
    process.exitCode = await command();
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof CommandError)) {
      throw error;
    }
    console.error(error instanceof SettingsError ? inColors(error) : error.message);
    process.exitCode = error instanceof CommandError ? error.exitCode : 1;
  }
}

/** In color if the terminal supports it. Node.js reads NO_COLOR, FORCE_COLOR and TERM=dumb. */
function inColors(error: SettingsError): string {
  const colors = pc.createColors(process.stderr.isTTY === true && process.stderr.hasColors());
  const paint: Paint = { path: colors.bold, got: colors.red, instead: colors.green };
  return error.painted(paint);
}
