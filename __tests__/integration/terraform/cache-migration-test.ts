import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import {
  type CacheMigrationProps,
  migrateCache,
  undoCacheMigration,
} from "../../../operations/migration/cache/migration";
import { RedisConnection, type Word } from "../../../operations/migration/cache/redis-connection";
import { CertificateAuthority } from "../certificate-authority";
import { Redis } from "../redis";

jest.setTimeout(1_200_000);

const DAY_MS = 86_400_000;
/** Not UTF-8, and with a line break. */
const BINARY = Buffer.from("ff00fe0d0a2420f09fa686", "hex");
const PASSWORD = "a pass:word";
/** For DEBUG DIGEST. */
const DEBUG = ["--enable-debug-command", "local"];

let source: Redis;
const servers: Redis[] = [];
const connections: RedisConnection[] = [];
const folder = mkdtempSync(join(tmpdir(), "cache-migration-"));

beforeAll(async () => {
  source = await start(DEBUG);
  await fill(await connectionTo(source));
});

afterAll(async () => {
  for (const connection of connections) {
    connection.close();
  }
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true });
});

async function start(...args: Parameters<typeof Redis.start>): Promise<Redis> {
  const server = await Redis.start(...args);
  servers.push(server);
  return server;
}

async function connectionTo({ port }: Redis): Promise<RedisConnection> {
  const connection = await RedisConnection.open("source", loginTo(port));
  connections.push(connection);
  return connection;
}

const loginTo = (port: number) => ({
  ...{ host: "127.0.0.1", port, user: "", password: undefined as string | undefined },
  ...{ tls: "off" as "off" | "verified", rootCertificate: undefined as string | undefined },
});

/** Every type in its small and in its large encoding, with and without expiry, in two databases. */
async function fill(redis: RedisConnection): Promise<void> {
  const many = (count: number, words: (i: number) => Word[]) =>
    Array.from({ length: count }, (_, i) => words(i)).flat();
  const commands: Word[][] = [
    ["SET", "string", "🦆"],
    ["SET", BINARY, BINARY],
    ["SET", "", "the empty key"],
    ["SET", "number", 42],
    ["SET", "{tag}one", "1"],
    ["SET", "large", Buffer.alloc(1_000_000, 7)],
    ["PFADD", "hyperloglog", ...many(1000, (i) => [`e${i}`])],
    ["RPUSH", "list", "a", "a", BINARY],
    ["RPUSH", "long list", ...many(2000, (i) => [`item ${i}`])],
    ["SADD", "integers", 1, 2, 3],
    ["SADD", "large set", ...many(2000, (i) => [`member ${i}`])],
    ["ZADD", "scores", 0.1, "a", "-inf", "b", 1e300, BINARY],
    ["ZADD", "large scores", ...many(2000, (i) => [i / 3, `member ${i}`])],
    ["HSET", "hash", "field", "value", BINARY, BINARY],
    ["HSET", "large hash", ...many(2000, (i) => [`field ${i}`, i])],
    ["GEOADD", "places", 13.36, 38.11, "Palermo"],
    ["XADD", "stream", "1-1", "field", "value"],
    ["XADD", "stream", "2-1", "field", "🦆"],
    ["XGROUP", "CREATE", "stream", "group", "0"],
    ["XREADGROUP", "GROUP", "group", "reader", "COUNT", 1, "STREAMS", "stream", ">"],
    ["SET", "expiring", "tomorrow", "PX", DAY_MS],
    ["SET", "expired", "soon", "PX", 1],
    ["SELECT", 5],
    ["SET", "string", "in the other database", "PXAT", Date.now() + 2 * DAY_MS],
    ["SELECT", 0],
    ...Array.from({ length: 1000 }, (_, i) => [
      "SET",
      `key ${i}`,
      `value ${i}`,
      ...(i % 2 ? ["PX", DAY_MS + i] : []),
    ]),
  ];
  await Promise.all(commands.map((command) => redis.send(...command)));
}

function propsFor(target: Redis, more: Partial<CacheMigrationProps> = {}): CacheMigrationProps {
  return {
    source: loginTo(source.port),
    target: loginTo(target.port),
    workFolder: join(folder, String(target.port)),
    ...{ readOnly: false, acceptWriters: true, checkOnly: false, quiet: true },
    ...more,
  };
}

async function problemsOf(props: CacheMigrationProps): Promise<string[]> {
  const { findings, verification } = await migrateCache(props);
  return [
    ...findings.filter(({ verdict }) => verdict === "refused").map(({ message }) => message),
    ...(verification?.checks.flatMap(({ differences }) => differences) ?? ["nothing was verified"]),
  ];
}

test("copies every key with its expiry", async () => {
  const target = await start(DEBUG);
  const result = await migrateCache(propsFor(target));
  expect(result.verification?.checks.flatMap(({ differences }) => differences)).toEqual([]);
  expect(result.verification?.agrees).toBe(true);
  expect(
    result.verification?.contents.map(({ name, source: one }) => [name, one.split(",")[0]]),
  ).toEqual([
    ["db 0", "1018 keys"],
    ["db 5", "1 keys"],
  ]);
  const [one, other] = [await connectionTo(source), await connectionTo(target)];
  for (const key of ["expiring", "key 1", "key 2", "string"]) {
    expect(await other.send("PEXPIRETIME", key)).toBe(await one.send("PEXPIRETIME", key));
  }
  // Its own digest of all contents in all databases; the order in memory does not count.
  expect(await other.text("DEBUG", "DIGEST")).toBe(await one.text("DEBUG", "DIGEST"));
  expect(existsSync(join(folder, String(target.port)))).toBe(false);
});

test.each<[string, Word[], string | RegExp]>([
  ["a missing key", ["DEL", "key 7"], '"key 7" is missing in the target'],
  ["another value", ["SET", "key 8", "x"], '"key 8" has another value in the target'],
  [
    "another type",
    ["EVAL", "redis.call('DEL', 'key 8') redis.call('RPUSH', 'key 8', 'value 8')", 0],
    '"key 8" has another value in the target',
  ],
  [
    "an order in a list",
    ["LSET", "long list", 7, "item 8"],
    '"long list" has another value in the target',
  ],
  [
    "a member of a set",
    ["SREM", "large set", "member 7"],
    '"large set" has another value in the target',
  ],
  [
    "a score",
    ["ZADD", "large scores", 0.25, "member 7"],
    '"large scores" has another value in the target',
  ],
  [
    "a field of a hash",
    ["HSET", "large hash", "field 7", "x"],
    '"large hash" has another value in the target',
  ],
  [
    "what a group has read",
    ["XACK", "stream", "group", "1-1"],
    '"stream" has another value in the target',
  ],
  [
    "a lost expiry",
    ["PERSIST", "key 9"],
    /^"key 9" expires at .* in the source, never in the target$/,
  ],
  [
    "another expiry",
    ["PEXPIREAT", "key 9", Date.now() + DAY_MS / 2],
    /^"key 9" expires at .* in the source, at .* in the target$/,
  ],
  ["a key too many", ["SET", "more", 1], '"more" is only in the target'],
])("finds %s", async (_, change, difference) => {
  const target = await start();
  const redis = await connectionTo(target);
  // Changed between the copy and the comparison.
  const send = jest.spyOn(RedisConnection.prototype, "send");
  send.mockImplementation(async function (this: RedisConnection, ...words) {
    if (words[0] === "TYPE") {
      send.mockRestore();
      await redis.send(...change);
    }
    return await Reflect.apply(ORIGINAL_SEND, this, words);
  });
  expect(await problemsOf(propsFor(target, { database: 0 }))).toEqual([
    typeof difference === "string" ? difference : expect.stringMatching(difference),
  ]);
});

const ORIGINAL_SEND = RedisConnection.prototype.send;

test("refuses a target with keys, too little memory, and writers, all at once", async () => {
  const target = await start(["--maxmemory", "2mb"]);
  const redis = await connectionTo(target);
  await redis.send("SET", "already here", 1);
  const web = await connectionTo(source);
  await web.send("CLIENT", "SETNAME", "web");
  const problems = await problemsOf(propsFor(target, { acceptWriters: false }));
  web.close();
  expect(problems).toEqual([
    "it is not empty: 1 keys. Empty it (FLUSHALL), or migrate before the application uses it.",
    expect.stringMatching(
      /^the source uses \d+ MiB, and the target has 2 MiB \(noeviction\)\. Choose a larger nodeType and deploy\.$/,
    ),
    expect.stringMatching(
      /^web \(127\.0\.0\.1:\d+\) may write, and keys that change meanwhile will differ\. Stop the application, use --read-only/,
    ),
    "nothing was verified",
  ]);
  expect(await redis.send("DBSIZE")).toBe(1);
});

test("into a server with TLS and a password, verified by its CA", async () => {
  const authority = await CertificateAuthority.create();
  const target = await start(["--requirepass", PASSWORD], await authority.sign("localhost"));
  const login = {
    ...loginTo(target.port),
    host: "localhost",
    password: PASSWORD,
    tls: "verified" as const,
  };
  await expect(migrateCache(propsFor(target, { target: login }))).rejects.toThrow(
    /^The target rediss:\/\/localhost:\d+ cannot be used: .*certificate/,
  );
  const trusting = { ...login, rootCertificate: authority.file };
  expect(await problemsOf(propsFor(target, { target: trusting }))).toEqual([]);
  authority.remove();
});

test("into a cluster, each key to the server of its slot", async () => {
  const nodes = await Promise.all([0, 1, 2].map(() => start(["--cluster-enabled", "yes"])));
  const redis = await Promise.all(nodes.map(connectionTo));
  const share = Math.ceil(16384 / nodes.length);
  for (const [index, one] of redis.entries()) {
    const to = Math.min((index + 1) * share, 16384) - 1;
    await one.send("CLUSTER", "ADDSLOTSRANGE", index * share, to);
    await one.send("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    await one.send("CLUSTER", "MEET", "127.0.0.1", nodes[0]?.port ?? 0);
  }
  for (const one of redis) {
    while (
      !/cluster_state:ok/.test(await one.text("CLUSTER", "INFO")) ||
      !/cluster_known_nodes:3/.test(await one.text("CLUSTER", "INFO"))
    ) {
      await sleep(50);
    }
  }
  const [first] = nodes as [Redis];
  expect(await problemsOf(propsFor(first))).toContain(
    "a cluster has only database 0, and the source has keys in 5. Name one in the URL: redis://HOST:PORT/0.",
  );
  expect(await problemsOf(propsFor(first, { database: 0 }))).toEqual([]);
  const sizes = await Promise.all(redis.map(async (one) => Number(await one.send("DBSIZE"))));
  expect(sizes.every((size) => size > 200)).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1018);
});

test("--read-only lets writers wait, and go on afterwards", async () => {
  const target = await start();
  const writer = await connectionTo(source);
  let migrating = true;
  let longest = 0;
  const writing = (async () => {
    while (migrating) {
      const begin = performance.now();
      await writer.send("SET", "key 0", "value 0");
      longest = Math.max(longest, performance.now() - begin);
    }
  })();
  const result = await migrateCache(propsFor(target, { readOnly: true, acceptWriters: false }));
  migrating = false;
  await writing;
  const seconds = Object.values(result.timings).reduce((sum, one) => sum + one, 0);
  expect(longest / 1000).toBeGreaterThanOrEqual(seconds);
  expect(result.verification?.agrees).toBe(true);
  expect(String(await writer.send("SET", "key 0", "value 0"))).toBe("OK");
});

test("continues after a kill, and --undo empties the target", async () => {
  const target = await start();
  const props = propsFor(target);
  const redis = await connectionTo(target);
  const kill = async () => {
    const child = execa("node", ["cli/launch.js", "__tests__/integration/migrate-directly.ts"], {
      env: { CACHE_MIGRATION: JSON.stringify(props) },
      reject: false,
    });
    while (Number(await redis.send("DBSIZE")) === 0) {
      await sleep(1);
    }
    child.kill("SIGKILL");
    await child;
  };
  await kill();
  expect(await undoCacheMigration(props)).toContain("The target is as empty as before");
  expect(await redis.send("DBSIZE")).toBe(0);
  await kill();
  expect(await problemsOf(props)).toEqual([]);
});
