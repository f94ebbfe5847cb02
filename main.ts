import { Command } from "commander";
import { readEnvironments } from "./cli/environment-files";
import { run } from "./cli/run";
import { synthesize } from "./cli/synth";
import { todayInUtc, warn } from "./cli/warnings";
import { parseEnvironments } from "./settings/environment";
import { buildApp } from "./stacks/app";

// cdktf's CLI asks for HCL in this variable. cdktf's own renderer would drop ephemeral blocks.
const cdktfWantsHcl = process.env.SYNTH_HCL_OUTPUT === "true";
delete process.env.SYNTH_HCL_OUTPUT;

/** The app that `npm run synth` and cdktf's CLI run: `environments/` → validated settings → stacks → `cdktf.out`. */
function synth({ hcl = cdktfWantsHcl }: { readonly hcl?: boolean }): number {
  const environments = parseEnvironments(readEnvironments());
  warn(environments, todayInUtc());
  const build = (outdir: string) => buildApp(environments, outdir);
  const { outdir, stacks } = synthesize(build, { form: hcl ? "hcl" : "json" });
  console.log(`${stacks.length} stacks in ${outdir}/stacks:\n  ${stacks.join("\n  ")}`);
  return 0;
}

new Command("npm run synth --")
  .description("Writes every stack of every environment to cdktf.out/stacks.")
  .option("--hcl", "write Terraform's own language, for people to read, instead of JSON")
  .addHelpText("after", "\nExit codes: 0; 1 when the settings are invalid, and nothing is written.")
  .action((options: { hcl?: boolean }) => run(() => synth(options)))
  .parseAsync();
