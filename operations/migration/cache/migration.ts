import { createHash } from "node:crypto";
import { CommandError } from "../../../cli/command-error";
import type { Finding } from "../finding";
import { Interruption } from "../interruption";
import { runSteps, type Say, type Timings } from "../progress";
import { asCommandError } from "../server-error";
import { type Comparison, check, type Verification, verificationOf } from "../verification";
import { WorkFolder } from "../work-folder";
import { cacheFindings } from "./findings";
import { type Expiry, ExpiryReader, valueHash } from "./key";
import { addressOf, type CacheLogin, type RedisConnection, type Reply } from "./redis-connection";
import { type CacheFacts, RedisStore } from "./redis-store";

/** The batch size of SCAN. */
const BATCH = 500;
/** Where expiries are not exact, the time between two commands. */
const TOLERANCE_MS = 1000;
/** Keys that expire this soon may be gone from one side when both are read. */
const SOON_MS = 5000;
/** How long writers wait unless the pause is renewed, and so the longest wait after a killed migration. */
const PAUSE_MS = 30_000;
const MOST_DIFFERENCES = 100;

export interface CacheMigrationProps {
  readonly source: CacheLogin;
  readonly target: CacheLogin;
  /** The database in the source's URL. @default - all databases */
  readonly database?: number | undefined;
  readonly workFolder: string;
  readonly readOnly: boolean;
  readonly acceptWriters: boolean;
  readonly checkOnly: boolean;
  /** Show no progress. @default false */
  readonly quiet?: boolean;
}

export interface CacheMigrationResult {
  readonly versions: Readonly<Record<"source" | "target", string>>;
  readonly findings: readonly Finding[];
  readonly verification: Verification | undefined;
  readonly timings: Timings;
}

/**
 * Copies every key with its expiry, and compares both sides key by key. Run again, it copies everything again.
 * @throws CommandError when something fails or is interrupted.
 */
export async function migrateCache(props: CacheMigrationProps): Promise<CacheMigrationResult> {
  const interruption = new Interruption();
  const stores: RedisStore[] = [];
  try {
    const source = await RedisStore.open("source", props.source);
    stores.push(source);
    const target = await RedisStore.open("target", props.target);
    stores.push(target);
    return await new CacheMigration(props, source, target, interruption).run();
  } catch (error) {
    interruption.check();
    throw asCommandError(error as Error);
  } finally {
    for (const store of stores) {
      store.close();
    }
    interruption.dispose();
  }
}

/**
 * Gives up an unfinished migration: empties the target, which was empty before it.
 * @returns what was done
 * @throws CommandError when there is no such migration.
 */
export async function undoCacheMigration({
  source,
  target,
  workFolder,
}: Pick<CacheMigrationProps, "source" | "target" | "workFolder">): Promise<string> {
  const folder = new WorkFolder(workFolder);
  const { selection } = folder.read() ?? {};
  if (selection?.source !== addressOf(source) || selection.target !== addressOf(target)) {
    throw new CommandError(
      `${workFolder} holds no unfinished migration from ${addressOf(source)} to ${addressOf(target)}. There is nothing to undo.`,
    );
  }
  const store = await RedisStore.open("target", target);
  try {
    await Promise.all(store.connections.map((one) => one.send("FLUSHALL")));
  } finally {
    store.close();
  }
  folder.remove();
  return `The target is as empty as before, and ${workFolder} is removed.`;
}

class CacheMigration {
  private readonly folder: WorkFolder;
  private readonly contents: Comparison[] = [];
  private readonly differences: string[] = [];
  private readonly expiries: string[] = [];

  constructor(
    private readonly props: CacheMigrationProps,
    private readonly source: RedisStore,
    private readonly target: RedisStore,
    private readonly interruption: Interruption,
  ) {
    this.folder = new WorkFolder(props.workFolder);
  }

  async run(): Promise<CacheMigrationResult> {
    const { props } = this;
    const selection = {
      ...{ source: addressOf(props.source), target: addressOf(props.target) },
      ...{ schemaOnly: false, withGrants: false, excludedTables: [] },
    };
    const state = this.folder.readFor(selection);
    const [source, target] = [await this.source.facts(), await this.target.facts()];
    const databases = props.database === undefined ? databasesIn(source) : [props.database];
    const versions = { source: `Redis ${source.version}`, target: `Redis ${target.version}` };
    const { readOnly, acceptWriters } = props;
    const options = { readOnly, acceptWriters };
    const findings = cacheFindings({
      source,
      target,
      databases,
      options,
      continues: state !== undefined,
    });
    if (props.checkOnly || findings.some(({ verdict }) => verdict === "refused")) {
      return { versions, findings, verification: undefined, timings: {} };
    }
    this.folder.write({ selection, before: { schemas: [], extensions: [] } });
    const timings = await this.withoutWriters(() => this.copyAndCompare(databases));
    const verification = this.verification();
    if (verification.agrees) {
      this.folder.remove();
    }
    return { versions, findings, verification, timings };
  }

  /** Pauses writes while this runs, with --read-only. */
  private async withoutWriters<T>(work: () => Promise<T>): Promise<T> {
    if (!this.props.readOnly) {
      return await work();
    }
    const { connections } = this.source;
    const pause = () =>
      Promise.all(connections.map((one) => one.send("CLIENT", "PAUSE", PAUSE_MS, "WRITE")));
    try {
      await pause();
    } catch (error) {
      throw new CommandError(
        `--read-only: ${(error as Error).message}. It requires Redis 6.2 or later, and a user who may run CLIENT PAUSE. Otherwise stop the application, and leave out --read-only.`,
      );
    }
    const timer = setInterval(() => pause().catch(() => undefined), PAUSE_MS / 3);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      await Promise.all(connections.map((one) => one.send("CLIENT", "UNPAUSE")));
    }
  }

  private copyAndCompare(databases: readonly number[]): Promise<Timings> {
    const each = (work: (database: number, say: Say) => Promise<number>) => async (say: Say) => {
      let keys = 0;
      for (const database of databases) {
        await Promise.all([this.source, this.target].map((store) => store.select(database)));
        keys += await work(database, say);
      }
      return `${keys} keys`;
    };
    return runSteps(
      [
        { title: "Copy the keys", run: each((_, say) => this.copy(say)) },
        {
          title: "Verify: read both sides",
          run: each((database, say) => this.compare(database, say)),
        },
      ],
      this.props.quiet,
    );
  }

  /** Copies the keys of the chosen database. */
  private async copy(say: Say): Promise<number> {
    let copied = 0;
    for (const connection of this.source.connections) {
      const reader = await ExpiryReader.for(connection);
      for await (const keys of this.batches(connection)) {
        await Promise.all(keys.map((key) => this.copyKey(connection, reader, key)));
        copied += keys.length;
        say(`${copied} keys`);
      }
    }
    return copied;
  }

  private async *batches(connection: RedisConnection): AsyncGenerator<Buffer[]> {
    let cursor = "0";
    do {
      this.interruption.check();
      const [next, keys] = (await connection.send("SCAN", cursor, "COUNT", BATCH)) as [
        Reply,
        Buffer[],
      ];
      yield keys;
      cursor = String(next);
    } while (cursor !== "0");
  }

  private async copyKey(
    connection: RedisConnection,
    reader: ExpiryReader,
    key: Buffer,
  ): Promise<void> {
    const [payload, expiry] = await Promise.all([connection.send("DUMP", key), reader.read(key)]);
    if (payload === null || expiry === undefined) {
      // Expired or deleted since it was listed.
      return;
    }
    try {
      await this.target
        .connectionFor(key)
        .send("RESTORE", key, expiry ?? 0, payload as Buffer, "REPLACE", "ABSTTL");
    } catch (error) {
      throw new CommandError(
        `The target refuses the key ${shown(key)}: ${(error as Error).message}. Fix the cause, then run the same command again.`,
      );
    }
  }

  private async compare(database: number, say: Say): Promise<number> {
    const totals: Totals = { source: { keys: 0, sum: 0n }, target: { keys: 0, sum: 0n } };
    const before = this.differences.length + this.expiries.length;
    for (const connection of this.source.connections) {
      const reader = await ExpiryReader.for(connection);
      for await (const keys of this.batches(connection)) {
        await Promise.all(
          unique(keys).map((key) => this.compareKey(connection, { reader, key, totals })),
        );
        say(`${totals.source.keys} keys`);
      }
    }
    await this.noteExtra();
    this.contents.push({
      name: `db ${database}`,
      source: textOf(totals.source),
      target: textOf(totals.target),
      agrees: before === this.differences.length + this.expiries.length,
    });
    return totals.source.keys;
  }

  private async compareKey(
    connection: RedisConnection,
    { reader, key, totals }: Readonly<{ reader: ExpiryReader; key: Buffer; totals: Totals }>,
  ): Promise<void> {
    const { one, other, isExact } = await this.bothSides(connection, reader, key);
    if (!one || isSoon(one.expiry)) {
      return;
    }
    add(totals.source, key, one);
    if (other) {
      add(totals.target, key, other);
    }
    this.note(key, one, other, isExact);
  }

  private async bothSides(connection: RedisConnection, reader: ExpiryReader, key: Buffer) {
    const other = this.target.connectionFor(key);
    const otherReader = await this.readerFor(other);
    const read = async (from: RedisConnection, expiries: ExpiryReader) => {
      const [hash, expiry] = await Promise.all([valueHash(from, key), expiries.read(key)]);
      return hash === undefined || expiry === undefined ? undefined : { hash, expiry };
    };
    const [one, two] = await Promise.all([read(connection, reader), read(other, otherReader)]);
    return { one, other: two, isExact: reader.isExact && otherReader.isExact };
  }

  private readonly readers = new Map<RedisConnection, Promise<ExpiryReader>>();

  private readerFor(connection: RedisConnection): Promise<ExpiryReader> {
    const reader = this.readers.get(connection) ?? ExpiryReader.for(connection);
    this.readers.set(connection, reader);
    return reader;
  }

  private note(key: Buffer, one: KeyState, other: KeyState | undefined, isExact: boolean): void {
    if (!other) {
      this.differences.push(`${shown(key)} is missing in the target`);
    } else if (one.hash !== other.hash) {
      this.differences.push(`${shown(key)} has another value in the target`);
    } else if (!sameExpiry(one.expiry, other.expiry, isExact)) {
      this.expiries.push(
        `${shown(key)} expires ${when(one.expiry)} in the source, ${when(other.expiry)} in the target`,
      );
    }
  }

  /** Keys that only the target has. */
  private async noteExtra(): Promise<void> {
    for (const connection of this.target.connections) {
      for await (const keys of this.batches(connection)) {
        const known = await Promise.all(
          keys.map((key) => this.source.connectionFor(key).send("EXISTS", key)),
        );
        const left = await Promise.all(keys.map((key) => connection.send("PTTL", key)));
        this.differences.push(
          ...keys
            .filter((_, index) => known[index] === 0 && !isShort(Number(left[index])))
            .map((key) => `${shown(key)} is only in the target`),
        );
      }
    }
  }

  private verification(): Verification {
    const first = (all: readonly string[]) => all.slice(0, MOST_DIFFERENCES);
    const keys = this.contents.map(({ name, source }) => `${name}: ${source}`).join("; ");
    return verificationOf(
      [
        check("keys and values", keys || "no keys", first(this.differences)),
        check("expiries", "the same on both sides", first(this.expiries)),
      ],
      this.contents,
    );
  }
}

interface Total {
  keys: number;
  /** The sum of the hashes of all keys and values, which does not depend on their order. */
  sum: bigint;
}

type Totals = Readonly<Record<"source" | "target", Total>>;

function add(total: Total, key: Buffer, { hash }: KeyState): void {
  total.keys++;
  total.sum += sumOf(key, hash);
}

function textOf({ keys, sum }: Total): string {
  return `${keys} keys, digest ${sum.toString(16)}`;
}

/** SCAN may list a key twice, within a batch or in two batches. */
function unique(keys: readonly Buffer[]): Buffer[] {
  return [...new Set(keys.map((key) => key.toString("latin1")))].map((key) =>
    Buffer.from(key, "latin1"),
  );
}

interface KeyState {
  readonly hash: string;
  readonly expiry: Expiry;
}

function databasesIn({ keys }: CacheFacts): number[] {
  return Object.keys(keys).map(Number);
}

/** 64 bits of a hash of a key and its value. */
function sumOf(key: Buffer, hash: string): bigint {
  return createHash("sha1").update(key).update(hash).digest().readBigUInt64BE();
}

function isSoon(expiry: Expiry): boolean {
  return expiry !== null && expiry < Date.now() + SOON_MS;
}

/** Whether a key has expired or will soon, by its PTTL. */
function isShort(left: number): boolean {
  return left !== -1 && left < SOON_MS;
}

function sameExpiry(one: Expiry, other: Expiry, isExact: boolean): boolean {
  return one === null || other === null
    ? one === other
    : Math.abs(one - other) <= (isExact ? 0 : TOLERANCE_MS);
}

function when(expiry: Expiry): string {
  return expiry === null ? "never" : `at ${new Date(expiry).toISOString()}`;
}

/** A key for people: JSON, shortened. */
function shown(key: Buffer): string {
  const text = JSON.stringify(key.toString("utf8"));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
