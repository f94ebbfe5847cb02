import { Command } from "commander";
import { buildApp, environments } from "../main";
import { parseEnvironments } from "../settings/environment";
import { run } from "./run";
import { initialise, stackFolder } from "./stack-folder";
import { synthesise } from "./synth";
import { Terraform } from "./terraform";
import { todayInUtc, warn } from "./warnings";

/** Synthesises, and plans one stack with plain Terraform in its folder. */
async function plan(stack: string, terraformArguments: readonly string[]): Promise<number> {
  const parsed = parseEnvironments(environments);
  warn(parsed, todayInUtc());
  const app = buildApp(parsed);
  const folder = stackFolder(app.outdir, synthesise(app), stack);
  const terraform = await Terraform.find();
  const from = terraform.mirror ? `providers from ${terraform.mirror}` : "";
  console.log(`Terraform ${terraform.version} ${from}`.trim());
  await initialise(terraform, folder);
  const { exitCode } = await terraform.run(folder.path, [
    "plan",
    "-input=false",
    ...terraformArguments,
  ]);
  return exitCode;
}

const program = new Command("npm run plan --")
  .description("Synthesises, then runs terraform init and plan in the folder of one stack.")
  .argument("<stack>", "the stack's id, such as news-api-dev-database")
  .argument(
    "[terraform arguments...]",
    "passed on to terraform plan; paths are relative to the stack's folder",
  )
  .allowUnknownOption()
  .passThroughOptions()
  .addHelpText("after", "\nExit codes: terraform plan's own; 1 when the plan could not be made.")
  .action((stack: string, terraformArguments: string[]) =>
    run(() => plan(stack, terraformArguments)),
  );

program.parseAsync();
