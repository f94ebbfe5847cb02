import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Client } from "pg";
import { CommandError } from "../../../cli/command-error";
import { type Finding, refused } from "../finding";
import {
  interruptible,
  runSteps,
  type Say,
  type Step,
  TableProgress,
  type Timings,
} from "../progress";
import type { Verification } from "../verification";
import { type Selection, type State, WorkFolder } from "../work-folder";
import { Archive } from "./archive";
import { compare, type TargetState } from "./comparison";
import { type Connections, watched, withConnections } from "./connections";
import { type Facts, factsOf, type SourceFacts, sourceFactsOf } from "./facts";
import { findingsOf } from "./findings";
import { type Fingerprint, fingerprint, sequences, type Table, tablesOf } from "./fingerprint";
import { addressOf, type Login } from "./login";
import { removeFolder } from "./password-files";
import { findPrograms, type Programs, suitable } from "./programs";
import { Restoration } from "./restoration";
import { extensionRows, restoredData } from "./restored";
import { endLeftovers, makeReadOnly, putBack, readOnlySetting } from "./sessions";
import { exportSnapshot, joinSnapshot } from "./snapshot";
import { isLargeObject, isTableData, listed, matcher } from "./table-of-contents";
import { targetStateOf } from "./target-state";
import { writesOf, writtenSince } from "./writes";

export interface DatabaseMigrationProps {
  readonly source: Login;
  readonly target: Login;
  /** The storage in the target's settings. */
  readonly storage: {
    readonly allocatedStorageGib: number;
    readonly maxAllocatedStorageGib?: number | undefined;
  };
  /** Where the dump and the state go, until everything agrees. */
  readonly workFolder: string;
  readonly jobs: number;
  readonly schemaOnly: boolean;
  readonly excludedTables: readonly string[];
  readonly withGrants: boolean;
  readonly readOnly: boolean;
  readonly acceptWriters: boolean;
  /** Only look for findings. */
  readonly checkOnly: boolean;
  /** Show no progress. @default false */
  readonly quiet?: boolean;
}

export interface DatabaseMigrationResult {
  readonly versions: Readonly<Record<"source" | "target", string>>;
  readonly findings: readonly Finding[];
  /** Undefined when a finding refused the migration, or only findings were requested. */
  readonly verification: Verification | undefined;
  readonly timings: Timings;
}

/**
 * Moves a database: a dump, a restore, and a comparison of both sides. It continues what an earlier run began.
 * @throws CommandError when something fails or is interrupted; the next run continues there.
 */
export async function migrateDatabase(
  props: DatabaseMigrationProps,
): Promise<DatabaseMigrationResult> {
  return await withConnections(props, (connections) =>
    new DatabaseMigration({ ...connections, props }).run(),
  );
}

interface Context extends Connections {
  readonly props: DatabaseMigrationProps;
}

/** The options that select the objects. They must stay the same until a migration ends. */
export function selectionOf(props: DatabaseMigrationProps): Selection {
  const { schemaOnly, withGrants, excludedTables } = props;
  return {
    ...{ source: addressOf(props.source), target: addressOf(props.target) },
    ...{ schemaOnly, withGrants, excludedTables },
  };
}

class DatabaseMigration {
  private readonly folder: WorkFolder;
  private state: State | undefined;
  private sourceFacts!: Facts & SourceFacts;
  private targetFacts!: Facts;
  private targetPrint!: Fingerprint;
  private targetState!: TargetState;

  constructor(private readonly context: Context) {
    this.folder = new WorkFolder(context.props.workFolder);
  }

  async run(): Promise<DatabaseMigrationResult> {
    const { source, target, props } = this.context;
    this.state = this.folder.readFor(selectionOf(props));
    await this.tidyUp();
    this.sourceFacts = { ...(await factsOf(source)), ...(await sourceFactsOf(source)) };
    this.targetFacts = await factsOf(target);
    const { version, major } = this.sourceFacts;
    const versions = { source: version, target: this.targetFacts.version };
    const programs = suitable(await findPrograms(), major, this.targetFacts.major);
    const findings = await this.findings(programs);
    const isRefused = findings.some(({ verdict }) => verdict === "refused");
    if (isRefused || props.checkOnly || !programs) {
      return { versions, findings, verification: undefined, timings: {} };
    }
    const timings = await this.migrate(programs);
    const verification = this.verification();
    if (verification.agrees) {
      this.folder.remove();
    }
    return { versions, findings, verification, timings };
  }

  /** Ends what a killed run left behind. */
  private async tidyUp(): Promise<void> {
    const { source, target } = this.context;
    if (this.state) {
      await Promise.all([source, target].map(endLeftovers));
      removeFolder(this.state.passwordFolder);
    }
  }

  private async findings(programs: Programs | undefined): Promise<Finding[]> {
    const { props, source: client } = this.context;
    const { storage, readOnly, acceptWriters, withGrants, schemaOnly, excludedTables } = props;
    const { dumped, writes } = this.state ?? {};
    const written = dumped && writes ? writtenSince(writes, await writesOf(client)) : [];
    return [
      ...findingsOf({
        ...{ source: this.sourceFacts, target: this.targetFacts, programs, storage },
        freeBytes: dumped ? Number.POSITIVE_INFINITY : freeBytes(props.workFolder),
        options: { readOnly, acceptWriters, withGrants, schemaOnly, excludedTables },
        continues: this.state !== undefined,
      }),
      ...(written.length > 0 && !acceptWriters
        ? [
            refused(
              "writers",
              `${written.slice(0, 8).join(", ")} have been written to since the dump of the earlier run. Start over with --undo, then migrate again; or use --accept-writers to migrate without these writes.`,
            ),
          ]
        : []),
    ];
  }

  /** Runs the steps that are left, and puts the source's setting back whatever happens. */
  private async migrate(programs: Programs): Promise<Timings> {
    const { source, props, interruption } = this.context;
    this.begin();
    try {
      if (props.readOnly) {
        await this.forbidWrites();
      }
      return await runSteps(interruptible(this.steps(programs), interruption), props.quiet);
    } finally {
      const { readOnly } = this.state ?? {};
      if (readOnly) {
        await putBack(source, readOnly.previous);
        const { readOnly: _, ...state } = this.state as State;
        this.state = this.folder.write(state);
      }
    }
  }

  private begin(): void {
    const { props, passwords } = this.context;
    const { schemas, extensions } = this.targetFacts;
    const before = { schemas, extensions: extensions.map(({ name }) => name) };
    this.state = this.folder.write({
      ...(this.state ?? { before, selection: selectionOf(props) }),
      passwordFolder: passwords.folder,
    });
  }

  private async forbidWrites(): Promise<void> {
    const { source } = this.context;
    const previous = this.state?.readOnly?.previous ?? (await readOnlySetting(source));
    this.note({ readOnly: { previous } });
    await makeReadOnly(source);
  }

  private note(more: Partial<State>): void {
    this.state = this.folder.write({ ...(this.state as State), ...more });
  }

  private steps(programs: Programs): Step[] {
    const { props, interruption, passwords, target: client } = this.context;
    const { jobs, withGrants, target: login } = props;
    const archive = new Archive({ programs, folder: props.workFolder, jobs, interruption });
    const { roles } = this.sourceFacts;
    const restoration = new Restoration({ archive, client, login, passwords, withGrants, roles });
    const step = (title: string, run: Step["run"]): Step => ({ title, run });
    const isDumped = this.state?.dumped === true && archive.exists;
    return [
      ...(isDumped ? [] : this.dumpSteps(archive, step)),
      step("Create the tables", () => this.createTables(restoration)),
      ...(props.schemaOnly
        ? []
        : [
            step("Copy large objects", () => this.copyLargeObjects(restoration)),
            step("Copy the tables", (say) => this.copyTables(restoration, say)),
          ]),
      step("Create indexes and constraints", async (say) => {
        await restoration.createIndexes(say);
        return "done";
      }),
      step("Analyze", async () => {
        await watched(this.context, client, () => client.query("ANALYZE"));
        return "statistics are up to date";
      }),
      step("Verify: read the target", (say) => this.readTarget(say)),
    ];
  }

  /** The dump and what it is compared with are of one snapshot, which the first session holds. */
  private dumpSteps(
    archive: Archive,
    step: (title: string, run: (say: Say) => Promise<string>) => Step,
  ): Step[] {
    const { props } = this.context;
    let holder: Client;
    let snapshot: string;
    return [
      step("Dump the source", async (say) => {
        holder = await this.context.open(props.source);
        snapshot = await exportSnapshot(holder);
        this.note({ writes: await writesOf(holder) });
        const sequencesBefore = props.schemaOnly
          ? []
          : await sequences(holder, props.excludedTables);
        this.note({ sequencesBefore });
        return await this.dump(archive, { holder, snapshot }, say);
      }),
      step("Verify: read the source", async (say) => {
        const { jobs, source } = props;
        const readers = await Promise.all(
          Array.from({ length: jobs - 1 }, () => this.context.open(source)),
        );
        await Promise.all(readers.map((reader) => joinSnapshot(reader, snapshot)));
        const found = await this.fingerprint(holder, readers, say);
        await Promise.all([holder, ...readers].map((client) => client.end()));
        this.note({ source: found, dumped: true });
        return `${found.tables.length} tables`;
      }),
    ];
  }

  private async dump(
    archive: Archive,
    { holder, snapshot }: { readonly holder: Client; readonly snapshot: string },
    say: Say,
  ): Promise<string> {
    const { props, passwords } = this.context;
    const { source, schemaOnly, excludedTables } = props;
    const tables = await this.tables(holder);
    const progress = progressOf(tables, say);
    const byName = new Map(tables.map((table) => [`${table.schema}.${table.table}`, table.name]));
    const passwordFile = passwords.write(source);
    await archive.dump({ source, passwordFile, snapshot, schemaOnly, excludedTables }, (line) => {
      const [, name = ""] = /: dumping contents of table "(.*)"$/.exec(line) ?? [];
      if (name) {
        progress.add(byName.get(name) ?? name);
      }
    });
    return schemaOnly ? "without contents" : `${tables.length} tables`;
  }

  private async tables(client: Client): Promise<Table[]> {
    const { excludedTables } = this.context.props;
    return (await tablesOf(client)).filter(({ name }) => !excludedTables.includes(name));
  }

  private async createTables(restoration: Restoration): Promise<string> {
    if (this.state?.baseline === undefined) {
      if (this.targetFacts.objects.length === 0) {
        await restoration.createTables(this.targetFacts.schemas);
      }
      this.note({ baseline: await extensionRows(this.context.target) });
    }
    return `${this.state?.source?.items.filter(({ kind }) => kind === "table").length} tables`;
  }

  /** In one transaction, too. */
  private async copyLargeObjects(restoration: Restoration): Promise<string> {
    const { rows } = await this.context.target.query(
      "SELECT EXISTS (SELECT FROM pg_largeobject_metadata) AS copied",
    );
    if (!rows[0].copied) {
      const entries = await restoration.entries(isLargeObject);
      await restoration.restore({ entries, atomic: true }, () => undefined);
    }
    return `${this.state?.source?.largeObjects.count} large objects`;
  }

  private async copyTables(restoration: Restoration, say: Say): Promise<string> {
    const { target } = this.context;
    const isDone = matcher(
      await restoredData(target, this.state?.baseline ?? {}),
      this.sourceFacts.roles,
    );
    const entries = await restoration.entries((entry) => !isLargeObject(entry) && !isDone(entry));
    const tables = await this.tables(this.context.source);
    const pending = new Map(entries.filter(isTableData).map((entry) => [entry.text, entry]));
    const left = tables.filter((table) => pending.has(entryText(table)));
    const progress = progressOf(left, say);
    const byEntry = new Map(left.map((table) => [pending.get(entryText(table))?.id, table.name]));
    await restoration.restore({ entries, section: "data" }, (line) => {
      const [, id] = /: finished item (\d+) TABLE DATA /.exec(line) ?? [];
      if (id) {
        progress.add(byEntry.get(id) ?? id);
      }
    });
    return left.length < tables.length
      ? `${left.length} tables; ${tables.length - left.length} had been copied before`
      : `${left.length} tables`;
  }

  private async readTarget(say: Say): Promise<string> {
    const { open, props, target } = this.context;
    const readers = await Promise.all(
      Array.from({ length: props.jobs - 1 }, () => open(props.target)),
    );
    this.targetPrint = await this.fingerprint(target, readers, say);
    this.targetState = await targetStateOf(target);
    return `${this.targetPrint.tables.length} tables`;
  }

  private async fingerprint(client: Client, readers: readonly Client[], say: Say) {
    const { schemaOnly, excludedTables: excluded } = this.context.props;
    const progress = progressOf(await this.tables(client), say);
    return await watched(this.context, client, () =>
      fingerprint({
        ...{ client, readers: [client, ...readers], excluded, schemaOnly },
        progress: ({ name }) => {
          this.context.interruption.check();
          progress.add(name);
        },
      }),
    );
  }

  private verification(): Verification {
    const { source, sequencesBefore = [] } = this.state ?? {};
    if (!source) {
      throw new CommandError(`${this.folder.path} is incomplete. Start over: --undo.`);
    }
    return compare({
      ...{ source, target: this.targetPrint, state: this.targetState, sequencesBefore },
      sameMajor: this.sourceFacts.major === this.targetFacts.major,
      withGrants: this.context.props.withGrants,
    });
  }
}

function entryText({ schema, table, owner }: Table): string {
  return listed("TABLE DATA", schema, table, owner);
}

export function progressOf(tables: readonly Table[], say: Say): TableProgress {
  return new TableProgress(new Map(tables.map(({ name, bytes }) => [name, bytes])), say);
}

/** Free bytes where a folder is, or will be. */
function freeBytes(folder: string): number {
  let path = resolve(folder);
  while (!existsSync(path)) {
    path = dirname(path);
  }
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
