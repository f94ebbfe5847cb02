import { Command, InvalidArgumentError } from "commander";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { permissionsOf } from "../operations/permissions/permissions";
import { parseEnvironments } from "../settings/environment";

function permissions(name: string, { account }: { readonly account?: string }): number {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const { stack, ...described } = permissionsOf(environment, account);
  console.log(JSON.stringify({ ...described, stack }, null, 2));
  console.error(
    stack
      ? `An administrator creates these roles: npm run deploy -- ${stack}`
      : `${environment.name} has no pipeline, so no stack creates these roles. Set \`pipeline\` in the environment, or create them yourself.`,
  );
  return 0;
}

function accountOf(text: string): string {
  if (!/^\d{12}$/.test(text)) {
    throw new InvalidArgumentError("Use the 12-digit account ID.");
  }
  return text;
}

const program = new Command("npm run permissions --")
  .description(
    "Prints the IAM roles that plan and apply exactly one environment, with their policies and trust, as JSON.",
  )
  .argument("<environment>", "its name, such as prod")
  .option("--account <id>", "the account ID, if the environment does not have one", accountOf)
  .addHelpText(
    "after",
    "\nExit codes: 0; 1 when the settings are invalid or the account is unknown.",
  )
  .action((name: string, options: { account?: string }) => run(() => permissions(name, options)));

program.parseAsync();
