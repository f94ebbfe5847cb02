import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { Client, type ClientConfig } from "pg";
import { compare } from "../../../operations/migration/database/comparison";
import { factsOf } from "../../../operations/migration/database/facts";
import {
  type Fingerprint,
  fingerprint,
  prepareReader,
} from "../../../operations/migration/database/fingerprint";
import { loginOf } from "../../../operations/migration/database/login";
import {
  type DatabaseMigrationProps,
  type DatabaseMigrationResult,
  migrateDatabase,
} from "../../../operations/migration/database/migration";
import { targetStateOf } from "../../../operations/migration/database/target-state";
import { undoMigration } from "../../../operations/migration/database/undo";
import { createOddDatabase } from "../odd-database";
import { Postgres } from "../postgres";

jest.setTimeout(600_000);

/** Passwords with what PGPASSFILE has to escape. */
const PASSWORD = "ma:s\\ter-secret";
const APPLICATION = "npm run migrate test";

let server: Postgres;
let admin: Client;
const folder = mkdtempSync(join(tmpdir(), "migration-"));
const clients: Client[] = [];

beforeAll(async () => {
  server = await Postgres.start(["-c", "max_prepared_transactions=2"]);
  admin = await session({ user: "postgres", password: server.password, database: "postgres" });
  // A master user as RDS makes it: no superuser.
  await admin.query(`CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD '${PASSWORD}'`);
  await admin.query("CREATE ROLE reporting");
  await admin.query(`CREATE ROLE stranger LOGIN PASSWORD '${PASSWORD}'`);
  await admin.query("CREATE DATABASE original");
  const original = await session({ ...superuser(), database: "original" });
  await createOddDatabase(original, { tables: 6 });
  await original.query(`
    GRANT USAGE ON SCHEMA shop TO reporting;
    GRANT SELECT, UPDATE (title) ON shop.article TO reporting WITH GRANT OPTION;
    REVOKE EXECUTE ON PROCEDURE shop.noop() FROM PUBLIC;
    CREATE ROLE former; ALTER DEFAULT PRIVILEGES FOR ROLE former GRANT SELECT ON TABLES TO reporting`);
  await original.end();
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  await server.stop();
  rmSync(folder, { recursive: true });
});

const superuser = () => ({ user: "postgres", password: server.password });

async function session(config: ClientConfig): Promise<Client> {
  const client = new Client({ host: "127.0.0.1", port: server.port, ...config });
  client.on("error", () => undefined);
  clients.push(client);
  await client.connect();
  return client;
}

/** A copy of the original and an empty database. */
async function databases(name: string): Promise<DatabaseMigrationProps> {
  await admin.query(`CREATE DATABASE ${name}_source TEMPLATE original`);
  await admin.query(`CREATE DATABASE ${name}_target OWNER master`);
  const url = (user: string, password: string, database: string) =>
    `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/${database}`;
  const names = { applicationName: APPLICATION };
  return {
    source: loginOf(
      { ...names, side: "source" },
      "--from",
      url("postgres", server.password, `${name}_source`),
    ),
    target: loginOf(
      { ...names, side: "target" },
      "DATABASE_URL",
      `${url("master", PASSWORD, `${name}_target`)}?sslmode=require`,
    ),
    storage: { allocatedStorageGib: 20 },
    workFolder: join(folder, name),
    jobs: 2,
    schemaOnly: false,
    excludedTables: [],
    withGrants: true,
    readOnly: false,
    acceptWriters: false,
    checkOnly: false,
    quiet: true,
  };
}

/** What did not pass, and the differences. */
function problemsOf({
  findings,
  verification,
}: Pick<DatabaseMigrationResult, "findings" | "verification">) {
  return [
    ...findings.filter(({ verdict }) => verdict === "refused").map(({ message }) => message),
    ...(verification?.checks.flatMap(({ differences }) => differences) ?? ["nothing was verified"]),
  ];
}

describe("a migration", () => {
  test("moves everything, and both sides agree", async () => {
    const props = await databases("whole");
    const seen = new Set<string>();
    let migrating = true;
    const watcher = (async () => {
      while (migrating) {
        for (const text of await secretsInSight()) {
          seen.add(text);
        }
        await sleep(20);
      }
    })();
    const result = await migrateDatabase(props);
    migrating = false;
    await watcher;
    expect(problemsOf(result)).toEqual([]);
    expect(result.verification?.agrees).toBe(true);
    expect(result.verification?.contents.length).toBeGreaterThan(30);
    expect(existsSync(props.workFolder)).toBe(false);
    expect([...seen]).toEqual(["a file for its owner alone"]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("migrate-"))).toEqual([]);
    expect(server.log()).not.toContain(PASSWORD);
  });

  /** Where the target's password can be seen on this machine. */
  async function secretsInSight(): Promise<string[]> {
    const { stdout } = await execa("ps", ["-eo", "args"]);
    const files = readdirSync(tmpdir())
      .filter((name) => name.startsWith("migrate-"))
      .map((name) => join(tmpdir(), name, "target"))
      .filter(existsSync);
    const isPrivate = (file: string) => (statSync(file).mode & 0o077) === 0;
    return [
      ...(stdout.includes("ter-secret") || stdout.includes(`${server.password}@`)
        ? ["the process list"]
        : []),
      ...files.map((file) =>
        isPrivate(file) ? "a file for its owner alone" : "a file for everybody",
      ),
    ];
  }

  test("moves the structure alone, or all but some tables", async () => {
    const props = await databases("part");
    const structure = await migrateDatabase({ ...props, schemaOnly: true });
    expect(problemsOf(structure)).toEqual([]);
    const target = await session({ ...superuser(), database: "part_target" });
    expect((await target.query("SELECT FROM shop.article")).rowCount).toBe(0);
    await target.end();
    await admin.query("DROP DATABASE part_target");
    await admin.query("CREATE DATABASE part_target OWNER master");
    const excludedTables = ["shop.filler_0", 'public."it\'s"', '"odd schema. ""x""".back\\slash'];
    const refused = await migrateDatabase({ ...props, excludedTables });
    expect(problemsOf(refused)[0]).toContain(
      'the source has no table "odd schema. ""x""".back\\slash. Did you mean "odd schema. ""x"""."back\\slash"?',
    );
    excludedTables[2] = '"odd schema. ""x"""."back\\slash"';
    const result = await migrateDatabase({ ...props, excludedTables });
    expect(problemsOf(result)).toEqual([]);
    const names = result.verification?.contents.map(({ name }) => name);
    expect(names).toContain("shop.filler_1");
    expect(names).not.toContain("shop.filler_0");
  });
});

describe("the comparison", () => {
  let target: Client;
  let original: Fingerprint;

  beforeAll(async () => {
    const props = await databases("compared");
    expect(problemsOf(await migrateDatabase(props))).toEqual([]);
    target = await prepareReader(await session({ ...superuser(), database: "compared_target" }));
    original = await read(
      await prepareReader(await session({ ...superuser(), database: "compared_source" })),
    );
  });

  const read = (client: Client) =>
    fingerprint({
      client,
      readers: [client],
      excluded: [],
      schemaOnly: false,
      progress: () => undefined,
    });

  /** What differs after a change to the target, which is then rolled back. */
  async function differencesAfter(change: string, sameMajor = true): Promise<string[]> {
    await target.query("BEGIN");
    try {
      await target.query(change);
      const state = { ...(await targetStateOf(target)), user: "master" };
      const { checks } = compare({
        ...{ source: original, target: await read(target), state, sameMajor, withGrants: true },
        sequencesBefore: original.sequences,
      });
      return checks.flatMap(({ name, differences }) =>
        differences.map((line) => `${name}: ${line}`),
      );
    } finally {
      await target.query("ROLLBACK");
      // Sequences are not rolled back.
      await target.query(
        "SELECT setval('shop.article_id_seq', 500), setval('shop.untouched', 5, false)",
      );
    }
  }

  test("finds no difference in an unchanged copy", async () => {
    expect(await differencesAfter("SELECT")).toEqual([]);
  });

  test.each([
    [
      "DELETE FROM shop.author WHERE id = 50",
      "contents: shop.author: 100 rows in the source, 99 rows in the target",
    ],
    [
      "UPDATE shop.filler_3 SET b = nextafter.b FROM (SELECT 0.5::float8 AS b) AS nextafter WHERE id = 7",
      /^contents: shop.filler_3: 100 rows with checksum .* in the source, 100 rows with checksum/,
    ],
    // The same sum of values, and the same rows but for how often each is there.
    [
      "ALTER TABLE shop.doubles DISABLE RULE no_delete; DELETE FROM shop.doubles; INSERT INTO shop.doubles VALUES (1), (NULL), (NULL), (NULL), (3)",
      /^contents: shop.doubles: 5 rows with checksum/,
    ],
    [
      "UPDATE shop.every_type SET v6 = '-Infinity', v9 = v9 || ' ' WHERE id = 1",
      /^contents: shop.every_type/,
    ],
    [
      "INSERT INTO shop.nothing DEFAULT VALUES",
      "contents: shop.nothing: 1 rows in the source, 2 rows in the target",
    ],
    [
      "DROP TABLE shop.empty",
      "contents: shop.empty: 0 rows in the source, no such table in the target",
    ],
    [
      "CREATE TABLE shop.more ()",
      "contents: shop.more: no such table in the source, 0 rows in the target",
    ],
    [
      "SELECT setval('shop.article_id_seq', 1)",
      "sequences: shop.article_id_seq: 500 in the source, 1 in the target",
    ],
    [
      "SELECT setval('shop.untouched', 5, true)",
      "sequences: shop.untouched: 5 (not called yet) in the source, 5 in the target",
    ],
    ["SELECT lo_put(4000000000, 0, 'x')", /^large objects: 3 large objects with checksum/],
    ["SELECT lo_unlink(4000000000)", /^large objects: 3 .* 2 with/],
    ["DROP INDEX shop.article_trigrams", "index: shop.article_trigrams: missing in the target"],
    [
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'shop.article_trigrams'::regclass",
      "valid indexes: shop.article_trigrams is not valid",
    ],
    [
      "ALTER TABLE shop.article DROP CONSTRAINT article_title_check",
      "constraint: shop.article article_title_check: missing in the target",
    ],
    [
      "ALTER TABLE shop.author DROP CONSTRAINT cycle",
      "constraint: shop.author cycle: missing in the target",
    ],
    [
      'ALTER TABLE shop.article VALIDATE CONSTRAINT "not valid"',
      'constraint: shop.article "not valid": "c f f f" in the source, "c t f f" in the target',
    ],
    ["ALTER TABLE shop.every_type ALTER v10 TYPE varchar(21)", /^column: shop.every_type.v10: /],
    ["ALTER TABLE shop.article ALTER title SET DEFAULT 'none'", /^default: shop.article.title: /],
    [
      "ALTER TABLE shop.article DISABLE TRIGGER touch",
      'trigger: shop.article touch: "O" in the source, "D" in the target',
    ],
    [
      "CREATE OR REPLACE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      /^function: shop.touch\(\)/,
    ],
    [
      "CREATE OR REPLACE VIEW shop.recent AS SELECT id, title FROM shop.article",
      /^query of a view: shop.recent/,
    ],
    [
      "REFRESH MATERIALIZED VIEW shop.per_author WITH NO DATA",
      "populated materialized view: shop.per_author: missing in the target",
    ],
    ["ALTER TYPE shop.mood RENAME VALUE 'sad' TO 'blue'", /^type: shop.mood/],
    [
      "DROP POLICY positive ON shop.doubles",
      "policy: shop.doubles positive: missing in the target",
    ],
    ["ALTER TABLE shop.doubles DISABLE ROW LEVEL SECURITY", /^table: shop.doubles/],
    ["DROP PUBLICATION everything", "publication: everything: missing in the target"],
    ["DROP STATISTICS shop.correlated", "statistics: shop.correlated: missing in the target"],
    ["COMMENT ON TABLE shop.article IS NULL", "comment: table shop.article: missing in the target"],
    ["DROP EXTENSION pg_trgm CASCADE", "extension: pg_trgm: missing in the target"],
    [
      "REVOKE SELECT ON shop.article FROM reporting CASCADE",
      "grant: SELECT on shop.article to reporting: missing in the target",
    ],
    [
      "REVOKE GRANT OPTION FOR UPDATE (title) ON shop.article FROM reporting",
      'grant: UPDATE on shop.article.title to reporting: "with grant option" in the source, "" in the target',
    ],
    [
      "GRANT SELECT ON shop.author TO PUBLIC",
      "grant: SELECT on shop.author to PUBLIC: only in the target",
    ],
    ["ALTER TABLE shop.author OWNER TO stranger", "owners: 2 objects belong to stranger"],
    [
      "CREATE TABLE shop.new (); DROP TABLE shop.empty; ALTER TABLE shop.new RENAME TO empty; ALTER TABLE shop.empty ADD id integer PRIMARY KEY",
      "planner statistics: shop.empty has no statistics",
    ],
  ])("finds what differs after %s", async (change, difference) => {
    expect(await differencesAfter(change)).toContainEqual(
      expect.stringMatching(
        difference instanceof RegExp
          ? difference
          : new RegExp(`^${difference.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`),
      ),
    );
  });

  test("leaves out how another major version writes definitions, but not what is missing", async () => {
    const change =
      "CREATE OR REPLACE VIEW shop.recent WITH (security_barrier) AS SELECT id, title FROM shop.article";
    expect(await differencesAfter(change, false)).toEqual([]);
    expect(await differencesAfter("DROP VIEW shop.recent", false)).toContain(
      "view: shop.recent: missing in the target",
    );
  });
});

describe("findings", () => {
  let source: Client;
  let props: DatabaseMigrationProps;

  beforeAll(async () => {
    props = await databases("found");
    source = await prepareReader(
      await session({ ...superuser(), database: "found_source", application_name: APPLICATION }),
    );
  });

  async function after(
    change: string,
    options: Partial<DatabaseMigrationProps> = {},
  ): Promise<string[]> {
    await source.query(change);
    const { findings } = await migrateDatabase({ ...props, checkOnly: true, ...options });
    return findings.map(({ verdict, name, message }) => `${verdict} ${name}: ${message}`);
  }

  test("are notes and warnings if nothing blocks the migration", async () => {
    const findings = await after("SELECT");
    expect(findings.filter((line) => line.startsWith("refused"))).toEqual([]);
    expect(findings).toContain(
      "note owners: --no-owner: everything will belong to master; it belongs to postgres in the source.",
    );
    expect(findings).toContain(
      "warning default privileges: those of former are left out. Run ALTER DEFAULT PRIVILEGES in the target for master.",
    );
    expect(existsSync(props.workFolder)).toBe(false);
  });

  test("are all reported at once, and nothing is changed", async () => {
    await source
      .query(`
      CREATE EXTENSION adminpack;
      CREATE ROLE auditor; GRANT SELECT ON shop.author TO auditor;
      CREATE FUNCTION shop.native(integer) RETURNS integer LANGUAGE c STRICT AS 'int8', 'int8inc';
      CREATE POLICY audit ON shop.doubles TO auditor;
      ALTER DATABASE found_source SET work_mem = '8MB'`)
      .catch((error) => error);
    await source.query("BEGIN; INSERT INTO shop.empty VALUES (1); PREPARE TRANSACTION 'half done'");
    await source.query("SELECT pg_create_physical_replication_slot('standby')");
    const writer = await session({
      ...superuser(),
      database: "found_source",
      application_name: "web",
    });
    const target = await session({ ...superuser(), database: "found_target" });
    await target.query("CREATE TABLE already_here ()");
    const findings = await after("SELECT", { storage: { allocatedStorageGib: 0.01 } });
    await writer.end();
    await target.query("DROP TABLE already_here");
    await target.end();
    await source.query("ROLLBACK PREPARED 'half done'");
    for (const expected of [
      "refused target: it is not empty: public.already_here. Empty it, or migrate into a separate database.",
      "refused writers: postgres (web) may write, and what they write after the dump has begun is not migrated. Stop the application, use --read-only, or use --accept-writers if that is what you want.",
      "refused prepared transactions: half done are neither committed nor rolled back, and a dump does not contain them. COMMIT PREPARED or ROLLBACK PREPARED them.",
      expect.stringMatching(
        /^refused storage: the source has 0.0 GiB, which needs about 1 GiB .*; the target has 0.01 GiB. Raise allocatedStorageGib to 1 and deploy.$/,
      ),
    ]) {
      expect(findings).toContainEqual(expected);
    }
    await admin.query("SELECT pg_drop_replication_slot('standby')");
  });

  test("refuse a source user who may not read everything", async () => {
    const { source: own } = props;
    const findings = await after("SELECT", {
      source: { ...own, user: "stranger", password: PASSWORD },
    });
    expect(findings).toContainEqual(
      expect.stringMatching(
        /^refused privileges: stranger is not allowed to read .* and \d+ more\. Use a user who is/s,
      ),
    );
  });

  test("refuse to leave out a table that others need", async () => {
    expect(await after("SELECT", { excludedTables: ["shop.author"] })).toContain(
      "refused --exclude-table: shop.article need shop.author. Exclude them too.",
    );
  });
});

describe("a migration that is interrupted", () => {
  /** Starts one in a process of its own. */
  function start(props: DatabaseMigrationProps): execa.ExecaChildProcess {
    const { quiet: _, ...shown } = props;
    return execa("node", ["cli/launch.js", "__tests__/integration/migrate-directly.ts"], {
      env: { MIGRATION: JSON.stringify(shown), CI: "true" },
      reject: false,
    });
  }

  /** Sends a signal within a tenth of a second from the beginning of a step. */
  async function stopAt(child: execa.ExecaChildProcess, step: string, signal: NodeJS.Signals) {
    child.stderr?.on("data", async (chunk) => {
      if (String(chunk).includes(`❯ ${step}`)) {
        await sleep(Math.random() * 100);
        child.kill(signal);
      }
    });
    return await child;
  }

  test.each([
    ["SIGINT", "Dump the source"],
    ["SIGKILL", "Copy the tables"],
    ["SIGTERM", "Create indexes and constraints"],
  ] as const)(
    "by %s at the step %s continues there, and both sides agree",
    async (signal, step) => {
      const name = `stopped_${step.replaceAll(/\W/g, "").toLowerCase()}`;
      const props = await databases(name);
      const { exitCode, stderr } = await stopAt(start(props), step, signal);
      expect({ exitCode, stderr }).toMatchObject(
        signal === "SIGKILL"
          ? { exitCode: undefined }
          : {
              exitCode: 130,
              stderr: expect.stringContaining(
                "Interrupted. Run the same command again: it continues where this one stopped.",
              ),
            },
      );
      expect(existsSync(props.workFolder)).toBe(true);
      const result = await migrateDatabase({ ...props });
      expect(problemsOf(result)).toEqual([]);
      expect(existsSync(props.workFolder)).toBe(false);
      expect(readdirSync(tmpdir()).filter((file) => file.startsWith("migrate-"))).toEqual([]);
    },
  );

  test("copies no table twice, and creates no index twice", async () => {
    const props = await databases("halfway");
    const target = await session({ ...superuser(), database: "halfway_target" });
    // An index that takes long enough to be stopped at it, behind every table.
    await admin.query(
      "ALTER ROLE master IN DATABASE halfway_target SET maintenance_work_mem = '1MB'",
    );
    const failing = { ...props, target: { ...props.target } };
    const source = await session({ ...superuser(), database: "halfway_source" });
    await source.query(
      "CREATE TABLE shop.zz_last (id integer); INSERT INTO shop.zz_last SELECT 1; CREATE FUNCTION shop.fails(i integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF current_database() LIKE '%target' AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'go_on') THEN RAISE 'not yet'; END IF; RETURN i; END $$; CREATE INDEX zz_index ON shop.zz_last (shop.fails(id))",
    );
    await source.end();
    await expect(migrateDatabase(failing)).rejects.toThrow(
      /^pg_restore failed:\n.*not yet(.|\n)*run the same command again/,
    );
    const before = await target.query(
      "SELECT relname, relfilenode FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace >= 2200 AND relname !~ 'per_author' AND oid >= 16384",
    );
    await admin.query("CREATE ROLE go_on");
    expect(problemsOf(await migrateDatabase(failing))).toEqual([]);
    await admin.query("DROP ROLE go_on");
    const after = await target.query(
      "SELECT relname, relfilenode FROM pg_class WHERE relkind IN ('r', 'i') AND oid >= 16384",
    );
    expect(after.rows).toEqual(expect.arrayContaining(before.rows));
    await target.end();
  });

  test("is given up by --undo, which leaves the target as it was", async () => {
    const props = await databases("undone");
    const target = await session({ ...superuser(), database: "undone_target" });
    await target.query(
      "CREATE SCHEMA before AUTHORIZATION master; CREATE EXTENSION citext SCHEMA before",
    );
    await stopAt(start({ ...props, readOnly: true }), "Create indexes and constraints", "SIGKILL");
    expect(await undoMigration({ ...props, replicationName: "migrate_test" })).toBe(
      `The target is as empty as before, and ${props.workFolder} is removed.`,
    );
    const { objects, schemas, extensions, largeObjects } = await factsOf(
      await prepareReader(target),
    );
    expect({ objects, schemas, largeObjects }).toEqual({
      objects: [],
      schemas: ["before", "public"],
      largeObjects: 0,
    });
    expect(extensions.map(({ name }) => name)).toEqual(["citext", "plpgsql"]);
    await target.end();
    const source = await session({ ...superuser(), database: "undone_source" });
    expect((await source.query("SHOW default_transaction_read_only")).rows).toEqual([
      { default_transaction_read_only: "off" },
    ]);
    await source.end();
    await expect(undoMigration({ ...props, replicationName: "migrate_test" })).rejects.toThrow(
      "There is nothing to undo.",
    );
  });
});

describe("writers", () => {
  test("are blocked by --read-only until the end", async () => {
    const props = await databases("locked");
    await admin.query("ALTER DATABASE locked_source SET default_transaction_read_only = 'off'");
    const web = await session({ ...superuser(), database: "locked_source" });
    const messages = new Set<string>();
    let migrating = true;
    const writer = (async () => {
      while (migrating) {
        const client = new Client({
          host: "127.0.0.1",
          port: server.port,
          ...superuser(),
          database: "locked_source",
        });
        client.on("error", () => undefined);
        try {
          await client.connect();
          await client.query("INSERT INTO shop.doubles VALUES (77)");
        } catch (error) {
          messages.add((error as Error).message);
        }
        await client.end().catch(() => undefined);
        await sleep(50);
      }
    })();
    const result = await migrateDatabase({ ...props, readOnly: true });
    migrating = false;
    await writer;
    expect(problemsOf(result)).toEqual([]);
    expect(messages).toContain("cannot execute INSERT in a read-only transaction");
    await expect(web.query("SELECT 1")).rejects.toThrow();
    const { rows } = await admin.query(
      "SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'locked_source')",
    );
    expect(rows).toEqual([{ setconfig: ["default_transaction_read_only=off"] }]);
  });

  test("that were accepted change nothing: dump and checksums are of one snapshot", async () => {
    const props = await databases("written");
    let migrating = true;
    const web = await session({
      ...superuser(),
      database: "written_source",
      application_name: "web",
    });
    const writer = (async () => {
      while (migrating) {
        await web.query(
          "INSERT INTO shop.article (author, title) VALUES (1, gen_random_uuid()); UPDATE shop.filler_1 SET a = a || 'x' WHERE id < 10",
        );
      }
    })();
    const result = await migrateDatabase({ ...props, acceptWriters: true });
    migrating = false;
    await writer;
    await web.end();
    expect(problemsOf(result)).toEqual([]);
    expect(result.findings).toContainEqual({
      verdict: "warning",
      name: "writers",
      message: "what postgres (web) write after the dump has begun is not migrated.",
    });
  });

  test("between two runs make the second refuse the first one's dump", async () => {
    const props = await databases("between");
    const target = await session({ ...superuser(), database: "between_target" });
    await target.query("CREATE SCHEMA shop; CREATE TYPE shop.mood AS ENUM ()");
    await target.query("DROP TYPE shop.mood; ALTER SCHEMA shop OWNER TO postgres");
    await expect(migrateDatabase(props)).rejects.toThrow(/permission denied for schema shop/);
    await target.query("ALTER SCHEMA shop OWNER TO master");
    const source = await session({ ...superuser(), database: "between_source" });
    await source.query("INSERT INTO shop.doubles VALUES (1)");
    await source.end();
    const refusal = problemsOf(await migrateDatabase(props))[0];
    expect(refusal).toBe(
      "shop.doubles have been written to since the dump of the earlier run. Start over with --undo, then migrate again; or use --accept-writers to migrate without these writes.",
    );
    expect(problemsOf(await migrateDatabase({ ...props, acceptWriters: true }))).toEqual([]);
    await target.end();
  });
});
