import { Command, InvalidArgumentError, Option } from "commander";
import { CommandError } from "../cli/command-error";
import { type ContainerEntries, containerEntries } from "../cli/container-entries";
import { checkSecretTarget, dotenv, writeSecretFile } from "../cli/dotenv-file";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { table } from "../cli/table";
import {
  ORIGINS,
  printTask,
  type TestOptions,
  testEnvironment,
} from "../operations/connectivity/environment-test";
import { outputsOf } from "../operations/connectivity/store-outputs";
import { parseEnvironments } from "../settings/environment";
import { providerAccess } from "../settings/terraform-access";

const FORMATS = ["table", "ecs", "json", "dotenv"] as const;

interface Options extends Partial<TestOptions> {
  readonly format: (typeof FORMATS)[number];
  readonly test?: true;
  readonly reveal?: true;
  readonly out?: string;
}

function tableOf({ secrets, environment }: ContainerEntries): string {
  return table(
    ["variable", "value, or where the secret is"],
    [
      ...secrets.map(({ name, valueFrom }) => [name, valueFrom]),
      ...environment.map(({ name, value }) => [name, value]),
    ],
  );
}

/** Before anything is read: states take seconds. */
function checkOptions({ format, reveal, out }: Options): void {
  if (format === "dotenv" && !reveal) {
    throw new CommandError("dotenv prints the password. Add --reveal if that is what you want.");
  }
  if (format !== "dotenv" && (reveal || out)) {
    throw new CommandError("--reveal and --out require --format dotenv.");
  }
  if (format === "dotenv") {
    checkSecretTarget(out);
  }
}

const TEST_OPTIONS = ["from", "json", "ca", "timeout", "cluster", "image"] as const;

function checkTestOptions(options: Options): void {
  const given = TEST_OPTIONS.filter((name) => options[name] !== undefined);
  if (!options.test && given.length > 0) {
    throw new CommandError(`--${given.join(", --")} requires --test.`);
  }
  if (options.test && options.format !== "table") {
    throw new CommandError("--test prints no variables. Leave out --format, or --test.");
  }
}

async function connection(name: string, options: Options): Promise<number> {
  const { format, out, test, from } = options;
  checkTestOptions(options);
  checkOptions(options);
  const environment = named(parseEnvironments(readEnvironments()), name);
  if (test) {
    return from === "task"
      ? printTask(environment, options)
      : testEnvironment(environment, options);
  }
  const stores = await outputsOf(environment);
  const entries = containerEntries(stores.map(({ outputs }) => outputs));
  if (format === "dotenv") {
    writeSecretFile(await dotenv(entries, providerAccess(environment)), out);
    console.error(out ? `Wrote ${out}, for your eyes only.` : "These are secrets: keep them here.");
  } else if (format === "table") {
    console.log(tableOf(entries));
  } else {
    const all = Object.fromEntries(stores.map(({ store, outputs }) => [store.name, outputs]));
    console.log(JSON.stringify(format === "ecs" ? entries : all, null, 2));
  }
  return 0;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) {
    throw new InvalidArgumentError("Use a number of seconds greater than 0 and at most 600.");
  }
  return seconds;
}

const program = new Command("npm run connection --")
  .description(
    "Shows the connection settings of an environment's data stores, read from their states.",
  )
  .argument("<environment>", "its name, such as dev")
  .addOption(
    new Option(
      "--format <format>",
      "ecs: entries of a container definition; json: every output, by data store",
    )
      .choices(FORMATS)
      .default("table"),
  )
  .option("--reveal", "with dotenv: fetch the secret values and print them")
  .option("--out <file>", "with dotenv: write to a file that git does not track")
  .option("--test", "connect with each URL as the application would, and report what fails")
  .addOption(
    new Option(
      "--from <origin>",
      "with --test: here (the default); variables: the URLs in this process's own variables; task: print the command that runs the test in the application's network",
    ).choices(ORIGINS),
  )
  .option("--json", "with --test: print the result as JSON")
  .option("--ca <file>", "with --test: trust this CA bundle instead of the file in the URL")
  .option("--timeout <seconds>", "with --test: how long a step may take (5)", secondsOf)
  .option("--cluster <name>", "with --from task: the ECS cluster")
  .option("--image <image>", "with --from task: an image with Node.js 20 or later")
  .addHelpText(
    "after",
    "\nExit codes: 0; 1 with one message, or when a check of --test has failed.",
  )
  .action((name: string, options: Options) => run(() => connection(name, options)));

program.parseAsync();
