import { stripVTControlCharacters } from "node:util";
import { Command } from "commander";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { run } from "../cli/run";
import { synthesize } from "../cli/synth";
import { table } from "../cli/table";
import { todayInUtc, warn } from "../cli/warnings";
import { parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { initialize, type StackFolder, stackFolder } from "../terraform/stack-folder";
import { selectStacks } from "../terraform/stack-selection";
import { COLOR_ARGUMENTS, Terraform } from "../terraform/terraform";

/** Synthesizes, and plans stacks concurrently with plain Terraform in their folders. */
async function plan(name: string, terraformArguments: readonly string[]): Promise<number> {
  const parsed = parseEnvironments(readEnvironments());
  warn(parsed, todayInUtc());
  const { outdir, stacks } = synthesize((folder) => buildApp(parsed, folder));
  const folders = selectStacks([name], stacks, parsed).map((stack) =>
    stackFolder(outdir, stacks, stack),
  );
  const terraform = await Terraform.find();
  const from = terraform.mirror ? `providers from ${terraform.mirror}` : "";
  console.log(`Terraform ${terraform.version} ${from}`.trim());
  const args = ["plan", "-input=false", ...COLOR_ARGUMENTS, ...terraformArguments];
  const [only] = folders;
  if (only && folders.length === 1) {
    await initialize(terraform, only);
    return (await terraform.run(only.path, args)).exitCode;
  }
  return planAll(terraform, folders, args);
}

interface Planned {
  readonly stack: string;
  readonly exitCode: number;
  readonly output: string;
}

/** `terraform plan` exits with 1 for an error and, with -detailed-exitcode, with 2 for changes: an error counts more. */
const BY_WEIGHT = [0, 2, 1];

async function planAll(
  terraform: Terraform,
  folders: readonly StackFolder[],
  args: readonly string[],
): Promise<number> {
  const planned = await Promise.all(folders.map((folder) => planOne(terraform, folder, args)));
  const rows = planned.map(({ stack, exitCode, output }) => [stack, resultOf(exitCode, output)]);
  console.log(table(["stack", "plan"], rows));
  const codes = planned.map(({ exitCode }) => exitCode);
  return codes.reduce((one, other) =>
    BY_WEIGHT.indexOf(other) > BY_WEIGHT.indexOf(one) ? other : one,
  );
}

/** Prints each plan as a whole, so that concurrent plans do not mix. */
async function planOne(
  terraform: Terraform,
  folder: StackFolder,
  args: readonly string[],
): Promise<Planned> {
  const { stack, path } = folder;
  console.log(`Planning ${stack} …`);
  try {
    await initialize(terraform, folder, "keep");
    const { exitCode, output } = await terraform.run(path, args, "keep");
    console.log(`$ ${terraform.binary} -chdir=${path} ${args.join(" ")}\n${output}\n`);
    return { stack, exitCode, output };
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    console.error(error.message);
    return { stack, exitCode: 1, output: "" };
  }
}

/** The summary of `terraform plan`, which prints it in bold and colors on a terminal. */
function resultOf(exitCode: number, output: string): string {
  if (exitCode === 1) {
    return "failed";
  }
  const text = stripVTControlCharacters(output);
  const [summary] = /^Plan: .*|^No changes\./m.exec(text) ?? [];
  return summary ?? (/^Changes to Outputs:/m.test(text) ? "changes to outputs only" : "see above");
}

const program = new Command("npm run plan --")
  .description(
    "Synthesizes, then runs terraform init and plan in the folder of a stack, or concurrently for all stacks of an environment.",
  )
  .argument("<stack>", "the ID of a stack, such as news-api-dev-database, or an environment")
  .argument(
    "[terraform arguments...]",
    "passed on to terraform plan; paths are relative to the stack's folder",
  )
  .allowUnknownOption()
  .passThroughOptions()
  .addHelpText(
    "after",
    "\nExit codes: those of terraform plan, for several stacks the worst; 1 when a plan fails.",
  )
  .action((stack: string, terraformArguments: string[]) =>
    run(() => plan(stack, terraformArguments)),
  );

program.parseAsync();
