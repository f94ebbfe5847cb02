import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../cli/command-error";
import type { Fingerprint, SequenceState } from "./database/fingerprint";

/** What decides which objects a migration moves. A migration that continues has the same. */
export interface Selection {
  /** `newsuser@localhost:5432/newsdb` */
  readonly source: string;
  readonly target: string;
  readonly schemaOnly: boolean;
  readonly withGrants: boolean;
  readonly excludedTables: readonly string[];
  /** By logical replication. @default - by a dump */
  readonly following?: true;
}

/** The progress of an unfinished migration, except what the target itself shows. */
export interface State {
  readonly selection: Selection;
  /** The schemas and extensions that the target had before. */
  readonly before: { readonly schemas: readonly string[]; readonly extensions: readonly string[] };
  /** Where the passwords are, in case the process is killed. */
  readonly passwordFolder?: string;
  /** Set when the source was made read-only: the previous setting, if any. */
  readonly readOnly?: { readonly previous: string | null };
  /** The dump is complete. */
  readonly dumped?: true;
  readonly sequencesBefore?: readonly SequenceState[];
  readonly source?: Fingerprint;
  /** How often each table of the source had been written to when it was dumped. */
  readonly writes?: Readonly<Record<string, string>>;
  /** `--follow`: the rows, indexes and constraints are there; what is left is to follow the source. */
  readonly copied?: true;
  /** `--cut-over`: the target has everything, and the application may use it. */
  readonly cutOver?: {
    readonly refusedSeconds: number;
    /** As they were set in the target. */
    readonly sequences: readonly SequenceState[];
  };
  /** Rows in the tables of extensions before data was restored, by name. */
  readonly baseline?: Readonly<Record<string, string>>;
}

const OWNER_ONLY = 0o700;

/** The folder of a migration: its dump and its state. Only its owner may read it. */
export class WorkFolder {
  private readonly file: string;

  constructor(readonly path: string) {
    this.file = join(path, "state.json");
  }

  /** The state of an unfinished migration. */
  read(): State | undefined {
    return existsSync(this.file)
      ? (JSON.parse(readFileSync(this.file, "utf8")) as State)
      : undefined;
  }

  /** @throws CommandError when the folder holds a migration of something else. */
  readFor(selection: Selection): State | undefined {
    const state = this.read();
    if (state && JSON.stringify(state.selection) !== JSON.stringify(selection)) {
      const { source, target } = state.selection;
      throw new CommandError(
        `${this.path} holds an unfinished migration from ${source} to ${target}, with different arguments. Continue it with its original arguments, or give it up with --undo. If its databases are gone, remove the folder.`,
      );
    }
    return state;
  }

  /** Replaces the state atomically, so that it is complete whenever the process ends. */
  write(state: State): State {
    mkdirSync(this.path, { recursive: true, mode: OWNER_ONLY });
    writeFileSync(`${this.file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
    return state;
  }

  /** The state last, and without the dump: a run after one that was killed meanwhile must not restore what is left of it. */
  remove(): void {
    const state = this.read();
    if (state) {
      const { dumped: _, ...others } = state;
      this.write(others);
    }
    for (const name of existsSync(this.path) ? readdirSync(this.path) : []) {
      if (join(this.path, name) !== this.file) {
        rmSync(join(this.path, name), { recursive: true });
      }
    }
    rmSync(this.path, { recursive: true, force: true });
  }
}
