import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { parseEnvironment } from "../settings/environment";
import { type Problem, SettingsError } from "../settings/problem";
import { CommandError, run } from "./run";

/** @throws CommandError for a file that is not there or not JSON. */
function readJson(file: string): unknown {
  if (!existsSync(file)) {
    throw new CommandError(`${file} does not exist. Name a JSON file with one environment.`);
  }
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CommandError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}

function problemsOf(input: unknown): readonly Problem[] {
  try {
    parseEnvironment(input);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems;
    }
    throw error;
  }
}

function validate(file: string, { json = false }: { readonly json?: boolean }): number {
  const input = readJson(file);
  if (json) {
    const problems = problemsOf(input);
    console.log(JSON.stringify(problems, null, 2));
    return problems.length === 0 ? 0 : 1;
  }
  const { app, name } = parseEnvironment(input);
  console.log(`${file}: environment ${name} of ${app} is valid.`);
  return 0;
}

const program = new Command("npm run validate --")
  .description("Checks an environment that is given as JSON.")
  .argument("<file>", "a JSON file with one environment")
  .option("--json", "print the problems as JSON on stdout: [{ path, message }]")
  .addHelpText("after", "\nExit codes: 0 valid; 1 not valid, with every problem on stderr.")
  .action((file: string, options) => run(() => validate(file, options)));

program.parseAsync();
