import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { CATALOGUE } from "../controls/catalogue";
import { evaluate } from "../controls/evaluation";
import { SynthesisedStack } from "../controls/synthesised-stack";
import { buildApp, environments } from "../main";
import { type Environment, parseEnvironments } from "../settings/environment";
import { isBroken, jsonReport, textReport } from "./controls-report";
import { named } from "./named-environment";
import { run } from "./run";
import { synthesise } from "./synth";

/** Synthesises an environment aside, so that `cdktf.out` stays what was last synthesised for Terraform. */
function stacksOf(environment: Environment): SynthesisedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "controls-"));
  try {
    return synthesise(buildApp([environment], outdir)).map((id) => {
      const path = join(outdir, "stacks", id, "cdk.tf.json");
      return new SynthesisedStack(id, JSON.parse(readFileSync(path, "utf8")));
    });
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function controls(name: string, { json = false }: { readonly json?: boolean }): number {
  const environment = named(parseEnvironments(environments), name);
  const results = evaluate(CATALOGUE, stacksOf(environment), environment);
  const report = { name: environment.name, results, judgement: environment };
  console.log(json ? JSON.stringify(jsonReport(report), null, 2) : textReport(report));
  return isBroken(report) ? 1 : 0;
}

const program = new Command("npm run controls --")
  .description("Holds an environment's stacks, as synthesised, against the catalogue of controls.")
  .argument("<environment>", "its name, such as prod")
  .option("--json", "print the catalogue with every result as JSON on stdout")
  .addHelpText(
    "after",
    "\nExit codes: 0 nothing violated; 1 a control is violated, or a waiver excuses nothing.",
  )
  .action((name: string, options: { json?: boolean }) => run(() => controls(name, options)));

program.parseAsync();
