import { rmSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../cli/command-error";
import { initialize, type StackFolder } from "../../terraform/stack-folder";
import type { Terraform } from "../../terraform/terraform";
import { type Plan, parsePlan } from "./plan";

const PLAN_FILE = "review.plan";

/**
 * Plans a stack with a refresh, so that drift is visible, and reads the plan.
 * @throws CommandError with Terraform's own output when it cannot.
 */
export async function planStack(terraform: Terraform, folder: StackFolder): Promise<Plan> {
  await initialize(terraform, folder, "keep");
  const args = ["plan", "-input=false", "-no-color", `-out=${PLAN_FILE}`];
  const planned = await terraform.run(folder.path, args, "keep");
  if (planned.exitCode !== 0) {
    throw new CommandError(`terraform plan failed for ${folder.stack}:\n${planned.output}`);
  }
  const shown = await terraform.run(folder.path, ["show", "-json", PLAN_FILE], "keep");
  // A saved plan holds the whole state.
  rmSync(join(folder.path, PLAN_FILE));
  if (shown.exitCode !== 0) {
    throw new CommandError(`terraform show failed for ${folder.stack}:\n${shown.output}`);
  }
  return parsePlan(shown.stdout, `The plan of ${folder.stack}`);
}
