import { createHash } from "node:crypto";
import type { RedisConnection, Reply } from "./redis-connection";

/** Milliseconds since 1970; null for a key without expiry. */
export type Expiry = number | null;

/** Reads expiries: absolute ones, from Redis 7.0 on; before, from the server's clock and the time to live. */
export class ExpiryReader {
  private constructor(
    private readonly connection: RedisConnection,
    readonly isExact: boolean,
  ) {}

  static async for(connection: RedisConnection): Promise<ExpiryReader> {
    try {
      await connection.send("PEXPIRETIME", "");
      return new ExpiryReader(connection, true);
    } catch {
      return new ExpiryReader(connection, false);
    }
  }

  /** @returns undefined for a missing key. */
  async read(key: Buffer): Promise<Expiry | undefined> {
    if (this.isExact) {
      return expiryOf(Number(await this.connection.send("PEXPIRETIME", key)), 0);
    }
    const [time, left] = await Promise.all([
      this.connection.send("TIME"),
      this.connection.send("PTTL", key),
    ]);
    const [seconds, microseconds] = (time as Reply[]).map(Number) as [number, number];
    return expiryOf(Number(left), seconds * 1000 + Math.floor(microseconds / 1000));
  }
}

/** Both commands answer -1 for a key without expiry, and -2 for a missing key. */
function expiryOf(reply: number, now: number): Expiry | undefined {
  if (reply === -2) {
    return undefined;
  }
  return reply === -1 ? null : now + reply;
}

type Read = (connection: RedisConnection, key: Buffer) => Promise<readonly Reply[]>;

/** The members of a reply, in an order that does not depend on the server. */
function sorted(replies: readonly Reply[]): Reply[] {
  return [...replies].sort((one, other) => Buffer.compare(one as Buffer, other as Buffer));
}

/** The fields of a hash with their values, ordered by field. */
function sortedPairs(replies: readonly Reply[]): Reply[] {
  const pairs = Array.from({ length: replies.length / 2 }, (_, index) =>
    replies.slice(2 * index, 2 * index + 2),
  );
  pairs.sort(([one], [other]) => Buffer.compare(one as Buffer, other as Buffer));
  return pairs.flat();
}

/** Scores as numbers: before Redis 7.2, servers write 0.1 with 17 digits. */
function sameScores(replies: readonly Reply[]): Reply[] {
  return replies.map((reply, index) => {
    const score = Number(reply);
    return index % 2 === 0 || Number.isNaN(score) ? reply : score;
  });
}

/** How the value of each type is read. */
const READERS: Readonly<Record<string, Read>> = {
  string: async (connection, key) => [await connection.send("GET", key)],
  list: async (connection, key) => (await connection.send("LRANGE", key, 0, -1)) as Reply[],
  set: async (connection, key) => sorted((await connection.send("SMEMBERS", key)) as Reply[]),
  zset: async (connection, key) =>
    sameScores((await connection.send("ZRANGE", key, 0, -1, "WITHSCORES")) as Reply[]),
  hash: async (connection, key) => sortedPairs((await connection.send("HGETALL", key)) as Reply[]),
  stream: readStream,
};

/** Entries, the last ID, and the groups with what their consumers have not acknowledged. */
async function readStream(connection: RedisConnection, key: Buffer): Promise<Reply[]> {
  const entries = await connection.send("XRANGE", key, "-", "+");
  const info = (await connection.send("XINFO", "STREAM", key)) as Reply[];
  const last = info[info.findIndex((word) => String(word) === "last-generated-id") + 1] ?? null;
  const groups = (await connection.send("XINFO", "GROUPS", key)) as Reply[][];
  const read = await Promise.all(
    groups.map(async (group) => {
      const field = (name: string) =>
        group[group.findIndex((word) => String(word) === name) + 1] as Buffer;
      const pending = (await connection.send(
        "XPENDING",
        key,
        field("name"),
        "-",
        "+",
        "1000000",
      )) as Reply[][];
      // The time since a delivery keeps growing.
      return [
        field("name"),
        field("last-delivered-id"),
        pending.map(([id, consumer, , times]) => [id, consumer, times] as Reply[]),
      ];
    }),
  );
  return [entries, last, ...read] as Reply[];
}

/**
 * A hash of a value that does not depend on how a server stores it.
 * @returns undefined for a missing key, and for a module type.
 */
export async function valueHash(
  connection: RedisConnection,
  key: Buffer,
): Promise<string | undefined> {
  const type = await connection.text("TYPE", key);
  const reader = READERS[type];
  if (!reader) {
    return type === "none" ? undefined : `a value of the module type ${type}`;
  }
  const hash = createHash("sha1").update(type);
  add(hash, await reader(connection, key));
  return hash.digest("hex");
}

/** Every part with its length, so that no two values are the same text. */
function add(hash: ReturnType<typeof createHash>, reply: Reply | readonly Reply[]): void {
  if (Array.isArray(reply)) {
    hash.update(`*${reply.length}`);
    for (const part of reply) {
      add(hash, part);
    }
    return;
  }
  const bytes = Buffer.isBuffer(reply) ? reply : Buffer.from(String(reply));
  hash.update(`$${bytes.length}:`).update(bytes);
}
