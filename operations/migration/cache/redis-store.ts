import { hashSlot } from "./hash-slot";
import { type CacheLogin, fieldsOf, RedisConnection, type Reply } from "./redis-connection";

/** A cluster's part: a primary and the slots that it has. */
interface Shard {
  readonly connection: RedisConnection;
  readonly slots: readonly (readonly [from: number, to: number])[];
}

/** The properties of a server. */
export interface CacheFacts {
  /** `7.0.15` */
  readonly version: string;
  readonly role: string;
  readonly usedMemory: number;
  /** 0 means no limit. */
  readonly maxMemory: number;
  readonly maxMemoryPolicy: string;
  /** Keys by database. */
  readonly keys: Readonly<Record<number, number>>;
  readonly isCluster: boolean;
  /** Connections of others. */
  readonly clients: readonly string[];
}

/** One server of Redis, or every primary of a cluster. */
export class RedisStore {
  private constructor(private readonly shards: readonly Shard[]) {}

  static async open(side: "source" | "target", login: CacheLogin): Promise<RedisStore> {
    const first = await RedisConnection.open(side, login);
    const isCluster = fieldsOf(await first.text("INFO", "cluster")).cluster_enabled === "1";
    if (!isCluster) {
      return new RedisStore([{ connection: first, slots: [] }]);
    }
    const parts = (await first.send("CLUSTER", "SLOTS")) as Reply[][];
    first.close();
    const nodes = new Map<string, { host: string; port: number; slots: [number, number][] }>();
    for (const [from, to, primary] of parts) {
      const [address, port] = primary as Reply[];
      // An empty address is that of the connection.
      const host = String(address ?? "") || login.host;
      const node = nodes.get(`${host}:${port}`) ?? { host, port: Number(port), slots: [] };
      node.slots.push([Number(from), Number(to)]);
      nodes.set(`${host}:${port}`, node);
    }
    return new RedisStore(
      await Promise.all(
        [...nodes.values()].map(async ({ host, port, slots }) => ({
          connection: await RedisConnection.open(side, { ...login, host, port }),
          slots,
        })),
      ),
    );
  }

  /** Every server, each with its own keys. */
  get connections(): readonly RedisConnection[] {
    return this.shards.map(({ connection }) => connection);
  }

  /** The server that has a key. */
  connectionFor(key: Buffer): RedisConnection {
    const [only] = this.shards;
    if (this.shards.length === 1 && only) {
      return only.connection;
    }
    const slot = hashSlot(key);
    const found = this.shards.find(({ slots }) =>
      slots.some(([from, to]) => from <= slot && slot <= to),
    );
    if (!found) {
      throw new Error(`No server of the cluster has the slot ${slot}`);
    }
    return found.connection;
  }

  /** Chooses a database on every server; a cluster has only the first. */
  async select(database: number): Promise<void> {
    if (this.shards.every(({ slots }) => slots.length === 0)) {
      await Promise.all(this.connections.map((one) => one.send("SELECT", database)));
    }
  }

  async facts(): Promise<CacheFacts> {
    const all = await Promise.all(this.connections.map(factsOfServer));
    const sum = (number: (facts: CacheFacts) => number) =>
      all.reduce((total, facts) => total + number(facts), 0);
    const databases = [...new Set(all.flatMap(({ keys }) => Object.keys(keys)))].map(Number);
    return {
      ...(all[0] as CacheFacts),
      usedMemory: sum(({ usedMemory }) => usedMemory),
      maxMemory: sum(({ maxMemory }) => maxMemory),
      keys: Object.fromEntries(databases.map((one) => [one, sum(({ keys }) => keys[one] ?? 0)])),
      isCluster: this.shards.some(({ slots }) => slots.length > 0),
      clients: all.flatMap(({ clients }) => clients),
    };
  }

  close(): void {
    for (const connection of this.connections) {
      connection.close();
    }
  }
}

async function factsOfServer(connection: RedisConnection): Promise<CacheFacts> {
  const info = fieldsOf(await connection.text("INFO"));
  const keyspace = Object.entries(fieldsOf(await connection.text("INFO", "keyspace")));
  const list = await connection.text("CLIENT", "LIST");
  return {
    version: String(info.redis_version),
    role: String(info.role),
    usedMemory: Number(info.used_memory),
    maxMemory: Number(info.maxmemory),
    maxMemoryPolicy: String(info.maxmemory_policy),
    keys: Object.fromEntries(
      keyspace.flatMap(([name, value]) => {
        const [, keys] = /^keys=(\d+)/.exec(value) ?? [];
        return keys ? [[Number(name.slice("db".length)), Number(keys)]] : [];
      }),
    ),
    isCluster: false,
    clients: clientsIn(list),
  };
}

/** The other connected clients. Replicas and cluster nodes do not write on their own. */
function clientsIn(list: string): string[] {
  return list
    .split("\n")
    .filter(
      (line) => line && !/ name=npm-run-migrate /.test(line) && !/ flags=[^ ]*[SM]/.test(line),
    )
    .map((line) => {
      const [, address = "?"] = / addr=([^ ]+)/.exec(line) ?? [];
      const [, name = ""] = / name=([^ ]*)/.exec(line) ?? [];
      return name ? `${name} (${address})` : address;
    });
}
