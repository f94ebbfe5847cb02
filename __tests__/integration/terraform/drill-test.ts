import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  type DBInstance,
  DescribeDBInstancesCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import execa from "execa";
import { Client } from "pg";
import { Emulator } from "../../../emulator/emulator";
import { Copy, latestSnapshot } from "../../../operations/drill/copy";
import { databasesOf } from "../../../settings/data-stores";
import { parseEnvironment } from "../../../settings/environment";
import { settingsWith } from "../../minimal-environment";
import { CertificateAuthority } from "../certificate-authority";
import { describeWithTerraform } from "../describe-with-terraform";
import { Postgres } from "../postgres";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const PLUGIN = resolve(__dirname, "..", "session-manager-plugin.js");
/** Of every instance in the emulator. */
const NAMES = "*.aaaaaaaaaa.us-east-1.rds.amazonaws.com";
const SETTINGS = settingsWith({ "database.dbName": "newsdb" });
const ROWS = 1234;

/**
 * The emulator restores at once and keeps no data: a real PostgreSQL stands behind the restored instances, and lets
 * everybody in, because nothing tells it the password.
 */
describeWithTerraform("npm run drill", () => {
  const folder = mkdtempSync(join(tmpdir(), "drill-"));
  const project = new Project();
  let authority: CertificateAuthority;
  let server: Postgres;
  let admin: Client;
  let emulator: Emulator;
  let rds: RDSClient;
  let through: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    authority = await CertificateAuthority.create();
    server = await Postgres.start();
    await fillServer();
    emulator = await Emulator.start();
    rds = new RDSClient(emulator.clientConfig);
    await newDatabase("news-api-db");
    await snapshot("before");
    await sleep(1100);
    await snapshot("newest");
    const ec2 = new EC2Client(emulator.clientConfig);
    const command = new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1 });
    through = (await ec2.send(command)).Instances?.[0]?.InstanceId ?? "";
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(PLUGIN, join(bin, "session-manager-plugin"));
    env = {
      ...emulator.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      FORWARD: JSON.stringify({ "*": server.port }),
      PLUGIN_LOG: join(folder, "log"),
    };
    for (const shipped of ["dev.ts", "prod.ts"]) {
      rmSync(project.path("environments", shipped));
    }
    writeFileSync(project.path("environments", "test.json"), JSON.stringify(SETTINGS));
  });

  beforeEach(() => writeFileSync(join(folder, "log"), ""));

  afterAll(async () => {
    await admin.end();
    await Promise.all([server.stop(), emulator.stop()]);
    authority.remove();
    project.remove();
    rmSync(folder, { recursive: true });
  });

  async function fillServer(): Promise<void> {
    const { port, password } = server;
    const config = { host: "127.0.0.1", port, user: "postgres", password };
    const first = new Client(config);
    await first.connect();
    await first.query("CREATE ROLE newsadmin LOGIN");
    await first.query("CREATE DATABASE newsdb OWNER newsadmin");
    const { rows } = await first.query("SHOW hba_file");
    await first.end();
    const file = String(rows[0].hba_file);
    writeFileSync(file, `hostssl all newsadmin all trust\n${readFileSync(file, "utf8")}`);
    // It reads the new rule, too.
    await server.present(await authority.sign(NAMES));
    admin = new Client({ ...config, database: "newsdb" });
    await admin.connect();
    await admin.query(`CREATE TABLE article AS SELECT id FROM generate_series(1, ${ROWS}) AS id`);
    await admin.query('CREATE SCHEMA odd; CREATE TABLE odd."a ""table""" (id int)');
    await admin.query(
      'GRANT USAGE ON SCHEMA odd TO newsadmin; ALTER TABLE odd."a ""table""" OWNER TO newsadmin',
    );
    await admin.query("ALTER TABLE article OWNER TO newsadmin");
  }

  async function newDatabase(DBInstanceIdentifier: string): Promise<void> {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier,
        DBInstanceClass: "db.t4g.micro",
        Engine: "postgres",
        EngineVersion: "15",
        AllocatedStorage: 20,
        MasterUsername: "newsadmin",
        MasterUserPassword: "not-a-password",
        StorageEncrypted: true,
        PubliclyAccessible: true,
      }),
    );
  }

  async function snapshot(DBSnapshotIdentifier: string): Promise<void> {
    const command = { DBSnapshotIdentifier, DBInstanceIdentifier: "news-api-db" };
    await rds.send(new CreateDBSnapshotCommand(command));
  }

  async function instances(): Promise<DBInstance[]> {
    return (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
  }

  const identifiers = async () =>
    (await instances()).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier);

  const run = (args: string, extra: Record<string, string> = {}) =>
    project.run(`npm run --silent drill -- test --poll 1 --ca ${authority.file} ${args}`, {
      ...env,
      ...extra,
    });

  test("restores the newest snapshot, reads every row, and leaves nothing behind", async () => {
    const { exitCode, stdout, stderr } = await run(`--tunnel ${through} --json`);
    expect({ exitCode, said: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, said: "" });
    const [drilled] = JSON.parse(stdout);
    expect(drilled).toMatchObject({
      store: "database",
      snapshot: "newest",
      instance: expect.stringMatching(/^news-api-db-drill-[0-9a-f]{8}$/),
      passed: true,
    });
    expect(drilled.databases).toMatchObject([
      {
        name: "newsdb",
        tables: 2,
        rows: ROWS,
        rowsByTable: { "public.article": ROWS, 'odd.a "table"': 0 },
        problems: [],
      },
      { name: "postgres", tables: 0, rows: 0 },
    ]);
    const { available, login, verified } = drilled.seconds;
    expect([available <= login, login <= verified]).toEqual([true, true]);
    expect(stderr).toContain(`${drilled.instance}: deleted`);
    expect(await identifiers()).toEqual(["news-api-db"]);
  });

  test("the copy is private, unprotected, in the same security groups, and tagged", async () => {
    const environment = parseEnvironment(SETTINGS);
    const [store] = databasesOf(environment);
    if (!store) {
      throw new Error("The environment has no database.");
    }
    const { signal } = new AbortController();
    const times = { pollMs: 100, timeoutMs: 600_000 };
    const props = { rds, environment, store, ...times, progress: () => {}, signal };
    const copy = new Copy(props);
    // The emulator takes false for nothing, and copies the original's.
    let asked: object | undefined;
    rds.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          asked = commandName === "RestoreDBInstanceFromDBSnapshotCommand" ? args.input : asked;
          return next(args);
        },
      { step: "initialize" },
    );
    await copy.restore(await latestSnapshot(props));
    expect(asked).toMatchObject({
      DBSnapshotIdentifier: "newest",
      PubliclyAccessible: false,
      DeletionProtection: false,
      MultiAZ: false,
    });
    const all = await instances();
    const original = all.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === "news-api-db");
    const restored = all.find(
      ({ DBInstanceIdentifier }) => DBInstanceIdentifier === copy.identifier,
    );
    expect(restored).toMatchObject({
      DBInstanceClass: "db.t4g.micro",
      StorageEncrypted: true,
      VpcSecurityGroups: original?.VpcSecurityGroups,
    });
    expect(
      Object.fromEntries((restored?.TagList ?? []).map(({ Key, Value }) => [Key, Value])),
    ).toEqual({
      app: "news-api",
      environment: "test",
      "managed-by": "npm run drill",
      "drill-of": "news-api-db",
    });
    await copy.remove();
    expect(await identifiers()).toEqual(["news-api-db"]);
  });

  test("an index that is not valid fails the drill, by its name", async () => {
    await admin.query("CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)");
    await admin.query("ALTER TABLE twice OWNER TO newsadmin");
    await admin
      .query("CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (id)")
      .catch(() => undefined);
    const { exitCode, stdout } = await run(`--tunnel ${through}`);
    await admin.query("DROP TABLE twice");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("The index broken is invalid.");
    expect(stdout).toContain(`newsdb: 3 tables, ${ROWS + 2} rows`);
    expect(await identifiers()).toEqual(["news-api-db"]);
  });

  test("a copy that cannot be reached is deleted, too", async () => {
    const { exitCode, stdout, stderr } = await run("");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(
      /was restored, but cannot be read: .*\. From outside the VPC, add --tunnel\./,
    );
    expect(await identifiers()).toEqual(["news-api-db"]);
  });

  test("Ctrl-C ends the drill, and the copy with it", async () => {
    const args = ["--poll", "1", "--ca", authority.file, "--tunnel", through];
    const child = execa("node", ["cli/launch.js", "commands/drill.ts", "test", ...args], {
      cwd: project.folder,
      env: { ...env, PLUGIN_DELAY_MS: "60000" },
      reject: false,
      stdin: "ignore",
    });
    while (readFileSync(join(folder, "log"), "utf8") === "") {
      await sleep(50);
    }
    expect(await identifiers()).toHaveLength(2);
    child.kill("SIGINT");
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(1);
    expect(stderr).toContain("The drill was stopped.");
    expect(await identifiers()).toEqual(["news-api-db"]);
    const [session] = readFileSync(join(folder, "log"), "utf8").split("\n");
    expect(() => process.kill(JSON.parse(session ?? "").pid, 0)).toThrow("ESRCH");
  });

  test("a call that AWS refuses gives a message, and no copy is looked for", async () => {
    const taken = new RDSClient({ ...emulator.clientConfig });
    const environment = parseEnvironment(SETTINGS);
    const [store] = databasesOf(environment);
    const { signal } = new AbortController();
    const said: string[] = [];
    const copy = new Copy({
      ...{ rds: taken, environment, store: store as NonNullable<typeof store>, signal },
      ...{ pollMs: 100, timeoutMs: 600_000, progress: (text: string) => said.push(text) },
    });
    await expect(copy.restore({ DBSnapshotIdentifier: "no-such-snapshot" })).rejects.toThrow(
      /no-such-snapshot/,
    );
    await copy.remove();
    expect(said).toEqual([]);
    const nobody = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_PROFILE: "nobody" };
    const { exitCode, stderr } = await run("", nobody);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^AWS answered CredentialsProviderError: .* lists the permissions\.$/);
  });

  test.each([
    ["--store databse", /^test has no database "databse"\. Did you mean "database"\?$/],
    ["--poll 0", /Use a number greater than 0 and at most 1440\./],
  ])("refuses %s", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("a database without a snapshot cannot be drilled", async () => {
    const other = settingsWith({ "database.identifier": "other-db" });
    writeFileSync(project.path("environments", "test.json"), JSON.stringify(other));
    const { exitCode, stderr } = await run(`--tunnel ${through}`);
    writeFileSync(project.path("environments", "test.json"), JSON.stringify(SETTINGS));
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "The database database (other-db) has no snapshot that can be restored.",
    );
  });
});
