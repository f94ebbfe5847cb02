import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, type ClientConfig, escapeLiteral } from "pg";
import { Emulator } from "../../../emulator/emulator";
import { applyRoles, type Login } from "../../../operations/connectivity/roles";
import { DatabaseStack } from "../../../stacks/database-stack";
import { Terraform } from "../../../terraform/terraform";
import { synthesized } from "../../synthesized";
import { describeWithTerraform } from "../describe-with-terraform";
import { Postgres } from "../postgres";
import { Project } from "../project";

jest.setTimeout(600_000);

const ROTATIONS = 10;
const LOGINS = 200;

let server: Postgres;
let admin: Client;
let master: ClientConfig;

/** A master user as RDS makes it: no superuser, owner of the databases. */
beforeAll(async () => {
  server = await Postgres.start();
  const ssl = { rejectUnauthorized: false };
  const address = { host: "127.0.0.1", port: server.port, ssl };
  admin = new Client({ ...address, user: "postgres", password: server.password });
  await admin.connect();
  await admin.query("CREATE ROLE newsadmin LOGIN CREATEROLE CREATEDB PASSWORD 'master'");
  await admin.query("CREATE ROLE reporting LOGIN PASSWORD 'reporting'");
  await admin.query("CREATE DATABASE news OWNER newsadmin");
  await admin.query("CREATE DATABASE other OWNER newsadmin");
  master = { ...address, database: "news", user: "newsadmin", password: "master" };
});

afterAll(async () => {
  await admin.end();
  await server.stop();
});

const logins = (password: string): Login[] =>
  ["news_app_a", "news_app_b"].map((name) => ({ name, password: `${name}-${password}` }));

/** What a query returns for a user, or the message of the error. */
async function as(user: string, password: string, query: string, database = "news") {
  const client = new Client({ ...master, user, password, database });
  try {
    await client.connect();
    const { rows } = await client.query({ text: query, rowMode: "array" });
    return rows;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.end();
  }
}

const apply = (password: string, force?: boolean) =>
  applyRoles({ master, role: "news_app", logins: logins(password), force });

describe("the application's role", () => {
  test("is created with two users, and nothing changes when it is applied again", async () => {
    await as("newsadmin", "master", "CREATE TABLE public.ledger (id int)");
    expect(await apply("first")).toEqual({
      changed: ["news_app_a", "news_app_b"],
      unchanged: [],
    });
    expect(await apply("first")).toEqual({
      changed: [],
      unchanged: ["news_app_a", "news_app_b"],
    });
  });

  test("has privileges on its own schema, whichever user created a table", async () => {
    await as("news_app_a", "news_app_a-first", "CREATE TABLE article (id int)");
    await as("news_app_b", "news_app_b-first", "ALTER TABLE article ADD title text");
    const query = "SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'article'";
    expect(await as("news_app_b", "news_app_b-first", query)).toEqual([["news_app", "news_app"]]);
  });

  test.each([
    ["read the master's tables", "SELECT * FROM public.ledger", "news", /permission denied/],
    ["create tables in public", "CREATE TABLE public.x ()", "news", /permission denied/],
    ["create schemas", "CREATE SCHEMA x", "news", /permission denied/],
    ["create roles", "CREATE ROLE x", "news", /permission denied/],
    ["connect to another database", "SELECT 1", "other", /permission denied for database/],
  ])("may not %s", async (_, query, database, message) => {
    expect(await as("news_app_a", "news_app_a-first", query, database)).toMatch(message);
  });

  test("leaves other users the right to connect to their databases", async () => {
    expect(await as("reporting", "reporting", "SELECT 1", "other")).toEqual([[1]]);
  });

  test("changes no password under a user with sessions, unless forced", async () => {
    const [{ name: user, password } = { name: "", password: "" }] = logins("first");
    const task = new Client({ ...master, user, password });
    await task.connect();
    await expect(apply("second")).rejects.toThrow(
      "The password of news_app_a (1 sessions) would change, and tasks still use it.",
    );
    expect(await as(user, password, "SELECT 1")).toEqual([[1]]);
    expect((await apply("second", true)).changed).toEqual(["news_app_a", "news_app_b"]);
    await task.end();
    expect(await as(user, password, "SELECT 1")).toMatch(/password authentication failed/);
  });

  test("no password reaches the server's log in the clear", async () => {
    await admin.query("ALTER SYSTEM SET log_statement = 'all'");
    await admin.query("SELECT pg_reload_conf()");
    await apply("third");
    await admin.query("ALTER SYSTEM RESET log_statement");
    await admin.query("SELECT pg_reload_conf()");
    expect(server.log()).toContain('ALTER ROLE "news_app_a" PASSWORD \'SCRAM-SHA-256$');
    expect(server.log()).not.toContain("-third");
  });
});

describeWithTerraform(`${ROTATIONS} rotations, with real Terraform`, () => {
  const folder = mkdtempSync(join(tmpdir(), "roles-"));
  let emulator: Emulator;
  let terraform: Terraform;

  beforeAll(async () => {
    emulator = await Emulator.start();
    terraform = await Terraform.find({ ...process.env, ...emulator.env });
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  /** The secrets of the database's stack, for the server of this test instead of an RDS instance. */
  function writeStack(passwordVersion: number): void {
    const stack = synthesized(DatabaseStack, {
      "database.applicationUser": "news_app",
      "database.dbName": "news",
      "database.credentials": { kind: "secret", passwordVersion, recoveryWindowDays: 0 },
    });
    const { aws_secretsmanager_secret, aws_secretsmanager_secret_version, terraform_data } =
      stack.resource;
    const { database_url_shape } = terraform_data ?? {};
    const { database_roles, ecs_secrets } = stack.output;
    const { required_providers } = stack.terraform;
    const kept = {
      terraform: { required_providers },
      provider: stack.provider,
      ephemeral: stack.ephemeral,
      output: { database_roles, ecs_secrets },
      resource: {
        aws_secretsmanager_secret,
        aws_secretsmanager_secret_version,
        terraform_data: { database_url_shape },
      },
    };
    const text = JSON.stringify(kept)
      .replaceAll("${aws_db_instance.database.address}", "127.0.0.1")
      .replaceAll("${aws_db_instance.database.port}", String(server.port));
    writeFileSync(join(folder, "stack.tf.json"), text);
  }

  async function tf(...args: string[]): Promise<string> {
    const { exitCode, output, stdout } = await terraform.run(folder, args, "keep");
    expect({ exitCode, output: exitCode === 0 ? "" : output }).toEqual({ exitCode: 0, output: "" });
    return stdout;
  }

  async function secret(SecretId: string): Promise<string> {
    const client = new SecretsManagerClient(emulator.clientConfig);
    return String((await client.send(new GetSecretValueCommand({ SecretId }))).SecretString);
  }

  /** What `npm run roles` does, after RDS has set the master's password. */
  async function applyFromOutputs(): Promise<readonly string[]> {
    const { database_roles } = JSON.parse(await tf("output", "-json"));
    const { role, master: own, logins: users } = database_roles.value;
    const password = await secret(own.secret_arn);
    await admin.query(`ALTER ROLE newsadmin PASSWORD ${escapeLiteral(password)}`);
    const withPasswords = await Promise.all(
      users.map(async (user: { name: string; secret_arn: string }) => ({
        name: user.name,
        password: await secret(user.secret_arn),
      })),
    );
    const config = { ...master, password };
    return (await applyRoles({ master: config, role, logins: withPasswords })).changed;
  }

  test(`no login of at least ${LOGINS} fails, of running tasks and of new ones`, async () => {
    writeStack(1);
    await tf("init", "-no-color");
    await tf("apply", "-auto-approve", "-no-color");
    const urlArn = JSON.parse(await tf("output", "-json")).ecs_secrets.value[0].valueFrom;
    const freshUrl = async () => (await secret(urlArn)).replace("sslmode=require", "");
    expect(await applyFromOutputs()).toHaveLength(2);

    const failures: string[] = [];
    const users = new Set<string>();
    let succeeded = 0;
    let turns = 0;
    let running = true;
    let task = await freshUrl();
    const login = async (connectionString: string) => {
      const client = new Client({ connectionString, ssl: { rejectUnauthorized: false } });
      try {
        await client.connect();
        const { rows } = await client.query("SELECT session_user, current_user");
        expect(rows[0].current_user).toBe("news_app");
        users.add(rows[0].session_user);
        succeeded++;
      } catch (error) {
        failures.push((error as Error).message);
      } finally {
        await client.end();
      }
    };
    const traffic = (async () => {
      while (running) {
        await login(task);
        await login(await freshUrl());
        turns++;
      }
    })();
    const settled = async (until = turns + 2) => {
      while (turns < until) {
        await sleep(10);
      }
    };
    for (let version = 2; version <= ROTATIONS + 1; version++) {
      writeStack(version);
      const before = task;
      await tf("apply", "-auto-approve", "-no-color");
      await settled();
      task = await freshUrl();
      expect(new URL(task).username).not.toBe(new URL(before).username);
      await settled();
      expect(await applyFromOutputs()).toEqual([new URL(before).username]);
      await settled();
    }
    running = false;
    await traffic;
    process.stdout.write(
      `${succeeded} real logins during ${ROTATIONS} rotations, ${failures.length} failed\n`,
    );
    expect(failures).toEqual([]);
    expect(succeeded).toBeGreaterThanOrEqual(LOGINS);
    expect([...users].sort()).toEqual(["news_app_a", "news_app_b"]);
  });

  test("npm run roles does the same from the state of an environment", async () => {
    const project = new Project();
    const env = { ...terraform.env, ...emulator.env } as Record<string, string>;
    const roles = (args = "") => project.run(`npm run --silent roles -- dev ${args}`, env);
    expect((await roles()).stderr).toBe(
      "No database of dev has an applicationUser: the application logs in as the master user. Set applicationUser and apply.",
    );
    const settings = project.read("environments/dev.ts");
    writeFileSync(
      project.path("environments/dev.ts"),
      settings.replace("database: {", 'database: { applicationUser: "news_app",'),
    );
    await putState(JSON.parse(readFileSync(join(folder, "terraform.tfstate"), "utf8")));
    expect(await roles()).toMatchObject({
      exitCode: 0,
      stdout: "database: role news_app; news_app_a and news_app_b unchanged. Both users log in.",
    });
    await admin.query("ALTER ROLE news_app_a PASSWORD 'changed by hand'");
    const [applied] = JSON.parse((await roles("--json")).stdout);
    expect(applied).toMatchObject({ changed: ["news_app_a"], unchanged: ["news_app_b"] });
    const refused = await roles(`--ca ${server.rootCertificate}x`);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("There is no CA bundle at");
    expect((await roles(`--ca ${server.rootCertificate}`)).exitCode).toBe(0);
    project.remove();
  });

  /** The state of the dev environment's database: the outputs of this test's stack, and the server's address. */
  async function putState(state: { outputs: object }): Promise<void> {
    const string = (value: unknown) => ({ value, type: typeof value });
    const outputs = {
      ...state.outputs,
      database_address: string("127.0.0.1"),
      database_port: string(server.port),
      database_name: string("news"),
    };
    const Bucket = "news-api-dev-terraform-state";
    await emulator.createBucket(Bucket);
    const client = new S3Client({ ...emulator.clientConfig, forcePathStyle: true });
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key: "news-api/dev/database.tfstate",
        Body: JSON.stringify({ ...state, outputs, resources: [] }),
      }),
    );
  }
});
