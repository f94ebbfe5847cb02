import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../cli/command-error";
import { initialize, type StackFolder } from "../../terraform/stack-folder";
import type { Terraform } from "../../terraform/terraform";
import { fingerprintOf, hasChanges, type PlanJson } from "./fingerprint";
import { planReport } from "./plan-report";

/** In the stack's folder. It may hold sensitive values: it stays on the machine that made it. */
const SAVED_PLAN = "saved.plan";
/** Only the user who runs the command can read and write it. */
const PRIVATE = 0o600;
const STALE = 3;

/** The files that a plan leaves for other steps and jobs. */
export interface PlanFiles {
  /** `terraform show -json`: for the review, on this machine alone. */
  readonly json: string;
  /** The fingerprint of the approved plan; absent when nothing changes. */
  readonly fingerprint: string;
  /** Addresses and actions, as Markdown. */
  readonly report: string;
}

export function planFiles(folder: string, stack: string): PlanFiles {
  return {
    json: join(folder, `${stack}.plan.json`),
    fingerprint: join(folder, `${stack}.fingerprint`),
    report: join(folder, `${stack}.md`),
  };
}

/**
 * Plans a stack, and writes the plan as JSON, a report and, if anything changes, its fingerprint to a folder.
 * @throws CommandError when there is no plan.
 */
export async function planStack(
  terraform: Terraform,
  stack: StackFolder,
  folder: string,
): Promise<void> {
  const plan = await savedPlan(terraform, stack);
  const { json, fingerprint, report } = planFiles(folder, stack.stack);
  mkdirSync(folder, { recursive: true });
  writeFileSync(json, plan, { mode: PRIVATE });
  const parsed: PlanJson = JSON.parse(plan);
  writeFileSync(report, planReport(stack.stack, parsed));
  rmSync(fingerprint, { force: true });
  if (hasChanges(parsed)) {
    writeFileSync(fingerprint, `${fingerprintOf(parsed)}\n`);
  }
}

/**
 * Plans a stack again, and applies that plan if it does what the approved one does.
 * @returns Terraform's exit code.
 * @throws CommandError with exit code 3 when the plan differs from the approved one.
 */
export async function applyApproved(
  terraform: Terraform,
  stack: StackFolder,
  approved: string,
): Promise<number> {
  const expected = approvedFingerprint(approved);
  const plan = await savedPlan(terraform, stack);
  if (fingerprintOf(JSON.parse(plan)) !== expected) {
    throw new CommandError(
      `The plan of ${stack.stack} is not the approved one: the state, the account or the configuration has changed since. Nothing was applied. Plan and approve again.`,
      STALE,
    );
  }
  return (await terraform.run(stack.path, ["apply", "-input=false", SAVED_PLAN])).exitCode;
}

function approvedFingerprint(file: string): string {
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new CommandError(
      `${file} is not the fingerprint of a plan. Create it with: npm run pipeline -- plan STACK --out FOLDER`,
    );
  }
  return text;
}

async function savedPlan(terraform: Terraform, stack: StackFolder): Promise<string> {
  await initialize(terraform, stack);
  const args = ["plan", "-input=false", `-out=${SAVED_PLAN}`];
  const { exitCode } = await terraform.run(stack.path, args);
  if (exitCode !== 0) {
    throw new CommandError(`There is no plan of ${stack.stack}: see Terraform's message above.`);
  }
  const shown = await terraform.run(stack.path, ["show", "-json", SAVED_PLAN], "keep");
  if (shown.exitCode !== 0) {
    throw new CommandError(`terraform show failed in ${stack.path}: ${shown.output}`);
  }
  return shown.stdout;
}
