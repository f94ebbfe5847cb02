import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import execa from "execa";
import { Client } from "pg";
import { testConnection } from "../../../operations/connectivity/connection-test";
import { targetOf } from "../../../operations/connectivity/target";
import { taskDefinition } from "../../../operations/connectivity/task-definition";
import { freePort } from "../../../operations/tunnel/session";
import { partVariables } from "../../../settings/data-stores";
import { environmentWith } from "../../minimal-environment";
import { CertificateAuthority } from "../certificate-authority";
import { Postgres } from "../postgres";
import { Project } from "../project";
import { Redis } from "../redis";

jest.setTimeout(1_200_000);

const PLACE = { environment: "dev", stack: "news-api-dev-store", inTask: false };
/** Only a server that never answers takes this long, also on a busy machine. */
const TIMEOUT_MS = 60_000;
/** For servers that never answer: long enough for the steps before. */
const SILENCE_MS = 3000;

/** What a failed connection looks like: the checks that passed, then the failure. */
async function diagnosis(url: string, place = PLACE, timeoutMs = TIMEOUT_MS) {
  const {
    checks,
    passed,
    url: shown,
  } = await testConnection(targetOf("URL", url), place, timeoutMs);
  const failed = checks.filter((check) => !check.passed);
  expect(shown).not.toContain("right-password");
  expect(failed.map(({ cause = "", next = "" }) => cause !== "" && next !== "")).toEqual(
    failed.map(() => true),
  );
  return { passed, names: checks.map(({ name }) => name), failure: checks.at(-1) };
}

/** A server of loopback that accepts connections and does as it is told with them. */
async function stranger(answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
});

afterAll(() => authority.remove());

describe("a database that runs", () => {
  let server: Postgres;
  let admin: Client;

  beforeAll(async () => {
    server = await Postgres.start();
    const { port, password } = server;
    admin = new Client({ host: "127.0.0.1", port, user: "postgres", password });
    admin.on("error", () => undefined);
    await admin.connect();
    await admin.query("CREATE ROLE app LOGIN PASSWORD 'right-password'");
    await admin.query("CREATE ROLE visitor LOGIN PASSWORD 'right-password'");
    await admin.query("CREATE DATABASE news OWNER app");
    await server.present(await authority.sign("localhost"));
  });

  afterAll(() => server.stop());

  const url = (changes: {
    user?: string;
    password?: string;
    database?: string;
    query?: string;
  }) => {
    const { user = "app", password = "right-password", database = "news" } = changes;
    const { query = `sslmode=verify-full&sslrootcert=${authority.file}` } = changes;
    return `postgresql://${user}:${password}@localhost:${server.port}/${database}?${query}`;
  };

  test("passes every check, in the order of a client's steps", async () => {
    const { passed, names } = await diagnosis(url({}));
    expect(passed).toBe(true);
    expect(names).toEqual([
      ...["DNS", "TCP", "TLS", "certificate chain", "certificate name", "certificate expiry"],
      ...["login", "SELECT 1", "version", "role", "privileges"],
    ]);
  });

  test("is encrypted and not verified with sslmode=require", async () => {
    const { passed, names } = await diagnosis(url({ query: "sslmode=require" }));
    expect(passed).toBe(true);
    expect(names).toEqual(expect.arrayContaining(["TLS", "certificate"]));
  });

  test.each([
    ["a wrong password", { password: "wrong" }, "login", /not hold the current password/],
    ["a user that does not exist", { user: "nobody" }, "login", /not hold the current password/],
    [
      "a database that does not exist",
      { database: "nothing" },
      "login",
      /"nothing" does not exist/,
    ],
    [
      "a CA bundle that is not there",
      { query: "sslmode=verify-full&sslrootcert=/certs/none.pem" },
      "CA bundle",
      /This machine has no such file/,
    ],
    [
      "a CA that signed nothing here",
      { query: "sslmode=verify-full" },
      "certificate chain",
      /trusts signed/,
    ],
  ])("%s", async (_, changes, name, cause) => {
    const { passed, failure } = await diagnosis(url(changes));
    expect(passed).toBe(false);
    expect(failure).toMatchObject({ name, cause: expect.stringMatching(cause) });
  });

  test("missing privileges on a table", async () => {
    await admin.query("CREATE TABLE IF NOT EXISTS public.secret (id int)");
    const { failure } = await diagnosis(url({ user: "visitor", database: "postgres" }));
    expect(failure).toMatchObject({
      name: "privileges",
      detail: "cannot read and write 1 of 1 tables in the schema public",
      cause: expect.stringContaining("visitor has no privileges on the tables in postgres"),
    });
  });

  test("missing privileges on the schema", async () => {
    await admin.query("REVOKE USAGE ON SCHEMA public FROM PUBLIC");
    const { failure } = await diagnosis(url({ user: "visitor", database: "postgres" }));
    await admin.query("GRANT USAGE ON SCHEMA public TO PUBLIC");
    expect(failure).toMatchObject({
      name: "privileges",
      detail: "cannot use any schema in its search_path",
    });
  });

  test("a user who may not log in", async () => {
    await admin.query("ALTER ROLE visitor NOLOGIN");
    const { failure } = await diagnosis(url({ user: "visitor", database: "postgres" }));
    await admin.query("ALTER ROLE visitor LOGIN");
    expect(failure).toMatchObject({ name: "login", cause: expect.stringContaining("visitor") });
  });

  test("no connection left", async () => {
    await admin.query("ALTER DATABASE news CONNECTION LIMIT 0");
    const { failure } = await diagnosis(url({}));
    await admin.query("ALTER DATABASE news CONNECTION LIMIT -1");
    expect(failure).toMatchObject({
      name: "login",
      cause: expect.stringContaining("All connections are in use"),
    });
  });

  test("an expired certificate, which sslmode=require accepts", async () => {
    await server.present(await authority.sign("localhost", -1));
    const strict = await diagnosis(url({}));
    const lax = await diagnosis(url({ query: "sslmode=require" }));
    expect(strict.failure).toMatchObject({ name: "certificate expiry", passed: false });
    expect(lax.passed).toBe(true);
  });

  test("a certificate that is not for the name", async () => {
    await server.present(await authority.sign("other.example"));
    const { failure } = await diagnosis(url({}));
    await server.present(await authority.sign("localhost"));
    expect(failure).toMatchObject({
      name: "certificate name",
      cause: expect.stringContaining("not for the name localhost"),
    });
  });

  test("a standby", async () => {
    await admin.end();
    await server.becomeStandby();
    const { failure } = await diagnosis(url({}));
    expect(failure).toMatchObject({ name: "role", detail: "in recovery (pg_is_in_recovery)" });
  });
});

describe("npm run connection -- --test", () => {
  let database: Postgres;
  let cache: Redis;
  const project = new Project();

  beforeAll(async () => {
    database = await Postgres.start();
    cache = await Redis.start();
  });

  afterAll(async () => {
    await Promise.all([database.stop(), cache.stop()]);
    project.remove();
  });

  const variables = (password: string) => ({
    DATABASE_URL: `postgresql://postgres:${password}@localhost:${database.port}/postgres?sslmode=require`,
    REDIS_URL: `redis://localhost:${cache.port}`,
  });
  const run = (args: string, env: Record<string, string> = {}) =>
    project.run(`npm run --silent connection -- dev --test ${args}`, env);

  test("tests the URLs of its own variables, as a report and as JSON", async () => {
    const { exitCode, stdout } = await run("--from variables", variables("initial"));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^DATABASE_URL {2}postgresql:\/\/postgres@localhost:\d+\/postgres$/m);
    expect(stdout).toMatch(
      /^ {2}ok {6}privileges {10}reads and writes 0 tables in the schema public/m,
    );
    const json = await run("--from variables --json", variables("wrong"));
    expect(json.exitCode).toBe(1);
    const { passed, environment, stores } = JSON.parse(json.stdout);
    expect({ passed, environment }).toEqual({ passed: false, environment: "news-api-dev" });
    expect(stores).toMatchObject([
      { store: "database", variable: "DATABASE_URL", passed: false },
      { store: "cache", variable: "REDIS_URL", passed: true },
    ]);
    expect(stores[0].checks.at(-1)).toMatchObject({
      name: "login",
      next: "npm run deploy -- news-api-dev-database, then restart the application.",
    });
  });

  test.each([
    ["--from variables", "The environment variable DATABASE_URL is not set."],
    ["--format json", "--test prints no variables."],
    ["--timeout 0", "Use a number of seconds greater than 0 and at most 600."],
  ])("refuses %s", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("the task's own command runs the same test, with nothing but Node.js", async () => {
    const environment = environmentWith({ executionRoleName: "news-api-execution" });
    const url = "DATABASE_URL";
    const definition = await taskDefinition({
      environment,
      entries: {
        secrets: [
          { name: url, valueFrom: "arn:aws:secretsmanager:us-east-1:123456789012:secret:url" },
        ],
        environment: [],
      },
      probe: {
        environment: "test",
        timeoutMs: TIMEOUT_MS,
        stores: [
          { stack: "news-api-test-database", variables: { url, parts: partVariables(url) } },
        ],
      },
    });
    expect(definition.executionRoleArn).toBe("arn:aws:iam::123456789012:role/news-api-execution");
    const [program, ...args] = definition.containerDefinitions[0]?.command ?? [];
    const task = (password: string) =>
      execa(String(program), args, {
        cwd: tmpdir(),
        extendEnv: false,
        env: { PATH: process.env.PATH, ...variables(password) },
        reject: false,
      });
    const right = await task("initial");
    expect(right).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("reads and writes"),
    });
    const wrong = await task("wrong");
    expect(wrong).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("DATABASE_URL does not hold the current password"),
    });
  });
});

describe("the way to a data store", () => {
  test("a name that does not resolve", async () => {
    const { names, failure } = await diagnosis("redis://nothing.invalid:6379");
    expect(names).toEqual(["DNS"]);
    expect(failure).toMatchObject({ detail: "nothing.invalid does not resolve" });
  });

  test("a port that refuses connections", async () => {
    const { failure } = await diagnosis(`redis://localhost:${await freePort()}`);
    expect(failure).toMatchObject({
      name: "TCP",
      cause: expect.stringContaining("nothing listens on port"),
    });
  });

  test("a network that drops packets: outside, the test in a task is next; inside, the rule", async () => {
    // Behind a full backlog, Linux answers no SYN: what a security group does.
    const full = execa("python3", [
      "-c",
      "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); print(s.getsockname()[1], flush=True); sys.stdin.read()",
    ]);
    const [line] = await once(full.stdout as NodeJS.ReadableStream, "data");
    const port = Number(line);
    const waiting = Array.from({ length: 3 }, () =>
      connect(port, "127.0.0.1").on("error", () => undefined),
    );
    await once(waiting[0] as Socket, "connect");
    const url = `redis://127.0.0.1:${port}`;
    const outside = await diagnosis(url, PLACE, SILENCE_MS);
    const inside = await diagnosis(url, { ...PLACE, inTask: true }, SILENCE_MS);
    for (const socket of waiting) {
      socket.destroy();
    }
    full.stdin?.end();
    await full;
    expect(outside.failure).toMatchObject({
      name: "TCP",
      next: "npm run connection -- dev --test --from task",
    });
    expect(inside.failure).toMatchObject({
      name: "TCP",
      next: "Add the task's security group to clients, then: npm run deploy -- news-api-dev-store",
    });
  });

  test.each([
    ["postgresql://app:right-password@HOST/news?sslmode=require", "TLS"],
    ["postgresql://app:right-password@HOST/news?sslmode=disable", "login"],
    ["redis://HOST", "PING"],
    ["rediss://HOST", "TLS"],
  ])("a server that never answers: %s", async (url, name) => {
    const sockets: Socket[] = [];
    const server = await stranger((socket) => sockets.push(socket));
    const target = url.replace("HOST", `localhost:${portOf(server)}`);
    const { failure } = await diagnosis(target, PLACE, SILENCE_MS);
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
    expect(failure).toMatchObject({ name, cause: expect.stringContaining("nothing answers") });
  });

  test("a database without TLS", async () => {
    const server = await stranger((socket) => socket.once("data", () => socket.end("N")));
    const { failure } = await diagnosis(
      `postgresql://app:right-password@localhost:${portOf(server)}/news?sslmode=require`,
    );
    server.close();
    expect(failure).toMatchObject({ name: "TLS", detail: "the server offers no TLS" });
  });

  test("text that is not a URL, without repeating it", () => {
    expect(() => targetOf("DATABASE_URL", "right-password")).toThrow(
      "DATABASE_URL does not hold the URL of a data store. It must start with postgresql://, redis:// or rediss://, and name a host.",
    );
  });
});

describe("a cache", () => {
  const servers: Redis[] = [];

  async function redis(...args: Parameters<typeof Redis.start>): Promise<number> {
    const server = await Redis.start(...args);
    servers.push(server);
    return server.port;
  }

  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  const secured = async (port: number, login = "") => {
    const target = targetOf("URL", `rediss://${login}localhost:${port}`, authority.file);
    const { checks, passed } = await testConnection(target, PLACE, TIMEOUT_MS);
    return { passed, names: checks.map(({ name }) => name), failure: checks.at(-1) };
  };

  test("passes every check, plain", async () => {
    const { passed, names, failure } = await diagnosis(`redis://localhost:${await redis()}`);
    expect(passed).toBe(true);
    expect(names).toEqual(["DNS", "TCP", "PING", "version", "role", "maxmemory-policy", "memory"]);
    expect(failure?.detail).toMatch(/^\d+ MiB used, no limit$/);
  });

  test("passes every check, with TLS and a password", async () => {
    const settings = ["--requirepass", "right-password"];
    const port = await redis(settings, await authority.sign("localhost"));
    const { passed, names } = await secured(port, ":right-password@");
    expect(passed).toBe(true);
    expect(names).toEqual([
      ...["DNS", "TCP", "TLS", "certificate chain", "certificate name", "certificate expiry"],
      ...["AUTH", "PING", "version", "role", "maxmemory-policy", "memory"],
    ]);
    expect((await secured(port, ":wrong@")).failure).toMatchObject({
      name: "AUTH",
      detail: expect.stringMatching(/^WRONGPASS/),
    });
    expect((await secured(port)).failure).toMatchObject({
      name: "AUTH",
      cause: "The server requires a password, but URL has none.",
    });
    expect((await diagnosis(`redis://localhost:${port}`)).failure).toMatchObject({
      name: "PING",
      cause: expect.stringContaining("requires TLS (in-transit encryption)"),
    });
    expect((await diagnosis(`rediss://localhost:${port}`)).failure?.name).toBe("certificate chain");
  });

  test("says what is wrong with a certificate", async () => {
    const expired = await redis([], await authority.sign("localhost", -1));
    expect((await secured(expired)).failure).toMatchObject({ name: "certificate expiry" });
    const other = await redis([], await authority.sign("other.example"));
    expect((await secured(other)).failure).toMatchObject({ name: "certificate name" });
  });

  test("a cache without TLS behind rediss://", async () => {
    expect((await secured(await redis())).failure).toMatchObject({
      name: "TLS",
      passed: false,
    });
  });

  test("a password that the cache does not know", async () => {
    const { failure } = await diagnosis(`redis://:wrong@localhost:${await redis()}`);
    expect(failure).toMatchObject({
      name: "AUTH",
      cause: expect.stringContaining("not hold the current password"),
    });
  });

  test("an IAM user, whose token no URL holds", async () => {
    const { failure, passed } = await diagnosis(`redis://reader@localhost:${await redis()}`);
    expect({ passed, detail: failure?.detail }).toEqual({
      passed: true,
      detail: "not tested: reader signs in with an IAM token, which the URL cannot hold",
    });
  });

  test("a user without the right to PING", async () => {
    const port = await redis(["--user", "app", "on", ">right-password", "~*", "-@all"]);
    const { failure } = await diagnosis(`redis://app:right-password@localhost:${port}`);
    expect(failure).toMatchObject({ name: "PING", detail: expect.stringMatching(/^NOPERM/) });
  });

  test("a replica", async () => {
    const port = await redis(["--replicaof", `127.0.0.1 ${await redis()}`]);
    expect((await diagnosis(`redis://localhost:${port}`)).failure).toMatchObject({
      name: "role",
      detail: "a replica, which accepts no writes",
    });
  });

  test("a memory that is nearly full and evicts nothing", async () => {
    const port = await redis(["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"]);
    expect((await diagnosis(`redis://localhost:${port}`)).failure).toMatchObject({
      name: "memory",
      cause: expect.stringContaining("writes will fail"),
    });
  });
});
