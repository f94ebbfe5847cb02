import { Command } from "commander";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import {
  applyEnvironmentRoles,
  type RolesOptions,
  type StoreRoles,
} from "../operations/connectivity/environment-roles";
import { parseEnvironments } from "../settings/environment";

interface Options extends RolesOptions {
  readonly json?: true;
}

function lineOf({ store, role, changed, unchanged }: StoreRoles): string {
  const set = changed.length > 0 ? `set the password of ${changed.join(" and ")}` : "";
  const kept = unchanged.length > 0 ? `${unchanged.join(" and ")} unchanged` : "";
  return `${store}: role ${role}; ${[set, kept].filter(Boolean).join("; ")}. Both users log in.`;
}

async function roles(name: string, { json, ...options }: Options): Promise<number> {
  const environment = named(parseEnvironments(readEnvironments()), name);
  try {
    const applied = await applyEnvironmentRoles(environment, options);
    console.log(json ? JSON.stringify(applied, null, 2) : applied.map(lineOf).join("\n"));
    return 0;
  } catch (error) {
    throw asCommandError(error as Error & { code?: string }, name);
  }
}

/** Errors of the network and of the server have a code. Defects have none. */
function asCommandError(error: Error & { code?: string }, name: string): Error {
  const isFromServer =
    error.code !== undefined || /timeout|self-signed|certificate/.test(error.message);
  return error instanceof CommandError || !isFromServer
    ? error
    : new CommandError(
        `npm run roles did not finish: ${error.message || error.code}. To find the cause, run: npm run connection -- ${name} --test. Over a tunnel, set PGHOSTADDR and PGPORT.`,
      );
}

const program = new Command("npm run roles --")
  .description(
    "Creates the application's role in each database that has an applicationUser, and sets the passwords that have changed.",
  )
  .argument("<environment>", "its name, such as dev")
  .option("--ca <file>", "verify the server with this CA bundle")
  .option("--force", "change the password of a user that still has sessions")
  .option("--json", "print the result as JSON")
  .addHelpText(
    "after",
    "\nExit codes: 0; 1 for an error. With several databases, the earlier ones may already be changed.",
  )
  .action((name: string, options: Options) => run(() => roles(name, options)));

program.parseAsync();
