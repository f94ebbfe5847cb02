import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type execa from "execa";
import { Client } from "pg";
import { cutOver } from "../../../operations/migration/database/cut-over";
import { followDatabase } from "../../../operations/migration/database/follow";
import { loginOf } from "../../../operations/migration/database/login";
import { publisherFactsOf } from "../../../operations/migration/database/replication-facts";
import { stopFollowing } from "../../../operations/migration/database/stop-following";
import { undoMigration } from "../../../operations/migration/database/undo";
import { WorkFolder } from "../../../operations/migration/work-folder";
import { FollowedServers, problemsOf, startProcess } from "../followed-servers";
import type { Postgres } from "../postgres";

jest.setTimeout(1_200_000);

let servers: FollowedServers;
let source: Postgres;
let target: Postgres;

beforeAll(async () => {
  servers = await FollowedServers.start();
  ({ source, target } = servers);
});

afterAll(async () => {
  await servers.stop();
});

const STRUCTURE = `
  CREATE TABLE article (id serial PRIMARY KEY, title text NOT NULL, length integer GENERATED ALWAYS AS (length(title)) STORED);
  INSERT INTO article (title) SELECT 'Article 🦆 ' || i FROM generate_series(1, 20000) i;
  CREATE TABLE comment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, article integer NOT NULL REFERENCES article);
  INSERT INTO comment (article) SELECT 1 + i % 20000 FROM generate_series(1, 5000) i;
  CREATE INDEX ON article (lower(title));
  CREATE TABLE note (text text); INSERT INTO note VALUES ('same'), ('same'); ALTER TABLE note REPLICA IDENTITY FULL;
  CREATE TABLE tag (name text NOT NULL); CREATE UNIQUE INDEX tag_name ON tag (name); ALTER TABLE tag REPLICA IDENTITY USING INDEX tag_name;
  CREATE TABLE setting (id integer PRIMARY KEY, value json); INSERT INTO setting VALUES (1, '{"a": 1}'); ALTER TABLE setting REPLICA IDENTITY FULL;
  CREATE TABLE event (at date, id integer, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
  CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO event SELECT '2026-05-05', i FROM generate_series(1, 100) i;
  CREATE MATERIALIZED VIEW articles AS SELECT count(*) FROM article;
  CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := NEW.title || '!'; RETURN NEW; END $$;
  CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON article FOR EACH ROW EXECUTE FUNCTION shout()`;

/** Sends a signal when a step has begun. */
async function stopAt(child: execa.ExecaChildProcess, step: string, signal: NodeJS.Signals) {
  child.stderr?.on("data", async (chunk) => {
    if (String(chunk).includes(`❯ ${step}`)) {
      await sleep(200);
      child.kill(signal);
    }
  });
  return await child;
}

test("every blocking finding is reported at once, and nothing is changed", async () => {
  // The target is a server with wal_level = replica.
  await servers.query(target, "postgres", "CREATE DATABASE plain");
  await servers.query(
    target,
    "plain",
    `
    CREATE TABLE keyless (a integer); CREATE TABLE "no identity" (a integer PRIMARY KEY); ALTER TABLE "no identity" REPLICA IDENTITY NOTHING;
    CREATE TABLE full_identity (a integer); ALTER TABLE full_identity REPLICA IDENTITY FULL;
    CREATE TABLE incomparable (a json); ALTER TABLE incomparable REPLICA IDENTITY FULL;
    CREATE UNLOGGED TABLE scratch (a integer PRIMARY KEY);
    CREATE TRIGGER always BEFORE UPDATE ON full_identity FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
    ALTER TABLE full_identity ENABLE ALWAYS TRIGGER always;
    SELECT lo_from_bytea(0, 'x');
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO newsuser; GRANT CREATE ON DATABASE plain TO newsuser`,
  );
  await servers.query(target, "postgres", "ALTER ROLE newsuser NOREPLICATION");
  await servers.query(target, "postgres", "CREATE ROLE subscriber LOGIN PASSWORD 'subscriber'");
  await servers.query(target, "postgres", "CREATE DATABASE empty OWNER subscriber");
  const to = loginOf(
    { side: "target", applicationName: "npm run migrate test" },
    "DATABASE_URL",
    `postgresql://subscriber:subscriber@127.0.0.1:${target.port}/empty`,
  );
  const migration = { ...servers.props("plain", target), target: to };
  const result = await followDatabase(migration);
  await servers.query(target, "postgres", "ALTER ROLE newsuser REPLICATION");
  expect(
    problemsOf(result).map((problem) =>
      problem.replace(
        /[.,;:]? (have neither|have REPLICA|Use a|then|which|would run|are not|GRANT|ALTER ROLE|Set|On RDS|Migrate).*$/,
        "",
      ),
    ),
  ).toEqual([
    "wal_level: it is not logical in the source. ALTER SYSTEM SET wal_level = logical",
    "replication: newsuser is not allowed to replicate",
    'publication: only their owner may publish public."no identity", public.full_identity, public.incomparable, public.keyless, public.scratch',
    "cut-over: only the owner of the database may make it read-only",
    'primary keys: public."no identity", public.keyless',
    "replica identity: public.incomparable",
    "unlogged tables: public.scratch",
    "triggers: public.full_identity always",
    "large objects: 1 large objects",
    "subscription: must be superuser to create subscriptions",
  ]);
  expect(existsSync(migration.workFolder)).toBe(false);
  expect(result.findings).toContainEqual({
    verdict: "warning",
    name: "slot",
    message: expect.stringContaining(
      `an abandoned slot ${servers.replicationName} fills the source's disk`,
    ),
  });
});

test("a column that cannot be compared is one for which PostgreSQL has no equality operator", async () => {
  await servers.query(source, "postgres", "CREATE DATABASE types");
  const client = new Client(servers.config(source, "types"));
  await client.connect();
  await client.query(`
    CREATE TYPE mood AS ENUM ('good'); CREATE TYPE pair AS (number integer, document json); CREATE TYPE plain AS (number integer);
    CREATE DOMAIN document AS json; CREATE DOMAIN documents AS document[]; CREATE DOMAIN pairs AS pair[]; CREATE DOMAIN amount AS numeric`);
  const { rows: types } = await client.query<{ oid: number; name: string }>(`
    SELECT t.oid, format_type(t.oid, NULL) AS name FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
    WHERE t.typtype <> 'p' AND (t.typrelid = 0 OR c.relkind = 'c') AND t.typname !~ '^_?pg_' AND NOT EXISTS (
      SELECT FROM pg_type e LEFT JOIN pg_class r ON r.oid = e.typrelid WHERE e.oid = t.typelem AND (e.typtype = 'p' OR r.relkind <> 'c'))`);
  const refused: string[] = [];
  for (const { oid, name } of types) {
    await client.query(
      `CREATE TABLE of_${oid} (a ${name}); ALTER TABLE of_${oid} REPLICA IDENTITY FULL`,
    );
    try {
      await client.query(`SELECT DISTINCT a FROM of_${oid}`);
    } catch (error) {
      expect((error as Error).message).toMatch(/could not identify an equality operator/);
      refused.push(name);
    }
  }
  const { incomparable } = await publisherFactsOf(client);
  await client.end();
  const nameOf = new Map(types.map(({ oid, name }) => [`public.of_${oid}`, name]));
  expect(incomparable.map((table) => nameOf.get(table)).sort()).toEqual(refused.sort());
  expect(refused).toEqual(
    expect.arrayContaining([
      "json",
      "xml",
      "point",
      "json[]",
      "pair",
      "document",
      "documents",
      "pairs",
    ]),
  );
  expect(types.length - refused.length).toBeGreaterThan(80);
  expect(refused).not.toContain("jsonb");
});

test("a database moves while it is written to, though following is interrupted", async () => {
  const migration = await servers.databases("news", STRUCTURE);
  const elsewhere = { host: "127.0.0.1", port: 1 };
  expect(problemsOf(await followDatabase({ ...migration, sourceAddress: elsewhere }))).toEqual([
    expect.stringMatching(
      /^subscription: the target cannot subscribe to 127.0.0.1:1: could not connect to the publisher: .*Connection refused/s,
    ),
  ]);
  const writers = servers.startWriters("news");
  expect(
    (await stopAt(startProcess("FOLLOW", migration), "Copy the tables", "SIGKILL")).signal,
  ).toBe("SIGKILL");
  // What rows with REPLICA IDENTITY FULL are found by, too, is there before they are.
  const { rows: keys } = await servers.query(
    target,
    "news",
    "SELECT to_regclass('setting_pkey')::text AS name",
  );
  expect(keys).toEqual([{ name: "setting_pkey" }]);
  const folderOfKilled = new WorkFolder(migration.workFolder).read()?.passwordFolder;
  // It lets rows in, and no index: the signal cannot come too late.
  const blocker = new Client(servers.config(target, "news"));
  await blocker.connect();
  await blocker.query("BEGIN; LOCK TABLE article IN SHARE UPDATE EXCLUSIVE MODE");
  const interrupted = await stopAt(startProcess("FOLLOW", migration), "Create indexes", "SIGINT");
  expect(interrupted.exitCode).toBe(130);
  await blocker.end();
  const followed = await followDatabase(migration);
  expect(problemsOf(followed)).toEqual([]);
  expect(followed.lag?.bytes).toBeLessThan(1024 ** 2);
  await servers.query(
    source,
    "news",
    "UPDATE article SET title = 'other' WHERE id <= 100; DELETE FROM note; INSERT INTO tag VALUES ('a'); UPDATE tag SET name = 'b'; UPDATE setting SET value = '[2]'; INSERT INTO event VALUES ('2026-12-31', 1); TRUNCATE comment",
  );
  const again = await followDatabase(migration);
  expect(Object.keys(again.timings)).toEqual(["Follow the source"]);

  const result = await cutOver(migration);
  expect(problemsOf(result)).toEqual([]);
  expect(result.verification?.agrees).toBe(true);
  expect(result.verification?.contents.map(({ name }) => name)).toContain("public.event_2026");
  const client = new Client(servers.config(target, "news"));
  await client.connect();
  const refusedAt = await Promise.all(writers.map((writer) => writer.stop()));
  for (const writer of writers) {
    expect(await writer.missingIn(client)).toEqual([]);
  }
  expect(refusedAt).not.toContain(undefined);
  const writes = writers.reduce((sum, writer) => sum + writer.writes, 0);
  expect(writes).toBeGreaterThan(500);
  // Writes are refused only while nothing else can be done: ANALYZE and the comparison come before and after.
  expect(Object.keys(result.timings)).toEqual([
    ...["Catch up", "Forbid writes to the source", "Wait for the last write"],
    ...["Set the sequences", "Remove replication", "Verify: compare both sides"],
  ]);
  expect(result.refusedSeconds).toBeGreaterThan(0);
  process.stdout.write(`${writes} writes; refused for ${result.refusedSeconds?.toFixed(2)} s\n`);

  // The application goes on in the target, where triggers and sequences work again.
  const { rows } = await client.query(
    "INSERT INTO article (title) VALUES ('new') RETURNING id, title",
  );
  expect(rows).toEqual([{ id: 20001, title: "new!" }]);
  expect((await client.query("SELECT count FROM articles")).rows).toEqual([{ count: "20000" }]);
  await client.end();
  await expect(servers.query(source, "news", "DELETE FROM article")).rejects.toThrow(
    "read-only transaction",
  );
  expect(await servers.replicationObjects("news")).toEqual([]);
  expect(existsSync(migration.workFolder)).toBe(false);
  expect(folderOfKilled && existsSync(folderOfKilled)).toBe(false);
  expect(servers.loggedPasswords()).toEqual([]);
});

test("a cut-over waits for the structure, and lets the source accept writes when it does not succeed", async () => {
  const migration = await servers.databases("halfway", STRUCTURE);
  expect(problemsOf(await cutOver(migration))).toEqual([
    "cut-over: the target does not follow the source yet. Run --follow until it does.",
  ]);
  expect(problemsOf(await followDatabase(migration))).toEqual([]);
  await servers.query(source, "halfway", "ALTER TABLE tag ADD COLUMN color text");
  expect(problemsOf(await cutOver(migration))).toEqual([
    "structure: it has changed since --follow began, and such changes are not replicated: column public.tag.color: missing in the target. Make the same change in the target, or start over: --undo, then --follow.",
  ]);
  await servers.query(target, "halfway", "ALTER TABLE tag ADD COLUMN color text");

  const blocker = new Client(servers.config(target, "halfway"));
  await blocker.connect();
  await blocker.query("BEGIN; SELECT FROM article WHERE id = 1 FOR UPDATE");
  await servers.query(source, "halfway", "UPDATE article SET title = 'late' WHERE id = 1");
  const stopped = await stopAt(
    startProcess("CUT_OVER", migration),
    "Wait for the last write",
    "SIGINT",
  );
  expect(stopped.exitCode).toBe(130);
  await servers.query(source, "halfway", "INSERT INTO note VALUES ('accepted')");
  const killed = startProcess("CUT_OVER", migration);
  await stopAt(killed, "Wait for the last write", "SIGKILL");
  await expect(servers.query(source, "halfway", "DELETE FROM note")).rejects.toThrow("read-only");
  await blocker.end();
  expect(problemsOf(await followDatabase(migration))).toEqual([]);
  await servers.query(source, "halfway", "INSERT INTO note VALUES ('accepted again')");
  const result = await cutOver(migration);
  expect(problemsOf(result)).toEqual([]);
  expect(result.verification?.contents).toContainEqual({
    ...{ name: "public.note", source: "4 rows", target: "4 rows", agrees: true },
  });
});

test("--stop-following removes replication, and --undo empties the target", async () => {
  const migration = await servers.databases("given_up", STRUCTURE);
  await followDatabase(migration);
  expect(await servers.replicationObjects("given_up")).toEqual([
    `slot ${servers.replicationName}`,
    `publication ${servers.replicationName}`,
    `subscription ${servers.replicationName}`,
    expect.stringMatching(/^origin pg_\d+$/),
  ]);
  expect(await stopFollowing(migration)).toContain("What was copied is still in the target");
  expect(await servers.replicationObjects("given_up")).toEqual([]);
  expect(problemsOf(await followDatabase(migration))[0]).toMatch(
    /^target: public.article, .* have rows that an earlier --follow left. Empty the target: --undo.$/,
  );
  await undoMigration(migration);
  await followDatabase(migration);
  await undoMigration(migration);
  expect(await servers.replicationObjects("given_up")).toEqual([]);
  const { rows } = await servers.query(
    target,
    "given_up",
    "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace",
  );
  expect(rows).toEqual([]);
});
