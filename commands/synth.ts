import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type App, TerraformStack } from "cdktf";
import { CommandError } from "./run";

/** Committed by teams that pin the provider: every stack uses the same one. */
const LOCK_FILE = ".terraform.lock.hcl";

/**
 * Writes the stacks of an app, and leaves exactly those in the output folder. A committed provider lock file is
 * copied beside each, because the output folder is not committed.
 * @returns the ids of the stacks.
 * @throws CommandError when HCL is asked for: cdktf 0.21 would leave the ephemeral password out without a word.
 */
export function synthesise(app: App): string[] {
  if (app.hclOutput) {
    throw new CommandError(
      "HCL is not offered: cdktf 0.21 cannot write ephemeral blocks as HCL. Synthesise without --hcl; Terraform reads the JSON as it is.",
    );
  }
  app.synth();
  const stacks = app.node.children.filter(TerraformStack.isStack).map(({ node }) => node.id);
  const folder = join(app.outdir, "stacks");
  for (const name of readdirSync(folder)) {
    if (!stacks.includes(name)) {
      rmSync(join(folder, name), { recursive: true });
      console.log(
        `Removed ${join(folder, name)}: no environment has it any more. What it made in AWS, if anything, is still there.`,
      );
    }
  }
  if (existsSync(LOCK_FILE)) {
    for (const stack of stacks) {
      copyFileSync(LOCK_FILE, join(folder, stack, LOCK_FILE));
    }
  }
  return stacks;
}
