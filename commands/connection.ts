import { Command, InvalidArgumentError, Option } from "commander";
import { CommandError } from "../cli/command-error";
import { type ContainerEntries, containerEntries } from "../cli/container-entries";
import { checkSecretTarget, dotenv, writeSecretFile } from "../cli/dotenv-file";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { readSecret } from "../cli/secret-input";
import { table } from "../cli/table";
import {
  ORIGINS,
  printTask,
  type TestOptions,
  testEnvironment,
} from "../operations/connectivity/environment-test";
import { storeExistingPassword } from "../operations/connectivity/existing-password";
import { outputsOf } from "../operations/connectivity/store-outputs";
import { type Environment, parseEnvironments } from "../settings/environment";
import { providerAccess } from "../settings/terraform-access";

const FORMATS = ["table", "ecs", "json", "dotenv"] as const;

interface Options extends Partial<TestOptions> {
  readonly format: (typeof FORMATS)[number];
  readonly test?: true;
  readonly reveal?: true;
  readonly out?: string;
  readonly setPasswordFromStdin?: true;
  readonly store?: string;
}

function tableOf({ secrets, environment }: ContainerEntries): string {
  return table(
    ["variable", "value, or the location of the secret"],
    [
      ...secrets.map(({ name, valueFrom }) => [name, valueFrom]),
      ...environment.map(({ name, value }) => [name, value]),
    ],
  );
}

/** Runs before any state is read, which takes seconds. */
function checkOptions({ format, reveal, out }: Options): void {
  if (format === "dotenv" && !reveal) {
    throw new CommandError(
      "dotenv prints the password. If that is what you want: --format dotenv --reveal --out .env",
    );
  }
  if (format !== "dotenv" && (reveal || out)) {
    throw new CommandError(
      "--reveal and --out require the format dotenv: --format dotenv --reveal --out .env",
    );
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

function checkPasswordOptions({ setPasswordFromStdin, store, test, format }: Options): void {
  if (store !== undefined && !setPasswordFromStdin) {
    throw new CommandError("--store requires --set-password-from-stdin.");
  }
  if (setPasswordFromStdin && (test || format !== "table")) {
    throw new CommandError(
      "--set-password-from-stdin stores a password and does nothing else. Leave out --test and --format.",
    );
  }
}

async function setPassword(environment: Environment, { store }: Options): Promise<number> {
  const stored = await storeExistingPassword({ environment, store, readPassword: readSecret });
  const { stackId, settings } = stored.store;
  if (stored.warning) {
    console.error(
      `Warning: ${stored.warning} Make sure that you entered the password of ${settings.username}.`,
    );
  }
  console.log(
    [
      `Stored the password of ${settings.username} in ${stored.isNew ? "a new secret" : "a new version of the secret"}:`,
      `  ${stored.secretArn}`,
      `Next, set in the database ${stored.store.name}:`,
      `  credentials: ${literal(stored.settings)},`,
      `Then apply, restart the application, and test whether the database accepts the password:`,
      `  npm run deploy -- ${stackId}`,
      `  npm run connection -- ${environment.name} --test`,
    ].join("\n"),
  );
  return 0;
}

/** `{ kind: "existing", … }`, as a setting is written. */
function literal(settings: object): string {
  const fields = Object.entries(settings).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `{ ${fields.join(", ")} }`;
}

async function connection(name: string, options: Options): Promise<number> {
  checkTestOptions(options);
  checkOptions(options);
  checkPasswordOptions(options);
  const environment = named(parseEnvironments(readEnvironments()), name);
  if (options.setPasswordFromStdin) {
    return setPassword(environment, options);
  }
  if (!options.test) {
    return printVariables(environment, options);
  }
  return options.from === "task"
    ? printTask(environment, options)
    : testEnvironment(environment, options);
}

async function printVariables(environment: Environment, { format, out }: Options): Promise<number> {
  const stores = await outputsOf(environment);
  const entries = containerEntries(stores.map(({ outputs }) => outputs));
  if (format === "dotenv") {
    writeSecretFile(await dotenv(entries, providerAccess(environment)), out);
    console.error(
      out ? `Wrote ${out}. Only you can read it.` : "These are secrets: keep them here.",
    );
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
    "Shows the connection settings of an environment's data stores, read from their states; or stores the password of an adopted database.",
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
  .option(
    "--timeout <seconds>",
    "with --test: the time limit for each step (default: 5)",
    secondsOf,
  )
  .option("--cluster <name>", "with --from task: the ECS cluster")
  .option("--image <image>", "with --from task: an image with Node.js 20 or later")
  .option(
    "--set-password-from-stdin",
    'credentials of kind "existing": store the password, one line of standard input, in a secret',
  )
  .option(
    "--store <name>",
    "with --set-password-from-stdin: the database, if there is more than one",
  )
  .addHelpText("after", "\nExit codes: 0; 1 for an error, or when a check of --test failed.")
  .action((name: string, options: Options) => run(() => connection(name, options)));

program.parseAsync();
