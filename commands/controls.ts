import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { isBroken, jsonReport, textReport } from "../cli/controls-report";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { synthesize } from "../cli/synth";
import { CATALOGUE } from "../controls/catalogue";
import { evaluate } from "../controls/evaluation";
import { SynthesizedStack } from "../controls/synthesized-stack";
import { type Environment, parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";

/** Synthesizes an environment to another folder, so that `cdktf.out` does not change. */
function stacksOf(environment: Environment): SynthesizedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "controls-"));
  try {
    return synthesize((folder) => buildApp([environment], folder), { outdir }).stacks.map((id) => {
      const path = join(outdir, "stacks", id, "cdk.tf.json");
      return new SynthesizedStack(id, JSON.parse(readFileSync(path, "utf8")));
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function controls(name: string, { json = false }: { readonly json?: boolean }): number {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const results = evaluate(CATALOGUE, stacksOf(environment), environment);
  const report = { name: environment.name, results, waiverContext: environment };
  console.log(json ? JSON.stringify(jsonReport(report), null, 2) : textReport(report));
  return isBroken(report) ? 1 : 0;
}

const program = new Command("npm run controls --")
  .description("Evaluates an environment's synthesized stacks against the catalogue of controls.")
  .argument("<environment>", "its name, such as prod")
  .option("--json", "print the catalogue with every result as JSON on stdout")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing violated; 1 a control is violated, or a waiver is unused.",
  )
  .action((name: string, options: { json?: boolean }) => run(() => controls(name, options)));

program.parseAsync();
