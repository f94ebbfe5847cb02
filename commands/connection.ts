import { Command, Option } from "commander";
import { buildApp, environments } from "../main";
import { type Environment, parseEnvironments } from "../settings/environment";
import { stackId } from "../settings/names";
import { type ContainerEntries, containerEntries, type StackOutputs } from "./container-entries";
import { dotenv, writeSecretFile } from "./dotenv";
import { named } from "./named-environment";
import { CommandError, run } from "./run";
import { initialise, stackFolder } from "./stack-folder";
import { synthesise } from "./synth";
import { table } from "./table";
import { Terraform } from "./terraform";

const FORMATS = ["table", "ecs", "json", "dotenv"] as const;

interface Options {
  readonly format: (typeof FORMATS)[number];
  readonly reveal?: true;
  readonly out?: string;
}

/** What each of the environment's stacks says, read from its state. */
async function outputsOf(environment: Environment): Promise<StackOutputs[]> {
  const app = buildApp(parseEnvironments(environments));
  const stacks = synthesise(app);
  const terraform = await Terraform.find();
  const outputs: StackOutputs[] = [];
  for (const store of ["database", "cache"] as const) {
    const folder = stackFolder(app.outdir, stacks, stackId(environment, store));
    console.error(`Reading the state of ${folder.stack} …`);
    await initialise(terraform, folder, "keep");
    const { exitCode, output, stdout } = await terraform.run(
      folder.path,
      ["output", "-json"],
      "keep",
    );
    if (exitCode !== 0) {
      throw new CommandError(`${output}\nThe state of ${folder.stack} cannot be read.`);
    }
    outputs.push(outputsIn(stdout, folder.stack));
  }
  return outputs;
}

function outputsIn(output: string, stack: string): StackOutputs {
  const entries = Object.entries(JSON.parse(output) as Record<string, { value: unknown }>);
  const outputs = Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
  if (!outputs.ecs_secrets) {
    throw new CommandError(`${stack} has not been applied. Apply it: npx cdktf deploy ${stack}`);
  }
  return outputs as unknown as StackOutputs;
}

function tableOf({ secrets, environment }: ContainerEntries): string {
  return table(
    ["variable", "where its value is"],
    [
      ...secrets.map(({ name, valueFrom }) => [name, valueFrom]),
      ...environment.map(({ name, value }) => [name, `${value} (no secret)`]),
    ],
  );
}

function checkOptions({ format, reveal, out }: Options): void {
  if (format === "dotenv" && !reveal) {
    throw new CommandError("dotenv prints the password. Add --reveal if that is what you want.");
  }
  if (format !== "dotenv" && (reveal || out)) {
    throw new CommandError("--reveal and --out go with --format dotenv.");
  }
}

async function connection(name: string, options: Options): Promise<number> {
  const { format, out } = options;
  checkOptions(options);
  const outputs = await outputsOf(named(parseEnvironments(environments), name));
  const entries = containerEntries(outputs);
  if (format === "dotenv") {
    writeSecretFile(await dotenv(entries), out);
    console.error(out ? `Wrote ${out}, for your eyes only.` : "These are secrets: keep them here.");
  } else if (format === "table") {
    console.log(tableOf(entries));
  } else {
    const [database, cache] = outputs;
    console.log(JSON.stringify(format === "ecs" ? entries : { database, cache }, null, 2));
  }
  return 0;
}

const program = new Command("npm run connection --")
  .description("Shows how the application reaches an environment's data stores, from their states.")
  .argument("<environment>", "its name, such as dev")
  .addOption(
    new Option("--format <format>", "ecs: entries of a container definition; json: every output")
      .choices(FORMATS)
      .default("table"),
  )
  .option("--reveal", "with dotenv: fetch the secret values and print them")
  .option("--out <file>", "with dotenv: write to a file that git does not track")
  .addHelpText("after", "\nExit codes: 0, or 1 with one message.")
  .action((name: string, options: Options) => run(() => connection(name, options)));

program.parseAsync();
