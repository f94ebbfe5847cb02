import { Command } from "commander";
import { readEnvironments } from "../cli/environment-files";
import { run } from "../cli/run";
import { synthesize } from "../cli/synth";
import { todayInUtc, warn } from "../cli/warnings";
import { parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { initialize, stackFolder } from "../terraform/stack-folder";
import { selectStacks } from "../terraform/stack-selection";
import { COLOR_ARGUMENTS, Terraform } from "../terraform/terraform";

type Action = "apply" | "destroy";

interface Options {
  readonly autoApprove?: true;
}

/** One stack after another, because Terraform asks before it changes anything. Stops at the first failure. */
async function runInStacks(
  action: Action,
  names: readonly string[],
  { autoApprove }: Options,
): Promise<number> {
  const parsed = parseEnvironments(readEnvironments());
  warn(parsed, todayInUtc());
  const { outdir, stacks } = synthesize((folder) => buildApp(parsed, folder));
  const terraform = await Terraform.find();
  for (const stack of selectStacks(names, stacks, parsed)) {
    const folder = stackFolder(outdir, stacks, stack);
    await initialize(terraform, folder);
    const args = [action, ...COLOR_ARGUMENTS, ...(autoApprove ? ["-auto-approve"] : [])];
    const { exitCode } = await terraform.run(folder.path, args);
    if (exitCode !== 0) {
      if (!autoApprove && !process.stdin.isTTY) {
        console.error(
          "If Terraform could not ask for approval, run the command in a terminal, or add --auto-approve.",
        );
      }
      return exitCode;
    }
  }
  return 0;
}

const [ACTION = ""] = process.argv.splice(2, 1);
const action: Action = ACTION === "destroy" ? "destroy" : "apply";

const program = new Command(`npm run ${action === "destroy" ? "destroy" : "deploy"} --`)
  .description(`Synthesizes, then runs terraform init and ${action} in the folder of each stack.`)
  .argument("<stacks...>", "IDs of stacks, such as news-api-dev-database, or environments")
  .option("--auto-approve", "do not ask before each stack")
  .addHelpText(
    "after",
    "\nExit code: that of terraform for the first stack that failed; otherwise 0.",
  )
  .action((stacks: string[], options: Options) => run(() => runInStacks(action, stacks, options)));

program.parseAsync();
