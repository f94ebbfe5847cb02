import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { run } from "../cli/run";
import { configurationsOf, synthesize } from "../cli/synth";
import { approvalsFor } from "../operations/review/approvals";
import { compare } from "../operations/review/base/comparison";
import type { Configuration } from "../operations/review/base/configuration-changes";
import { synthesizeRevision } from "../operations/review/base/revision";
import { readPlan, stackOf } from "../operations/review/plan";
import { planStack } from "../operations/review/planning";
import { markdown } from "../operations/review/report/markdown";
import { page } from "../operations/review/report/page";
import { text } from "../operations/review/report/text";
import {
  type Review,
  reviewOf,
  reviewPlan,
  type StackReview,
  type Verdict,
} from "../operations/review/review";
import { type Environment, parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { stackFolder } from "../terraform/stack-folder";
import { selectStacks } from "../terraform/stack-selection";
import { Terraform } from "../terraform/terraform";

interface Options {
  readonly plan: readonly string[];
  readonly format: keyof typeof FORMATS;
  readonly out?: string;
  readonly base?: string;
}

const FORMATS = {
  table: text,
  markdown: (review: Review) => markdown(review),
  html: page,
  json: (review: Review) => JSON.stringify(review, null, 2),
};

const EXIT_CODES: Readonly<Record<Verdict, number>> = { passed: 0, error: 1, refused: 3 };

async function review(names: readonly string[], options: Options): Promise<number> {
  const environments = parseEnvironments(readEnvironments());
  const result = reviewOf(await reviewed(names, options, environments));
  const report = `${FORMATS[options.format](result).trimEnd()}\n`;
  if (options.out) {
    writeFileSync(options.out, report);
    console.log(`${result.verdict}: ${options.out}`);
  } else {
    process.stdout.write(report);
  }
  return EXIT_CODES[result.verdict];
}

function reviewed(
  names: readonly string[],
  { plan, base }: Options,
  environments: readonly Environment[],
): Promise<StackReview[]> | StackReview[] {
  if (base !== undefined && plan.length > 0) {
    throw new CommandError("--base compares revisions, and --plan reads plans. Use one of them.");
  }
  if (base !== undefined) {
    return compared(base, names, environments);
  }
  if (plan.length > 0) {
    return readPlans(plan, names, environments);
  }
  if (names.length === 0) {
    throw new CommandError("Name an environment or a stack, or use --plan FILE or --base REF.");
  }
  return planned(names, environments);
}

async function planned(
  names: readonly string[],
  environments: readonly Environment[],
): Promise<StackReview[]> {
  const { outdir, stacks } = synthesize((folder) => buildApp(environments, folder));
  const folders = selectStacks(names, stacks, environments).map((stack) =>
    stackFolder(outdir, stacks, stack),
  );
  const terraform = await Terraform.find();
  return Promise.all(
    folders.map(async (folder) => {
      console.error(`Planning ${folder.stack} …`);
      return reviewPlan(
        await planStack(terraform, folder),
        approvalsFor(folder.stack, environments),
      );
    }),
  );
}

/** A plan names its stack in the provider's default tags. Without them, the stack must be named. */
function readPlans(
  files: readonly string[],
  names: readonly string[],
  environments: readonly Environment[],
): StackReview[] {
  const chosen = names.length > 0 ? selectStacks(names, stackIds(environments), environments) : [];
  const plans = files.map((file) => {
    const plan = readPlan(file);
    const stack =
      stackOf(plan) ?? (chosen.length === 1 && files.length === 1 ? chosen[0] : undefined);
    if (stack === undefined) {
      throw new CommandError(
        `${file} does not contain the ID of its stack. Name the stack as well.`,
      );
    }
    if (chosen.length > 0 && !chosen.includes(stack)) {
      throw new CommandError(
        `${file} is a plan of ${stack}, and not of ${chosen.join(", ")}. Name ${stack}, or use another plan.`,
      );
    }
    return { stack, plan };
  });
  const missing = chosen.filter((stack) => !plans.some((one) => one.stack === stack));
  if (missing.length > 0) {
    throw new CommandError(`Add a --plan of ${missing.join(", ")}.`);
  }
  return plans.map(({ stack, plan }) => reviewPlan(plan, approvalsFor(stack, environments)));
}

function stackIds(environments: readonly Environment[]): string[] {
  return buildApp(environments).node.children.map(({ node }) => node.id);
}

async function compared(
  base: string,
  names: readonly string[],
  environments: readonly Environment[],
): Promise<StackReview[]> {
  const now = configurationsOf<Configuration>((folder) => buildApp(environments, folder));
  const old = await synthesizeRevision(resolve(__dirname, ".."), base);
  const all = compare(old, now, base, (stack) => approvalsFor(stack, environments));
  const known = [...new Set([...now.keys(), ...old.keys()])];
  const chosen = names.length > 0 ? selectStacks(names, known, environments) : known;
  return all.filter(({ stack }) => chosen.includes(stack));
}

const program = new Command("npm run review --")
  .description(
    "Reviews plans for data loss, outages and exposure. Refuses such changes unless they are approved.",
  )
  .argument("[names...]", "environments or IDs of stacks, such as dev or news-api-dev-database")
  .option(
    "--plan <file>",
    "read a saved plan, as terraform show -json prints it, instead of planning; repeatable",
    (file: string, files: string[]) => [...files, file],
    [],
  )
  .addOption(
    new Option("--format <format>", "the form of the report")
      .choices(Object.keys(FORMATS))
      .default("table"),
  )
  .option("--out <file>", "write the report to a file")
  .option(
    "--base <ref>",
    "compare the synthesized JSON with that of another revision, without a plan",
  )
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing is refused; 1 an error, or an unused approval; 3 a change is refused.",
  )
  .action((names: string[], options: Options) => run(() => review(names, options)));

program.parseAsync();
