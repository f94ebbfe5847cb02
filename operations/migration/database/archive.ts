import { once } from "node:events";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import execa from "execa";
import { CommandError } from "../../../cli/command-error";
import type { Interruption } from "../interruption";
import { databaseArgument, type Login, libpqVariables } from "./login";
import type { Programs } from "./programs";
import { type Entry, entriesOf } from "./table-of-contents";

/** Seconds that pg_dump waits for a lock on a table: behind it, every other session would wait too. */
const LOCK_WAIT = "60s";
const MOST_ERROR_LINES = 20;

export interface ArchiveProps {
  readonly programs: Programs;
  /** The folder of the archive. */
  readonly folder: string;
  readonly jobs: number;
  readonly interruption: Interruption;
}

export interface DumpProps {
  readonly source: Login;
  readonly passwordFile: string | undefined;
  /** A snapshot that another session holds. */
  readonly snapshot: string;
  readonly schemaOnly: boolean;
  /** `"public"."audit"` */
  readonly excludedTables: readonly string[];
}

export interface RestoreProps {
  readonly target: Login;
  readonly passwordFile: string | undefined;
  readonly entries: readonly Entry[];
  /** @default - all sections */
  readonly section?: "pre-data" | "data" | "post-data";
  /** All or nothing, with one job. */
  readonly atomic?: boolean;
}

/** What pg_dump or pg_restore says, line by line. */
export type Listener = (line: string) => void;

/** A dump in PostgreSQL's directory format. */
export class Archive {
  private readonly path: string;

  constructor(private readonly props: ArchiveProps) {
    this.path = join(props.folder, "dump");
  }

  /** Writes the archive, replacing an existing one. */
  async dump(props: DumpProps, listener: Listener): Promise<void> {
    const { programs, jobs } = this.props;
    rmSync(this.path, { recursive: true, force: true });
    const args = [
      // The default level of gzip takes several times as long, for a dump that is soon deleted.
      ...["--format=directory", `--file=${this.path}`, `--jobs=${jobs}`, "--compress=1"],
      ...[`--snapshot=${props.snapshot}`, `--lock-wait-timeout=${LOCK_WAIT}`],
      ...["--verbose", "--no-password", "--no-subscriptions", "--no-security-labels"],
      ...(props.schemaOnly ? ["--schema-only"] : []),
      ...props.excludedTables.map((table) => `--exclude-table=${table}`),
    ];
    const variables = libpqVariables(props.source, props.passwordFile);
    await this.run(programs.dump, args, variables, listener);
  }

  /** The contents of the archive. */
  async entries(): Promise<Entry[]> {
    const { stdout } = await execa(this.props.programs.restore, ["--list", this.path]);
    return entriesOf(stdout);
  }

  get exists(): boolean {
    return existsSync(join(this.path, "toc.dat"));
  }

  /** Restores some entries, as objects of the user who logs in. */
  async restore(props: RestoreProps, listener: Listener): Promise<void> {
    const { programs, folder, jobs } = this.props;
    if (props.entries.length === 0) {
      return;
    }
    const list = join(folder, "list");
    writeFileSync(list, `${props.entries.map(({ line }) => line).join("\n")}\n`);
    const args = [
      `--dbname=${databaseArgument(props.target)}`,
      ...[`--use-list=${list}`, "--no-owner", "--no-tablespaces", "--no-security-labels"],
      ...["--no-subscriptions", "--exit-on-error", "--verbose", "--no-password"],
      ...(props.section ? [`--section=${props.section}`] : []),
      props.atomic ? "--single-transaction" : `--jobs=${jobs}`,
      this.path,
    ];
    const variables = libpqVariables(props.target, props.passwordFile);
    await this.run(programs.restore, args, variables, listener);
  }

  private async run(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    listener: Listener,
  ): Promise<void> {
    const child = execa(program, args, {
      env: { ...env, LC_ALL: "C" },
      extendEnv: false,
      stdio: ["ignore", "ignore", "pipe"],
      buffer: false,
    });
    const problems: string[] = [];
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      listener(line);
      if (isProblem(line, problems.length > 0)) {
        problems.push(line);
      }
    });
    // The program may end before its last lines have been read.
    const read = once(lines, "close");
    try {
      await this.props.interruption.watch(Promise.all([child, read]), () => child.kill("SIGTERM"));
    } catch (error) {
      await read;
      throw error instanceof CommandError ? error : failure(program, problems, error as Error);
    }
  }
}

/** Errors, and the lines behind them with details; not the lines of `--verbose`. */
function isProblem(line: string, isBehind: boolean): boolean {
  return /: (error|detail|hint|fatal): /.test(line) || (isBehind && !/^pg_\w+: /.test(line));
}

function failure(program: string, problems: readonly string[], error: Error): CommandError {
  const name = program.split("/").at(-1);
  const said = problems.slice(0, MOST_ERROR_LINES).join("\n") || error.message;
  return new CommandError(
    `${name} failed:\n${said}\nFix the cause, then run the same command again: it continues where this one stopped. To start over: --undo.`,
  );
}
