import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { Client } from "pg";
import { loginOf } from "../../../operations/migration/database/login";
import {
  type DatabaseMigrationProps,
  migrateDatabase,
} from "../../../operations/migration/database/migration";
import { createOddDatabase } from "../odd-database";
import { Postgres } from "../postgres";

jest.setTimeout(1_800_000);

const MOMENTS = 20;
const folder = mkdtempSync(join(tmpdir(), "migration-"));
let server: Postgres;
let admin: Client;

beforeAll(async () => {
  server = await Postgres.start();
  // So that no other migration's passwords are there. The migrations inherit it, and the server cannot read it.
  process.env.TMPDIR = folder;
  admin = await session("postgres");
  await admin.query("CREATE ROLE master LOGIN CREATEROLE CREATEDB PASSWORD 'master'");
  await admin.query("CREATE DATABASE source");
  const source = await session("source");
  await createOddDatabase(source, { tables: 60, rows: 1000, rowBytes: 500 });
  await source.end();
});

afterAll(async () => {
  await admin.end();
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function session(database: string): Promise<Client> {
  const { port, password } = server;
  const client = new Client({ host: "127.0.0.1", port, user: "postgres", password, database });
  await client.connect();
  return client;
}

/** A migration into an empty database of its own. */
async function props(name: string): Promise<DatabaseMigrationProps> {
  await admin.query(`CREATE DATABASE ${name} OWNER master`);
  const address = `127.0.0.1:${server.port}`;
  const source = `postgresql://postgres:${server.password}@${address}/source`;
  const target = `postgresql://master:master@${address}/${name}`;
  const applicationName = "npm run migrate test";
  return {
    source: loginOf({ side: "source", applicationName }, "--from", source),
    target: loginOf({ side: "target", applicationName }, "DATABASE_URL", target),
    storage: { allocatedStorageGib: 20 },
    workFolder: join(folder, name),
    ...{ jobs: 2, schemaOnly: false, excludedTables: [], withGrants: true },
    ...{ readOnly: false, acceptWriters: false, checkOnly: false, quiet: true },
  };
}

function start(migration: DatabaseMigrationProps): execa.ExecaChildProcess {
  return execa("node", ["cli/launch.js", "__tests__/integration/migrate-directly.ts"], {
    env: { MIGRATION: JSON.stringify(migration) },
    reject: false,
  });
}

test(`a migration that is stopped at one of ${MOMENTS} random moments continues, and both sides agree`, async () => {
  const begin = Date.now();
  expect((await start(await props("whole"))).exitCode).toBe(0);
  const milliseconds = Date.now() - begin;
  let stopped = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const migration = await props(`moment_${moment}`);
    const readOnly = moment % 3 === 0;
    const child = start({ ...migration, readOnly });
    const signal = moment % 2 === 0 ? "SIGKILL" : "SIGINT";
    const at = Math.random() * milliseconds;
    const timer = setTimeout(() => child.kill(signal), at);
    const { exitCode } = await child;
    clearTimeout(timer);
    if (exitCode !== 0) {
      stopped++;
      const { findings, verification } = await migrateDatabase({ ...migration, readOnly });
      const problems = [
        ...findings.filter(({ verdict }) => verdict === "refused").map(({ message }) => message),
        ...(verification?.checks.flatMap(({ differences }) => differences) ?? ["not verified"]),
      ];
      expect({ signal, at, problems }).toEqual({ signal, at, problems: [] });
    }
    expect(existsSync(migration.workFolder)).toBe(false);
    await admin.query(`DROP DATABASE moment_${moment}`);
  }
  process.stdout.write(`${stopped} of ${MOMENTS} migrations were stopped, and all agree\n`);
  expect(stopped).toBeGreaterThan(MOMENTS / 2);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("migrate-"))).toEqual([]);
});
