import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { CommandError } from "../cli/command-error";
import { readEnvironments } from "../cli/environment-files";
import { named } from "../cli/named-environment";
import { run } from "../cli/run";
import {
  migrateEnvironment,
  stopFollowingEnvironment,
  undoEnvironment,
} from "../operations/migration/environment-migration";
import { type MigrationReport, text, VERDICTS } from "../operations/migration/report";
import { page } from "../operations/migration/report-page";
import { parseEnvironments } from "../settings/environment";

const FORMATS = {
  table: text,
  html: page,
  json: (report: MigrationReport) => JSON.stringify(report, null, 2),
};

const EXIT_CODES: Readonly<Record<MigrationReport["verdict"], number>> = {
  agrees: 0,
  checked: 0,
  follows: 0,
  differs: 1,
  refused: 3,
};

/** More jobs than a small instance has cores would only wait for each other. */
const MOST_DEFAULT_JOBS = 4;
const MOST_JOBS = 64;

interface Options {
  readonly from: string;
  readonly store?: string;
  readonly jobs: number;
  readonly schemaOnly?: true;
  readonly excludeTable: readonly string[];
  readonly grants: boolean;
  readonly readOnly?: true;
  readonly acceptWriters?: true;
  readonly check?: true;
  readonly follow?: true;
  readonly cutOver?: true;
  readonly stopFollowing?: true;
  readonly sourceAddress?: { readonly host: string; readonly port: number };
  readonly undo?: true;
  readonly ca?: string;
  readonly work: string;
  readonly format: keyof typeof FORMATS;
  readonly out?: string;
}

/** Options that do not apply to a cache. */
const DATABASE_OPTIONS = [
  ...["jobs", "schemaOnly", "grants", "excludeTable"],
  ...["follow", "cutOver", "stopFollowing", "sourceAddress"],
] as const;

function refuseDatabaseOptions(command: Command, options: Options): void {
  const given = DATABASE_OPTIONS.filter(
    (option) => command.getOptionValueSource(option) === "cli",
  ).map((option) => command.options.find((one) => one.attributeName() === option)?.long);
  const url = options.from.includes("://") ? options.from : (process.env[options.from] ?? "");
  if (/^rediss?:/.test(url) && given.length > 0) {
    throw new CommandError(
      `--from is a cache. Remove the options for databases: ${given.join(", ")}.`,
    );
  }
}

async function migrate(name: string, options: Options, command: Command): Promise<number> {
  refuseDatabaseOptions(command, options);
  const environment = named(parseEnvironments(readEnvironments()), name);
  if (options.undo || options.stopFollowing) {
    const end = options.undo ? undoEnvironment : stopFollowingEnvironment;
    console.log(await end(environment, options));
    return 0;
  }
  const report = await migrateEnvironment(environment, {
    ...options,
    way: options.cutOver ? "cutOver" : options.follow ? "follow" : "dump",
    schemaOnly: options.schemaOnly === true,
    excludedTables: options.excludeTable,
    withGrants: options.grants,
    readOnly: options.readOnly === true,
    acceptWriters: options.acceptWriters === true,
    checkOnly: options.check === true,
  });
  write(report, options);
  return EXIT_CODES[report.verdict];
}

function write(report: MigrationReport, { format, out }: Options): void {
  const written = `${FORMATS[format](report).trimEnd()}\n`;
  if (out) {
    writeFileSync(out, written);
    console.log(`${VERDICTS[report.verdict]} ${out}`);
  } else {
    process.stdout.write(written);
  }
}

function jobsOf(value: string): number {
  const jobs = Number(value);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > MOST_JOBS) {
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MOST_JOBS}.`);
  }
  return jobs;
}

function addressOf(value: string): { host: string; port: number } {
  const url = `tcp://${value}`;
  const { hostname = "", port = "" } = URL.canParse(url) ? new URL(url) : {};
  if (!hostname || !port) {
    throw new InvalidArgumentError("Use HOST:PORT.");
  }
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Options that conflict with `--follow`, which copes with writers and moves everything. */
const NOT_FOLLOWING = ["schemaOnly", "readOnly", "acceptWriters", "undo"];

const program = new Command("npm run migrate --")
  .description(
    "Copies a PostgreSQL database or the keys of a Redis server into a data store of an environment, and compares both sides. After an interruption, the same command continues.",
  )
  .argument("<environment>", "its name, such as dev")
  .requiredOption(
    "--from <url>",
    "the source's postgresql://, redis:// or rediss:// URL without its password (set PGPASSWORD or REDISCLI_AUTH); or the name of a variable that holds the URL",
  )
  .option("--store <name>", "the data store, if the environment has more than one of the kind")
  .option(
    "--jobs <number>",
    "the number of tables to copy in parallel",
    jobsOf,
    Math.min(cpus().length, MOST_DEFAULT_JOBS),
  )
  .option("--schema-only", "create the tables, indexes and other objects, but copy no rows")
  .option(
    "--exclude-table <name>",
    "leave out a table, such as public.audit; repeatable",
    (table: string, tables: string[]) => [...tables, table],
    [],
  )
  .option("--no-grants", "leave out the privileges of other roles")
  .addOption(
    new Option(
      "--read-only",
      "block writes to the source until the migration ends, and close its sessions",
    ).conflicts("acceptWriters"),
  )
  .option(
    "--accept-writers",
    "migrate even if other sessions may write; their writes are not migrated",
  )
  .addOption(
    new Option(
      "--follow",
      "copy a database and then every change to it, until --cut-over: for a move with seconds of downtime",
    ).conflicts([...NOT_FOLLOWING, "cutOver", "stopFollowing"]),
  )
  .addOption(
    new Option(
      "--cut-over",
      "end --follow: block writes to the source, wait until the target has every change, and compare both sides",
    ).conflicts([...NOT_FOLLOWING, "stopFollowing"]),
  )
  .addOption(
    new Option(
      "--stop-following",
      "end --follow without a cut-over; what was copied stays in the target",
    ).conflicts(["undo", "check"]),
  )
  .addOption(
    new Option(
      "--source-address <host:port>",
      "the address at which the target reaches the source, if it is not the one in --from",
    ).argParser(addressOf),
  )
  .option("--check", "print what blocks the migration, and change nothing")
  .option("--undo", "give up an unfinished migration: empty the target and remove the dump")
  .option("--ca <file>", "verify the target with this CA bundle")
  .option("--work <folder>", "where the dump goes until both sides agree", "migration.out")
  .addOption(
    new Option("--format <format>", "the form of the report")
      .choices(Object.keys(FORMATS))
      .default("table"),
  )
  .option("--out <file>", "write the report to a file")
  .addHelpText(
    "after",
    "\nExit codes: 0 both sides agree (--check: nothing blocks the migration; --follow: the target follows); 1 they differ, or an error; 3 a finding refuses it; 130 interrupted.",
  )
  .action((name: string, options: Options, command: Command) =>
    run(() => migrate(name, options, command)),
  );

program.parseAsync();
