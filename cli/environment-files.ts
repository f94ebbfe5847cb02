import { readdirSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import { CommandError } from "./command-error";
import { readSettingsFile } from "./settings-file";

/** The folder of the environments, one per file. */
export const ENVIRONMENTS = resolve(__dirname, "..", "environments");

/**
 * The settings in `environments/`, one environment per file, `.ts` or `.json`, in the order of the file names.
 * @throws CommandError with everything that is wrong with the files.
 */
export function readEnvironments(): unknown[] {
  const files = readdirSync(ENVIRONMENTS)
    .filter((file) => [".ts", ".json"].includes(parse(file).ext))
    .sort();
  const problems = twins(files);
  const environments = files.map((file) => {
    try {
      return readSettingsFile(join(ENVIRONMENTS, file));
    } catch (error) {
      if (!(error instanceof CommandError)) {
        throw error;
      }
      problems.push(error.message);
      return undefined;
    }
  });
  if (problems.length > 0) {
    throw new CommandError(problems.join("\n"));
  }
  return environments;
}

/** An environment in both forms would be ambiguous. */
function twins(files: readonly string[]): string[] {
  return files
    .filter((file) => parse(file).ext === ".ts" && files.includes(`${parse(file).name}.json`))
    .map((file) => {
      const { name } = parse(file);
      return `environments/${name}.ts and environments/${name}.json are the same environment. Remove one of them.`;
    });
}
