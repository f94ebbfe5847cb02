import { Command, InvalidArgumentError } from "commander";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import { table } from "../cli/table";
import { type Drilled, type DrillOptions, drill } from "../operations/drill/drill";
import { parseEnvironments } from "../settings/environment";

interface Options extends DrillOptions {
  readonly json?: true;
}

const MINUTE = 60;

function duration(seconds: number): string {
  return `${Math.floor(seconds / MINUTE)} min ${seconds % MINUTE} s`;
}

function report(drilled: readonly Drilled[]): string {
  const rows = drilled.map(({ store, snapshot, snapshotTime, seconds, databases, passed }) => [
    store,
    `${snapshot}\n${snapshotTime}`,
    `${duration(seconds.available)}\n${duration(seconds.login)}\n${duration(seconds.verified)}`,
    databases.map(({ name, tables, rows }) => `${name}: ${tables} tables, ${rows} rows`).join("\n"),
    passed ? "passed" : databases.flatMap(({ problems }) => problems).join("\n"),
  ]);
  const head = ["database", "snapshot", "available\nlogin\nverified", "read", "result"];
  return table(head, rows);
}

/** The copy is deleted after the first signal. A second one would leave it behind. */
function stopped(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      console.error("Stopping: deleting the copy first.");
      controller.abort();
    });
  }
  return controller.signal;
}

async function drillEnvironment(name: string, { json, ...options }: Options): Promise<number> {
  const environment = named(parseEnvironments(readEnvironments()), name);
  const drilled = await drill(environment, options, stopped(), console.error);
  console.log(json ? JSON.stringify(drilled, null, 2) : report(drilled));
  return drilled.every(({ passed }) => passed) ? 0 : 1;
}

function numberOf(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1440)) {
    throw new InvalidArgumentError("Use a number greater than 0 and at most 1440.");
  }
  return number;
}

const program = new Command("npm run drill --")
  .description(
    "Restores the newest snapshot of each database to a temporary instance, reads every row, measures the time, and deletes the instance.",
  )
  .argument("<environment>", "its name, such as prod")
  .option("--store <name>", "the name of a database (default: all of the environment)")
  .option(
    "--tunnel [name]",
    "through the bastion, or through an instance or task as in npm run tunnel",
  )
  .option("--ca <file>", "the CA bundle of RDS (default: global-bundle.pem in this folder)")
  .option("--timeout <minutes>", "the time limit for the restore (default: 120)", numberOf)
  .option("--poll <seconds>", "the interval between polls of RDS (default: 15)", numberOf)
  .option("--json", "print the result as JSON, with the rows of each table")
  .addHelpText(
    "after",
    "\nExit codes: 0 restored and read; 1 for an error, or when a check of the copy fails.",
  )
  .action((name: string, options: Options) => run(() => drillEnvironment(name, options)));

program.parseAsync();
