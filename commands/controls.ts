import { Command } from "commander";
import { isBroken, jsonReport, textReport } from "../cli/controls-report";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { configurationsOf } from "../cli/synth";
import { CATALOGUE } from "../controls/catalogue";
import { evaluate } from "../controls/evaluation";
import { SynthesizedStack } from "../controls/synthesized-stack";
import { parseEnvironments } from "../settings/environment";
import { buildApp } from "../stacks/app";

function controls(name: string, { json = false }: { readonly json?: boolean }): number {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const configurations = configurationsOf<object>((folder) => buildApp([environment], folder));
  const stacks = [...configurations].map(([id, json]) => new SynthesizedStack(id, json));
  const results = evaluate(CATALOGUE, stacks, environment);
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
