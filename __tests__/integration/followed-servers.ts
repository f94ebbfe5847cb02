import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import execa from "execa";
import { Client, type ClientConfig } from "pg";
import type { FollowProps } from "../../operations/migration/database/follow";
import { loginOf } from "../../operations/migration/database/login";
import type { Finding } from "../../operations/migration/finding";
import type { Verification } from "../../operations/migration/verification";
import { Postgres } from "./postgres";
import { Writer } from "./writer";

/** With what connection strings and settings have to escape. */
const SOURCE_PASSWORD = "so ur'ce\\ secret";
const TARGET_PASSWORD = "target-secret";
const WRITERS = 3;
/** How a password looks in a log, whatever it is escaped for. */
const PASSWORDS = /ur\\*'+ce|target-secret/;

/** A server that is followed, and one that follows it; stop them when done. */
export class FollowedServers {
  readonly replicationName = "migrate_test_database";
  private readonly folder = mkdtempSync(join(tmpdir(), "following-"));

  private readonly writers: Writer[] = [];

  private constructor(
    readonly source: Postgres,
    readonly target: Postgres,
  ) {}

  static async start(): Promise<FollowedServers> {
    const [source, target] = await Promise.all([
      Postgres.start(["-c", "wal_level=logical"]),
      Postgres.start(["-c", "log_statement=all", "-c", "wal_retrieve_retry_interval=200ms"]),
    ]);
    const servers = new FollowedServers(source, target);
    // No superuser: the owner of the database, with what the findings ask for.
    const password = `'${SOURCE_PASSWORD.replaceAll("'", "''")}'`;
    for (const server of [source, target]) {
      await servers.query(
        server,
        "postgres",
        `CREATE ROLE newsuser LOGIN REPLICATION PASSWORD ${password}; GRANT pg_signal_backend TO newsuser; CREATE ROLE app LOGIN PASSWORD 'app'`,
      );
    }
    // RDS lets its master user subscribe; PostgreSQL 15 lets superusers.
    await servers.query(
      target,
      "postgres",
      `CREATE ROLE newsadmin LOGIN SUPERUSER PASSWORD '${TARGET_PASSWORD}'`,
    );
    return servers;
  }

  async stop(): Promise<void> {
    await Promise.all(this.writers.map((writer) => writer.stop()));
    await Promise.all([this.source.stop(), this.target.stop()]);
    rmSync(this.folder, { recursive: true });
  }

  config(server: Postgres, database: string, user = "postgres"): ClientConfig {
    const password = user === "postgres" ? server.password : user;
    return { host: "127.0.0.1", port: server.port, database, user, password };
  }

  async query(server: Postgres, database: string, text: string) {
    const client = new Client(this.config(server, database));
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  /** A database of newsuser's, and an empty one to move it to. */
  async databases(name: string, structure: string): Promise<FollowProps> {
    const { source, target } = this;
    await this.query(source, "postgres", `CREATE DATABASE ${name} OWNER newsuser`);
    await this.query(
      source,
      name,
      `GRANT ALL ON SCHEMA public TO newsuser; SET ROLE newsuser; ${structure};
       CREATE TABLE ledger (writer integer, number integer, value text, PRIMARY KEY (writer, number));
       GRANT SELECT, INSERT, UPDATE, DELETE ON ledger TO app`,
    );
    await this.query(target, "postgres", `CREATE DATABASE ${name} OWNER newsadmin`);
    return this.props(name);
  }

  /** Lets an application write to the ledger of a database. */
  startWriters(name: string): readonly Writer[] {
    const config = this.config(this.source, name, "app");
    const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(config, id));
    this.writers.push(...writers);
    return writers;
  }

  props(name: string, from = this.source): FollowProps {
    const url = (user: string, password: string, { port }: Postgres) =>
      `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
    const applicationName = "npm run migrate test";
    return {
      source: loginOf(
        { side: "source", applicationName },
        "--from",
        url("newsuser", SOURCE_PASSWORD, from),
      ),
      target: loginOf(
        { side: "target", applicationName },
        "DATABASE_URL",
        `${url("newsadmin", TARGET_PASSWORD, this.target)}?sslmode=require`,
      ),
      ...{ storage: { allocatedStorageGib: 20 }, workFolder: join(this.folder, name) },
      ...{ jobs: 2, excludedTables: [], withGrants: true, checkOnly: false, quiet: true },
      replicationName: this.replicationName,
    };
  }

  /** What replication has on both sides. */
  async replicationObjects(name: string): Promise<string[]> {
    const { source, target } = this;
    const found = await Promise.all([
      this.query(source, name, "SELECT concat('slot ', slot_name) AS x FROM pg_replication_slots"),
      this.query(source, name, "SELECT concat('publication ', pubname) AS x FROM pg_publication"),
      this.query(target, name, "SELECT concat('publication ', pubname) AS x FROM pg_publication"),
      this.query(target, name, "SELECT concat('subscription ', subname) AS x FROM pg_subscription"),
      this.query(target, name, "SELECT concat('origin ', roname) AS x FROM pg_replication_origin"),
    ]);
    return found.flatMap(({ rows }) => rows.map(({ x }) => x));
  }

  /** The lines of both logs with a password, but for those that set it. */
  loggedPasswords(): string[] {
    const lines = [this.source, this.target].flatMap((server) => server.log().split("\n"));
    return lines.filter((line) => PASSWORDS.test(line) && !line.includes("CREATE ROLE"));
  }
}

/** Follows or cuts over in a process of its own, with temporary files away from those of other tests. */
export function startProcess(
  variable: "FOLLOW" | "CUT_OVER",
  props: FollowProps,
): execa.ExecaChildProcess {
  return execa("node", ["cli/launch.js", "__tests__/integration/migrate-directly.ts"], {
    env: {
      [variable]: JSON.stringify({ ...props, quiet: false }),
      ...{ CI: "1", TMPDIR: dirname(props.workFolder) },
    },
    reject: false,
  });
}

/** What was refused, and what differs. */
export function problemsOf(result: {
  readonly findings: readonly Finding[];
  readonly verification: Verification | undefined;
}): string[] {
  return [
    ...result.findings
      .filter(({ verdict }) => verdict === "refused")
      .map(({ name, message }) => `${name}: ${message}`),
    ...(result.verification?.checks.flatMap(({ differences }) => differences) ?? []),
  ];
}
