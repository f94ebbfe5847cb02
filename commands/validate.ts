import { Command, InvalidArgumentError } from "commander";
import { CommandError } from "../cli/command-error";
import { run } from "../cli/run";
import { readSettingsFile } from "../cli/settings-file";
import { todayInUtc, warn } from "../cli/warnings";
import { parseEnvironment } from "../settings/environment";
import { printableJson } from "../validation/printable";
import { type Problem, SettingsError } from "../validation/problem";

interface ValidateOptions {
  readonly json?: boolean;
  readonly date: string;
}

/** The problems, for a program. Empty if the settings are valid. */
function problemsIn(file: string): readonly Problem[] {
  try {
    parseEnvironment(readSettingsFile(file));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    if (error instanceof CommandError) {
      const { message } = error;
      return [{ path: "", must: message, instead: "", message }];
    }
    throw error;
  }
}

function validate(file: string, { json = false, date }: ValidateOptions): number {
  if (json) {
    const problems = problemsIn(file);
    console.log(printableJson(problems));
    return problems.length === 0 ? 0 : 1;
  }
  const environment = parseEnvironment(readSettingsFile(file));
  warn([environment], date);
  console.log(`${file}: environment ${environment.name} of ${environment.app} is valid.`);
  return 0;
}

function isoDate(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("Use a date such as 2026-12-31.");
  }
  return text;
}

const program = new Command("npm run validate --")
  .description("Validates the environment in a file, TypeScript or JSON.")
  .argument("<file>", "a .ts file in environments/, or a .json file anywhere")
  .option("--json", "print the problems as JSON on stdout: [{ path, must, got, instead, message }]")
  .option("--date <date>", "warn about versions as of that day", isoDate, todayInUtc())
  .addHelpText("after", "\nExit codes: 0 valid; 1 invalid, with every problem on stderr.")
  .action((file: string, options: ValidateOptions) => run(() => validate(file, options)));

program.parseAsync();
