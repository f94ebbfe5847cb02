import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { type Finding, refused } from "../finding";
import { interruptible, runSteps, type Say, type Step, type Timings } from "../progress";
import { type State, WorkFolder } from "../work-folder";
import { compare } from "./comparison";
import { type Connections, watched, withConnections } from "./connections";
import { factsOf, sourceFactsOf } from "./facts";
import { about } from "./findings";
import {
  type Fingerprint,
  fingerprint,
  type SequenceState,
  sequences,
  tablesOf,
} from "./fingerprint";
import { catchUp, type FollowProps, followSelection } from "./follow";
import { type DatabaseMigrationResult, progressOf } from "./migration";
import { removeFolder } from "./password-files";
import { Replication } from "./replication";
import { publisherFactsOf } from "./replication-facts";
import { cutOverPrivileges } from "./replication-findings";
import {
  endLeftovers,
  endSessionsBefore,
  makeReadOnly,
  putBack,
  readOnlySetting,
} from "./sessions";
import { exportSnapshot, joinSnapshot } from "./snapshot";
import { targetStateOf } from "./target-state";

const POLL_MS = 50;

type Sides<Value> = Readonly<Record<"source" | "target", Value>>;

export interface CutOverResult extends DatabaseMigrationResult {
  /** From the first write that is refused to the moment from which the target has everything. */
  readonly refusedSeconds: number | undefined;
}

/**
 * Ends following: forbids writes to the source, waits until the target has everything, sets the sequences, removes
 * replication, and compares both sides. The source stays read-only.
 * @throws CommandError when something fails. If the target does not have everything by then, the source accepts writes
 * again.
 */
export async function cutOver(props: FollowProps): Promise<CutOverResult> {
  return await withConnections(props, (connections) => new CutOver(connections, props).run());
}

class CutOver {
  private readonly folder: WorkFolder;
  private readonly replication: Replication;
  private state: State | undefined;
  private sameMajor = true;
  /** Sessions that read one snapshot of each side. */
  private readers: Sides<readonly Client[]> = { source: [], target: [] };
  private prints!: Sides<Fingerprint>;
  private forbiddenAt = 0;

  constructor(
    private readonly connections: Connections,
    private readonly props: FollowProps,
  ) {
    this.folder = new WorkFolder(props.workFolder);
    this.replication = new Replication(connections, props.replicationName);
  }

  async run(): Promise<CutOverResult> {
    const { source, target } = this.connections;
    this.state = this.folder.readFor(followSelection(this.props));
    if (this.state) {
      await Promise.all([source, target].map(endLeftovers));
      removeFolder(this.state.passwordFolder);
    }
    const facts = { source: await factsOf(source), target: await factsOf(target) };
    const versions = { source: facts.source.version, target: facts.target.version };
    this.sameMajor = facts.source.major === facts.target.major;
    const findings = await this.findings();
    if (this.props.checkOnly || findings.some(({ verdict }) => verdict === "refused")) {
      const nothing = { verification: undefined, timings: {}, refusedSeconds: undefined };
      return { versions, findings, ...nothing };
    }
    const timings = await this.steps();
    const verification = this.compare(this.prints, await targetStateOf(target));
    const { refusedSeconds } = this.state?.cutOver ?? {};
    if (verification.agrees) {
      this.folder.remove();
    }
    return { versions, findings, verification, timings, refusedSeconds };
  }

  private async findings(): Promise<Finding[]> {
    const { source } = this.connections;
    if (this.state?.cutOver) {
      return [];
    }
    if (!this.state?.copied || !(await this.replication.isSubscribed())) {
      return [
        refused(
          "cut-over",
          "the target does not follow the source yet. Run --follow until it does.",
        ),
      ];
    }
    const facts = { ...(await sourceFactsOf(source)), ...(await publisherFactsOf(source)) };
    const { user } = await factsOf(source);
    return [
      ...cutOverPrivileges({ ...facts, user }),
      ...about(
        facts.prepared,
        refused,
        "prepared transactions",
        (list) => `${list} could still be committed. COMMIT PREPARED or ROLLBACK PREPARED them.`,
      ),
      ...about(
        await this.structureDifferences(),
        refused,
        "structure",
        (list) =>
          `it has changed since --follow began, and such changes are not replicated: ${list}. Make the same change in the target, or start over: --undo, then --follow.`,
      ),
    ];
  }

  private async structureDifferences(): Promise<string[]> {
    const { source, target } = this.connections;
    const read = (client: Client) => this.fingerprint([client], true, () => undefined);
    const [one, other] = [await read(source), await read(target)];
    const state = { ...(await targetStateOf(target)), notAnalyzed: [] };
    const { checks } = this.compare({ source: one, target: other }, state);
    return checks.flatMap(({ name, differences }) => differences.map((line) => `${name} ${line}`));
  }

  private compare(prints: Sides<Fingerprint>, state: Parameters<typeof compare>[0]["state"]) {
    const { sameMajor, props } = this;
    const { withGrants } = props;
    const sequencesBefore = prints.source.sequences;
    return compare({ ...prints, state, sequencesBefore, sameMajor, withGrants });
  }

  /** Without the publication of this migration, which the target does not get. */
  private async fingerprint(
    readers: readonly Client[],
    schemaOnly: boolean,
    say: Say,
  ): Promise<Fingerprint> {
    const { excludedTables: excluded, replicationName } = this.props;
    const [client] = readers as [Client];
    const progress = progressOf(await tablesOf(client), say);
    const print = await watched(this.connections, client, () =>
      fingerprint({
        ...{ client, readers, excluded, schemaOnly },
        progress: ({ name }) => {
          this.connections.interruption.check();
          progress.add(name);
        },
      }),
    );
    const isOwn = ({ kind, name }: { kind: string; name: string }) =>
      kind === "publication" && name === replicationName;
    return { ...print, items: print.items.filter((item) => !isOwn(item)) };
  }

  /** Restores the source's setting, unless the target has everything: then the application may write to the target. */
  private async steps(): Promise<Timings> {
    const { interruption, source } = this.connections;
    const steps: Step[] = [
      ...(this.state?.cutOver ? [] : this.movingSteps()),
      {
        title: "Remove replication",
        run: async () => {
          await this.replication.remove();
          return "publication, slot and subscription";
        },
      },
      { title: "Verify: compare both sides", run: (say) => this.verify(say) },
    ];
    try {
      return await runSteps(interruptible(steps, interruption), this.props.quiet);
    } finally {
      if (this.state?.readOnly && !this.state.cutOver) {
        await putBack(source, this.state.readOnly.previous);
        const { readOnly: _, ...state } = this.state;
        this.state = this.folder.write(state);
      }
    }
  }

  private note(more: Partial<State>): void {
    this.state = this.folder.write({ ...(this.state as State), ...more });
  }

  private movingSteps(): Step[] {
    return [
      { title: "Catch up", run: (say) => this.catchUp(say) },
      { title: "Forbid writes to the source", run: () => this.forbidWrites() },
      { title: "Wait for the last write", run: () => this.waitForLastWrite() },
      { title: "Set the sequences", run: () => this.complete() },
    ];
  }

  /** Everything that can be done while the source accepts writes. */
  private async catchUp(say: Say): Promise<string> {
    const { target } = this.connections;
    say("ANALYZE");
    await watched(this.connections, target, () => target.query("ANALYZE"));
    await this.openReaders();
    await catchUp(this.connections, this.replication, say);
    return "the target is near";
  }

  private async openReaders(): Promise<void> {
    const { open } = this.connections;
    const { jobs, source, target } = this.props;
    const all = (login: typeof source) =>
      Promise.all(Array.from({ length: jobs }, () => open(login)));
    this.readers = { source: await all(source), target: await all(target) };
  }

  private async forbidWrites(): Promise<string> {
    const { source } = this.connections;
    const previous = this.state?.readOnly?.previous ?? (await readOnlySetting(source));
    this.note({ readOnly: { previous } });
    this.forbiddenAt = performance.now();
    await makeReadOnly(source);
    return "default_transaction_read_only is on, and open sessions are closed";
  }

  private async waitForLastWrite(): Promise<string> {
    const { source } = this.connections;
    const { rows } = await source.query(
      "SELECT trunc(extract(epoch FROM clock_timestamp()) * 1000000)::text AS now",
    );
    await this.waitFor(await this.replication.mark());
    if ((await endSessionsBefore(source, rows[0].now)) > 0) {
      await this.waitFor(await this.replication.mark());
    }
    return "the target has confirmed it";
  }

  private async waitFor(position: number): Promise<void> {
    while ((await this.replication.status()).confirmed < position) {
      this.connections.interruption.check();
      await sleep(POLL_MS);
    }
  }

  /** The last moment before the application may use the target. */
  private async complete(): Promise<string> {
    const { source, target } = this.connections;
    const { excludedTables } = this.props;
    const states = await sequences(source, excludedTables);
    await setSequences(target, states);
    const { materializedViews } = await publisherFactsOf(source);
    await refresh(target, materializedViews);
    await this.takeSnapshots();
    const refusedSeconds = (performance.now() - this.forbiddenAt) / 1000;
    const set = await sequences(target, excludedTables);
    this.note({ cutOver: { refusedSeconds, sequences: set } });
    return `${states.length} sequences; the target has everything ${refusedSeconds.toFixed(1)} s after the first refused write`;
  }

  private async takeSnapshots(): Promise<void> {
    for (const [first, ...others] of Object.values(this.readers)) {
      const snapshot = await exportSnapshot(first as Client);
      await Promise.all(others.map((reader) => joinSnapshot(reader, snapshot)));
    }
  }

  private async verify(say: Say): Promise<string> {
    if (this.readers.source.length === 0) {
      await this.openReaders();
      await this.takeSnapshots();
    }
    const [source, target] = await Promise.all([
      this.fingerprint(this.readers.source, false, say),
      this.fingerprint(this.readers.target, false, () => undefined),
    ]);
    // The application may have used them already.
    const set = this.state?.cutOver?.sequences ?? target.sequences;
    this.prints = { source, target: { ...target, sequences: set } };
    return `${target.tables.length} tables`;
  }
}

async function setSequences(client: Client, states: readonly SequenceState[]): Promise<void> {
  for (const { name, lastValue, isCalled } of states) {
    await client.query("SELECT setval($1::regclass, $2, $3)", [name, lastValue, isCalled]);
  }
}

/** In the order in which they were created: one may read another. */
async function refresh(client: Client, views: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'm' AND format('%I.%I', n.nspname, c.relname) = ANY($1) ORDER BY c.oid`,
    [views],
  );
  for (const { name } of rows) {
    await client.query(`REFRESH MATERIALIZED VIEW ${name}; ANALYZE ${name}`);
  }
}
