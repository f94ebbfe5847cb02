import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../../../cli/command-error";
import type { Finding } from "../finding";
import { interruptible, runSteps, type Say, type Step, type Timings } from "../progress";
import { type Selection, type State, WorkFolder } from "../work-folder";
import { Archive } from "./archive";
import { type Connections, watched, withConnections } from "./connections";
import { type Facts, factsOf, type SourceFacts, sourceFactsOf } from "./facts";
import { findingsOf } from "./findings";
import { tablesOf } from "./fingerprint";
import { type Lag, LagMeter, lagText } from "./lag";
import { addressOf, type Login } from "./login";
import { type DatabaseMigrationProps, type DatabaseMigrationResult, progressOf } from "./migration";
import { removeFolder } from "./password-files";
import { findPrograms, type Programs, suitable } from "./programs";
import { connectionString, Replication, type SourceAddress } from "./replication";
import {
  type PublisherFacts,
  publisherFactsOf,
  replicaIdentities,
  type SubscriberFacts,
  subscriberFactsOf,
} from "./replication-facts";
import { replicationFindings } from "./replication-findings";
import { Restoration } from "./restoration";
import { extensionRows, restoredData } from "./restored";
import { endLeftovers, putBack } from "./sessions";
import { exportSnapshot } from "./snapshot";
import { listed, matcher } from "./table-of-contents";

const POLL_MS = 1000;
/** The lag at which the cut-over waits only for a moment. */
const NEAR_BYTES = 1024 ** 2;
/** After this many failures in a row, the target will not recover. */
const MOST_ERRORS = 3;

export interface FollowProps
  extends Omit<
    DatabaseMigrationProps,
    "schemaOnly" | "readOnly" | "acceptWriters" | "source" | "target"
  > {
  readonly source: Login;
  readonly target: Login;
  /** Names the publication, the slot and the subscription. */
  readonly replicationName: string;
  /** How the target reaches the source. @default - at the address of `source` */
  readonly sourceAddress?: SourceAddress | undefined;
}

export interface FollowResult extends DatabaseMigrationResult {
  /** How far the target is behind; undefined when a finding refused to follow. */
  readonly lag: Lag | undefined;
}

/**
 * Lets the target follow the source by logical replication: creates the tables, copies them, and replicates later
 * changes. It returns when the target has nearly everything; replication continues.
 * @throws CommandError when something fails or is interrupted; the next run continues there.
 */
export async function followDatabase(props: FollowProps): Promise<FollowResult> {
  return await withConnections(props, (connections) => new Following(connections, props).run());
}

/** The options that select the objects. They must stay the same until the cut-over. */
export function followSelection(props: FollowProps): Selection {
  const { withGrants, excludedTables } = props;
  return {
    ...{ source: addressOf(props.source), target: addressOf(props.target) },
    ...{ schemaOnly: false, withGrants, excludedTables, following: true },
  };
}

/** Waits until the target is near, and says how far it is behind. */
export async function catchUp(
  { interruption }: Pick<Connections, "interruption">,
  replication: Replication,
  say: Say,
): Promise<Lag> {
  const meter = new LagMeter();
  const errors = await replication.errors();
  for (;;) {
    interruption.check();
    const { position, confirmed, isStreaming } = await replication.status();
    const lag = meter.measure(performance.now() / 1000, position, confirmed);
    if (isStreaming && lag.bytes < NEAR_BYTES) {
      return lag;
    }
    say(lagText(lag));
    await failOn(replication, errors);
    await sleep(POLL_MS);
  }
}

/** @throws CommandError when the target keeps failing. */
async function failOn(replication: Replication, before: number): Promise<void> {
  if ((await replication.errors()) - before >= MOST_ERRORS) {
    throw new CommandError(
      `The target cannot apply what the source sends; its PostgreSQL log says why. Fix the cause, then run the same command again. To give up: --undo.`,
    );
  }
}

class Following {
  private readonly folder: WorkFolder;
  private readonly replication: Replication;
  private state: State | undefined;
  private isSubscribed!: boolean;
  private source!: Facts & SourceFacts & PublisherFacts;
  private target!: Facts & SubscriberFacts;
  private lag: Lag | undefined;

  constructor(
    private readonly connections: Connections,
    private readonly props: FollowProps,
  ) {
    this.folder = new WorkFolder(props.workFolder);
    this.replication = new Replication(connections, props.replicationName);
  }

  async run(): Promise<FollowResult> {
    this.state = this.folder.readFor(followSelection(this.props));
    await this.tidyUp();
    await this.readFacts();
    const versions = { source: this.source.version, target: this.target.version };
    const programs = suitable(await findPrograms(), this.source.major, this.target.major);
    const findings = await this.findings(programs);
    const isRefused = findings.some(({ verdict }) => verdict === "refused");
    const timings =
      isRefused || this.props.checkOnly || !programs ? {} : await this.follow(programs);
    return { versions, findings, verification: undefined, timings, lag: this.lag };
  }

  /** Ends what a killed run left behind; a cut-over that did not end left the source read-only. */
  private async tidyUp(): Promise<void> {
    const { source, target } = this.connections;
    if (this.state?.cutOver) {
      throw new CommandError(
        "The cut-over is done: the application may use the target. To compare both sides again: --cut-over. To go back to the source: --stop-following.",
      );
    }
    if (this.state) {
      await Promise.all([source, target].map(endLeftovers));
      removeFolder(this.state.passwordFolder);
    }
    if (this.state?.readOnly) {
      await putBack(source, this.state.readOnly.previous);
      const { readOnly: _, ...state } = this.state;
      this.state = this.folder.write(state);
    }
  }

  private async readFacts(): Promise<void> {
    const { source, target } = this.connections;
    const [ofSource, ofTarget] = [await factsOf(source), await factsOf(target)];
    this.source = {
      ...ofSource,
      ...(await sourceFactsOf(source)),
      ...(await publisherFactsOf(source)),
    };
    this.target = { ...ofTarget, ...(await subscriberFactsOf(target)) };
    this.isSubscribed = await this.replication.isSubscribed();
  }

  private async findings(programs: Programs | undefined): Promise<Finding[]> {
    const { source, target, isSubscribed, props } = this;
    const { storage, withGrants, excludedTables, replicationName: name } = props;
    const continues = this.state !== undefined || isSubscribed;
    const options = { withGrants, excludedTables, follow: true };
    return [
      ...findingsOf({
        ...{ source, target, programs, storage, continues },
        // The dump has the structure alone.
        freeBytes: Number.POSITIVE_INFINITY,
        options: { ...options, readOnly: false, acceptWriters: false, schemaOnly: false },
      }),
      ...replicationFindings({
        ...{ source, target, excludedTables, name, isSubscribed },
        connection: { ...props.source, ...props.sourceAddress },
        problem:
          isSubscribed || !source.mayPublish
            ? undefined
            : await this.replication.tryToSubscribe(props.target, this.connection),
        leftRows: continues && !isSubscribed ? await this.leftRows() : [],
      }),
    ];
  }

  private get connection(): string {
    const { source, sourceAddress = source } = this.props;
    return connectionString(source, sourceAddress);
  }

  private async leftRows(): Promise<string[]> {
    const data = await restoredData(this.connections.target, this.state?.baseline ?? {});
    const rows = new Set(data);
    return (await tablesOf(this.connections.target))
      .filter(({ schema, table }) => rows.has(listed("TABLE DATA", schema, table)))
      .map(({ name }) => name);
  }

  private async follow(programs: Programs): Promise<Timings> {
    const { passwords, interruption } = this.connections;
    const { schemas, extensions } = this.target;
    const before = { schemas, extensions: extensions.map(({ name }) => name) };
    this.state = this.folder.write({
      ...(this.state ?? { before, selection: followSelection(this.props) }),
      passwordFolder: passwords.folder,
    });
    const steps = [
      ...(this.state.copied ? [] : this.copySteps(programs)),
      {
        title: "Follow the source",
        run: async (say: Say) => {
          this.lag = await catchUp(this.connections, this.replication, say);
          return lagText(this.lag);
        },
      },
    ];
    return await runSteps(interruptible(steps, interruption), this.props.quiet);
  }

  private copySteps(programs: Programs): Step[] {
    const { interruption, passwords, target: client } = this.connections;
    const { workFolder: folder, jobs, target: login, withGrants } = this.props;
    const archive = new Archive({ programs, folder, jobs, interruption });
    const { roles } = this.source;
    const restoration = new Restoration({
      ...{ archive, client, login, passwords, withGrants, roles },
      isLeftOut: ({ text }) =>
        /^PUBLICATION/.test(text) && text.split(" ").includes(this.replication.name),
    });
    return [
      { title: "Dump the structure", run: () => this.dump(archive) },
      { title: "Create the tables", run: (say) => this.createTables(restoration, say) },
      { title: "Begin to replicate", run: (say) => this.begin(say) },
      { title: "Copy the tables", run: (say) => this.copyTables(say) },
      {
        title: "Create indexes and constraints",
        run: async (say) => {
          await restoration.createIndexes(say);
          return "done";
        },
      },
      {
        title: "Analyze",
        run: async () => {
          await watched(this.connections, client, () => client.query("ANALYZE"));
          this.note({ copied: true });
          return "statistics are up to date";
        },
      },
    ];
  }

  private note(more: Partial<State>): void {
    this.state = this.folder.write({ ...(this.state as State), ...more });
  }

  private async dump(archive: Archive): Promise<string> {
    const { open, passwords } = this.connections;
    const { source, excludedTables } = this.props;
    const holder = await open(source);
    const snapshot = await exportSnapshot(holder);
    const passwordFile = passwords.write(source);
    const what = { source, passwordFile, snapshot, schemaOnly: true, excludedTables };
    await archive.dump(what, () => undefined);
    await holder.end();
    return "without contents";
  }

  /** Includes the indexes that find updated rows. Other indexes are faster to create after the copy. */
  private async createTables(restoration: Restoration, say: Say): Promise<string> {
    const { source, target } = this.connections;
    if (this.state?.baseline === undefined && !this.isSubscribed) {
      if (this.target.objects.length === 0) {
        await restoration.createTables(this.target.schemas);
      }
      this.note({ baseline: await extensionRows(target) });
    }
    const identities = await replicaIdentities(source);
    await restoration.createIndexes(say, matcher(identities, this.source.roles));
    return `${(await this.tables()).length} tables`;
  }

  /** The tables that are published. */
  private async tables() {
    const { excludedTables } = this.props;
    const tables = await tablesOf(this.connections.source);
    return tables.filter(({ name }) => !excludedTables.includes(name));
  }

  private async begin(say: Say): Promise<string> {
    const { source } = this.connections;
    if (this.isSubscribed) {
      return "had begun before";
    }
    say("waiting for open transactions in the source");
    const names = (await this.tables()).map(({ name }) => name);
    await watched(this.connections, source, () => this.replication.publish(names));
    await this.replication.subscribe(this.props.target, this.connection);
    return `the subscription ${this.replication.name}`;
  }

  private async copyTables(say: Say): Promise<string> {
    const { interruption } = this.connections;
    const progress = progressOf(await this.tables(), say);
    const errors = await this.replication.errors();
    const seen = new Set<string>();
    for (;;) {
      interruption.check();
      const { copied, copying, tables, isStreaming } = await this.replication.status();
      for (const name of copied.filter((one) => !seen.has(one))) {
        seen.add(name);
        progress.add(name);
      }
      if (isStreaming) {
        return `${tables} tables`;
      }
      say([progress.text, ...copying].join("; "));
      await failOn(this.replication, errors);
      await sleep(POLL_MS);
    }
  }
}
