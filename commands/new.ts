import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { CommandError } from "../cli/command-error";
import { ENVIRONMENTS, readEnvironments } from "../cli/environment-files";
import { environmentSource } from "../cli/environment-source";
import { TEMPLATES, type TemplateName, template } from "../cli/environment-templates";
import { run } from "../cli/run";
import { parseEnvironment, parseEnvironments } from "../settings/environment";

/** Writes nothing unless the environment is valid, including together with the existing ones. */
function create(app: string, name: string, from: TemplateName): number {
  const chosen = template(from, app, name);
  parseEnvironment(chosen.settings);
  for (const extension of ["ts", "json"]) {
    if (existsSync(join(ENVIRONMENTS, `${name}.${extension}`))) {
      throw new CommandError(
        `environments/${name}.${extension} exists. Choose another name, or edit that file.`,
      );
    }
  }
  parseEnvironments([...readEnvironments(), chosen.settings]);
  const file = `environments/${name}.ts`;
  writeFileSync(join(ENVIRONMENTS, `${name}.ts`), environmentSource(name, chosen), { flag: "wx" });
  console.log(`Wrote ${file}. Edit it, then validate it: npm run validate -- ${file}`);
  return 0;
}

const program = new Command("npm run new --")
  .description("Writes a first environment, with comments, to environments/NAME.ts.")
  .argument("<app>", "the app, such as shop")
  .argument("<name>", "the environment, such as staging")
  .addOption(
    new Option("--from <environment>", "dev: the smallest setup; prod: a production setup")
      .choices(TEMPLATES)
      .default("dev"),
  )
  .addHelpText("after", "\nExit codes: 0, or 1 with every problem and nothing written.")
  .action((app: string, name: string, options: { from: TemplateName }) =>
    run(() => create(app, name, options.from)),
  );

program.parseAsync();
