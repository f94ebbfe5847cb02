import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { run } from "../cli/run";
import { synthesize } from "../cli/synth";
import { Github } from "../operations/pipeline/github";
import { joinedReports } from "../operations/pipeline/joined-reports";
import { pipelineStacks } from "../operations/pipeline/pipeline-stacks";
import { applyApproved, planStack } from "../operations/pipeline/planned-stack";
import { parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { type StackFolder, stackFolder } from "../terraform/stack-folder";
import { Terraform } from "../terraform/terraform";

const MARKER = "<!-- managed-data-stores -->";

function folderOf(stack: string): StackFolder {
  const parsed = parseEnvironments(readEnvironments());
  const { outdir, stacks } = synthesize((folder) => buildApp(parsed, folder));
  return stackFolder(outdir, stacks, stack);
}

function listStacks({ planned }: { readonly planned?: string }): number {
  console.log(JSON.stringify(pipelineStacks(parseEnvironments(readEnvironments()), planned)));
  return 0;
}

async function plan(stack: string, { out }: { readonly out: string }): Promise<number> {
  const folder = folderOf(stack);
  await planStack(await Terraform.find(), folder, out);
  return 0;
}

async function apply(stack: string, { approved }: { readonly approved: string }): Promise<number> {
  const folder = folderOf(stack);
  return applyApproved(await Terraform.find(), folder, approved);
}

/** The reports in files. Jobs that failed early have none. */
function reportsIn(files: readonly string[]): string | undefined {
  const found = files.filter((file) => existsSync(file));
  const reports = found.map((file) => ({
    name: basename(file),
    text: readFileSync(file, "utf8"),
  }));
  return reports.length > 0 ? joinedReports(reports) : undefined;
}

async function comment(
  files: readonly string[],
  { pullRequest }: { readonly pullRequest: number },
): Promise<number> {
  const text = reportsIn(files);
  if (text === undefined) {
    throw new CommandError(`There is no report in ${files.join(", ")}.`);
  }
  await Github.ofJob(process.env).comment(pullRequest, MARKER, text);
  return 0;
}

async function issue(
  files: readonly string[],
  { title }: { readonly title: string },
): Promise<number> {
  await Github.ofJob(process.env).issue(title, MARKER, reportsIn(files));
  return 0;
}

function numberOf(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) {
    throw new InvalidArgumentError("Use the number of the pull request.");
  }
  return Number(text);
}

const program = new Command("npm run pipeline --").description(
  "The steps of a pipeline's jobs, one stack per job.",
);

program
  .command("stacks")
  .description("Prints the stacks of every environment with a pipeline as JSON: a job's matrix.")
  .option("--planned <folder>", "only stacks that a plan in this folder changes")
  .action((options: { planned?: string }) => run(() => listStacks(options)));

program
  .command("plan")
  .description(
    "Plans a stack; writes STACK.plan.json, STACK.md and, with changes, STACK.fingerprint.",
  )
  .argument("<stack>", "the ID of a stack")
  .requiredOption("--out <folder>", "the folder; the plan as JSON may hold sensitive values")
  .action((stack: string, options: { out: string }) => run(() => plan(stack, options)));

program
  .command("apply")
  .description("Plans a stack again, and applies the plan if it is the approved one.")
  .argument("<stack>", "the ID of a stack")
  .requiredOption("--approved <file>", "the fingerprint of the approved plan")
  .action((stack: string, options: { approved: string }) => run(() => apply(stack, options)));

program
  .command("comment")
  .description("Writes reports to the one comment of a pull request, in a job of GitHub Actions.")
  .argument("<files...>", "reports as Markdown; missing ones are left out")
  .requiredOption("--pull-request <number>", "the pull request", numberOf)
  .action((files: string[], options: { pullRequest: number }) =>
    run(() => comment(files, options)),
  );

program
  .command("issue")
  .description(
    "Writes reports to one issue, in a job of GitHub Actions; closes it without reports.",
  )
  .argument("[files...]", "reports as Markdown; missing ones are left out")
  .requiredOption("--title <title>", "the title of the issue")
  .action((files: string[], options: { title: string }) => run(() => issue(files, options)));

program.addHelpText(
  "after",
  "\nExit codes: 0; 1 for an error; 3 when the plan is not the approved one; apply: that of terraform apply.",
);

program.parseAsync();
