import { existsSync, readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { parseEnvironment } from "../settings/environment";
import { type Problem, SettingsError } from "../settings/problem";
import { CommandError, run } from "./run";
import { todayInUtc, warn } from "./warnings";

/** @throws CommandError for a file that is not there or not JSON. */
function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw new CommandError(`${file} does not exist. Name a JSON file with one environment.`);
  }
  try {
    return JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new CommandError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}

/** The environment in a file; `$schema` is for editors. */
function readSettings(file: string): unknown {
  const content = readJson(file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return content;
  }
  const { $schema: _, ...settings } = content as Record<string, unknown>;
  return settings;
}

interface ValidateOptions {
  readonly json?: boolean;
  readonly date: string;
}

/** What is wrong, for a program: nothing when the settings are right. */
function problemsOf(settings: unknown): readonly Problem[] {
  try {
    parseEnvironment(settings);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    throw error;
  }
}

function validate(file: string, { json = false, date }: ValidateOptions): number {
  const settings = readSettings(file);
  if (json) {
    const problems = problemsOf(settings);
    console.log(JSON.stringify(problems, null, 2));
    return problems.length === 0 ? 0 : 1;
  }
  const environment = parseEnvironment(settings);
  warn([environment], date);
  console.log(`${file}: environment ${environment.name} of ${environment.app} is valid.`);
  return 0;
}

function isoDate(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("Write a date such as 2026-12-31.");
  }
  return text;
}

const program = new Command("npm run validate --")
  .description("Checks an environment that is given as JSON.")
  .argument("<file>", "a JSON file with one environment")
  .option("--json", "print the problems as JSON on stdout: [{ path, must, got, instead, message }]")
  .option("--date <date>", "warn of versions as on that day", isoDate, todayInUtc())
  .addHelpText("after", "\nExit codes: 0 valid; 1 not valid, with every problem on stderr.")
  .action((file: string, options: ValidateOptions) => run(() => validate(file, options)));

program.parseAsync();
