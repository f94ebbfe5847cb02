import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import execa from "execa";
import { Client } from "pg";
import { Emulator } from "../../../emulator/emulator";
import { viaNamed } from "../../../operations/tunnel/via";
import { Terraform } from "../../../terraform/terraform";
import { REPLICATION_GROUP, settingsWith } from "../../minimal-environment";
import { CertificateAuthority } from "../certificate-authority";
import { describeWithTerraform } from "../describe-with-terraform";
import { Postgres } from "../postgres";
import { Project } from "../project";
import { Redis } from "../redis";

jest.setTimeout(600_000);

const PLUGIN = resolve(__dirname, "..", "session-manager-plugin.js");
const DATABASE = "news-api-db.c0example.us-east-1.rds.amazonaws.com";
const CACHE = "master.news-api-cache.example.use1.cache.amazonaws.com";
const PASSWORD = "right #&%?+ password";
const BUCKET = "news-api-test-state";
const AMI = "ami-12c6146b";

/** What the stand-in for the plugin was told, or that it ended. */
interface Logged {
  readonly pid: number;
  readonly Target?: string;
  readonly DocumentName?: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
  readonly ended?: true;
}

/** The real AWS CLI, PostgreSQL, Redis, psql and redis-cli. Only the plugin of the CLI and AWS itself are not. */
describeWithTerraform("npm run tunnel", () => {
  const folder = mkdtempSync(join(tmpdir(), "tunnel-"));
  const pluginLog = join(folder, "log");
  const project = new Project();
  let authority: CertificateAuthority;
  let database: Postgres;
  let cache: Redis;
  let emulator: Emulator;
  let env: Record<string, string>;
  let instance: string;

  beforeAll(async () => {
    authority = await CertificateAuthority.create();
    database = await Postgres.start();
    await createUser();
    await database.present(await authority.sign(DATABASE));
    cache = await Redis.start([], await authority.sign(CACHE));
    emulator = await Emulator.start();
    await emulator.createBucket(BUCKET);
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(PLUGIN, join(bin, "session-manager-plugin"));
    const terraform = await Terraform.find();
    env = {
      ...(terraform.env as Record<string, string>),
      ...emulator.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      FORWARD: JSON.stringify({ [DATABASE]: database.port, [CACHE]: cache.port }),
      PLUGIN_LOG: pluginLog,
      // Amazon's CA is everybody's; this one is not.
      NODE_EXTRA_CA_CERTS: authority.file,
      SSL_CERT_FILE: authority.file,
    };
    instance = await newInstance();
    await putStates();
  });

  beforeEach(() => writeFileSync(pluginLog, ""));

  afterAll(async () => {
    await Promise.all([database.stop(), cache.stop(), emulator.stop()]);
    authority.remove();
    project.remove();
    rmSync(folder, { recursive: true });
  });

  async function createUser(): Promise<void> {
    const { port, password } = database;
    const admin = new Client({ host: "127.0.0.1", port, user: "postgres", password });
    await admin.connect();
    await admin.query(`CREATE ROLE newsadmin LOGIN PASSWORD '${PASSWORD}'`);
    await admin.query("CREATE DATABASE newsdb OWNER newsadmin");
    await admin.end();
  }

  async function newInstance(): Promise<string> {
    const ec2 = new EC2Client(emulator.clientConfig);
    const command = new RunInstancesCommand({ ImageId: AMI, MinCount: 1, MaxCount: 1 });
    const { Instances = [] } = await ec2.send(command);
    return Instances[0]?.InstanceId ?? "";
  }

  /** The environment and its states, as if it were deployed. */
  async function putStates(): Promise<void> {
    writeFileSync(
      project.path("environments", "test.json"),
      JSON.stringify(settingsWith({ cache: REPLICATION_GROUP, "bastion.route": "nat" })),
    );
    for (const shipped of ["dev.ts", "prod.ts"]) {
      rmSync(project.path("environments", shipped));
    }
    const url = `postgresql://newsadmin:${encodeURIComponent(PASSWORD)}@${DATABASE}:5432/newsdb?sslmode=require`;
    const secrets = new SecretsManagerClient(emulator.clientConfig);
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: "url", SecretString: url }));
    await putState("database", {
      ecs_secrets: [{ name: "DATABASE_URL", valueFrom: ARN }],
      ecs_environment: [],
      database_address: DATABASE,
      database_port: 5432,
      database_name: "newsdb",
      database_username: "newsadmin",
    });
    const redis = `rediss://${CACHE}:6379`;
    await putState("cache", {
      ecs_secrets: [],
      ecs_environment: [{ name: "REDIS_URL", value: redis }],
      redis_url: redis,
    });
    await putBastion(instance);
  }

  const putBastion = (id: string, stores = { database: true, cache: true }) =>
    putState("bastion", { bastion_instance_id: id, bastion_stores: stores });

  async function putState(stack: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const outputs = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value, type: typeOf(value) }]),
    );
    const state = { version: 4, terraform_version: "1.11.0", serial: 1, lineage: stack };
    await new S3Client({ ...emulator.clientConfig, forcePathStyle: true }).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: `news-api/test/${stack}.tfstate`,
        Body: JSON.stringify({ ...state, outputs, resources: [] }),
      }),
    );
  }

  const run = (args: string, extra: Record<string, string> = {}) =>
    project.run(`npm run --silent tunnel -- test ${args}`, { ...env, ...extra });

  /** As it runs, to be interrupted by its process ID. */
  function start(args: readonly string[], extra: Record<string, string> = {}) {
    const child = execa("node", ["cli/launch.js", "commands/tunnel.ts", "test", ...args], {
      cwd: project.folder,
      env: { ...env, ...extra },
      reject: false,
      stdin: "ignore",
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data) => {
        said += data;
      });
    }
    const says = async (text: RegExp) => {
      while (!text.test(said)) {
        if (child.exitCode !== null) {
          throw new Error(`It ended without saying ${text}: ${said}`);
        }
        await sleep(20);
      }
    };
    return { child, says, said: () => said };
  }

  function logged(): Logged[] {
    const lines = readFileSync(pluginLog, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  /** Every plugin that was started has ended, and was told so. */
  function expectNothingLeft(sessions: number): void {
    const pids = [...new Set(logged().map(({ pid }) => pid))];
    expect(pids).toHaveLength(sessions);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(logged().filter(({ ended }) => ended)).toHaveLength(sessions);
  }

  const CA = () => `--ca ${authority.file}`;

  test("runs psql, which verifies the database through the bastion, and returns its exit code", async () => {
    const query =
      "SELECT current_user, current_database(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    const done = await run(`database ${CA()} -- psql -AtX -c "${query}"`);
    expect(done).toMatchObject({ exitCode: 0, stdout: "newsadmin|newsdb|t" });
    expect(logged()[0]).toMatchObject({
      region: "us-east-1",
      Target: instance,
      DocumentName: "AWS-StartPortForwardingSessionToRemoteHost",
      Parameters: { host: [DATABASE], portNumber: ["5432"] },
    });
    expectNothingLeft(1);
    expect((await run(`database ${CA()} -- psql -X -c "SELECT 1/0"`)).exitCode).toBe(1);
    expect((await run(`database ${CA()} -- sh -c "exit 7"`)).exitCode).toBe(7);
    const unknown = await run(`database ${CA()} -- no-such-program`);
    expect(unknown).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("was not found"),
    });
    expect(done.stderr + unknown.stderr).not.toContain("right");
  });

  test("a program finds the variables of libpq, and the URL that means the same", async () => {
    const { stdout } = await run(
      `database ${CA()} -- sh -c 'env | grep -E "^(PG|DATABASE_URL)" | sort; unset PGPASSWORD PGHOSTADDR PGHOST PGSSLMODE; psql -AtX "$DATABASE_URL" -c "SELECT 42"'`,
    );
    const port = /PGPORT=(\d+)/.exec(stdout)?.[1];
    expect(stdout.split("\n")).toEqual([
      `DATABASE_URL=postgresql://newsadmin:${encodeURIComponent(PASSWORD)}@${DATABASE}:${port}/newsdb?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.file)}`,
      "PGDATABASE=newsdb",
      `PGHOST=${DATABASE}`,
      "PGHOSTADDR=127.0.0.1",
      `PGPASSWORD=${PASSWORD}`,
      `PGPORT=${port}`,
      "PGSSLMODE=verify-full",
      `PGSSLROOTCERT=${authority.file}`,
      "PGUSER=newsadmin",
      "42",
    ]);
  });

  test("runs redis-cli with TLS, through an instance that --via names", async () => {
    const other = await newInstance();
    const done = await run(`cache --via ${other} -- redis-cli PING`);
    expect(done).toMatchObject({ exitCode: 0, stdout: "PONG" });
    expect(logged()[0]).toMatchObject({ Target: other, Parameters: { host: [CACHE] } });
    const { stdout } = await run(`cache -- sh -c 'env | grep ^REDIS | sort'`);
    expect(stdout).toMatch(
      new RegExp(
        `^REDIS_HOST=127.0.0.1\nREDIS_PORT=(\\d+)\nREDIS_TLS_SERVERNAME=${CACHE}\nREDIS_URL=rediss://127.0.0.1:\\1$`,
      ),
    );
  });

  test("without a program it prints URLs without a password, and Ctrl-C ends everything", async () => {
    const { child, says, said } = start(["--ca", authority.file]);
    await says(/Ctrl-C closes them\./);
    const url = /^database {2}(\S+)$/m.exec(said())?.[1] ?? "";
    expect(url).toMatch(
      new RegExp(
        `^postgresql://newsadmin@${DATABASE}:\\d+/newsdb\\?hostaddr=127\\.0\\.0\\.1&sslmode=verify-full&`,
      ),
    );
    expect(said()).toMatch(/^cache {2}rediss:\/\/127\.0\.0\.1:\d+$/m);
    expect(said()).toContain(`TLS server name: ${CACHE}`);
    const login = await execa("psql", ["-AtX", url, "-c", "SELECT 1"], {
      env: { PGPASSWORD: PASSWORD },
    });
    expect(login.stdout).toBe("1");
    child.kill("SIGINT");
    expect((await child).exitCode).toBe(0);
    expectNothingLeft(2);
  });

  test("--reveal prints the password, and --port sets the local port", async () => {
    const { child, says, said } = start(["cache", "--port", "0"]);
    expect((await child).exitCode).toBe(1);
    expect(said()).toContain("Use a port from 1 to 65535.");
    const revealed = start(["database", "--ca", authority.file, "--reveal"]);
    await revealed.says(/Ctrl-C closes it\./);
    expect(revealed.said()).toContain(`newsadmin:${encodeURIComponent(PASSWORD)}@`);
    revealed.child.kill("SIGTERM");
    expect((await revealed.child).exitCode).toBe(0);
    expect(says).toBeDefined();
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s reaches the program, and then everything ends",
    async (signal) => {
      const { child, says } = start(["cache", "--", "sh", "-c", "echo started; exec sleep 60"]);
      await says(/started/);
      const begun = Date.now();
      child.kill(signal);
      expect((await child).exitCode).toBe({ SIGINT: 130, SIGTERM: 143 }[signal]);
      expect(Date.now() - begun).toBeLessThan(10_000);
      expectNothingLeft(1);
    },
  );

  test("Ctrl-C in psql on a terminal cancels a query, and not the tunnel", async () => {
    // npm itself exits with 130 after Ctrl-C, whatever its script does.
    const line = `exec node cli/launch.js commands/tunnel.ts test database ${CA()} -- psql -X`;
    // It gives the command a terminal, where Ctrl-C is a character.
    const child = execa("script", ["-qfec", line, "/dev/null"], {
      cwd: project.folder,
      env: { ...env, PAGER: "" },
      reject: false,
    });
    let said = "";
    child.stdout?.on("data", (data) => {
      said += data;
    });
    const says = async (text: string) => {
      while (!said.includes(text) && child.exitCode === null) {
        await sleep(20);
      }
      expect(said).toContain(text);
    };
    await says("newsdb=>");
    child.stdin?.write("SELECT 'be' || 'gun'; SELECT pg_sleep(60);\n");
    await says("begun");
    await sleep(500);
    child.stdin?.write("\u0003");
    await says("canceling statement due to user request");
    child.stdin?.write("SELECT 40 + 2 AS answer;\n");
    await says(" 42");
    child.stdin?.write("\\q\n");
    expect((await child).exitCode).toBe(0);
    expectNothingLeft(1);
  });

  test("waits until the port answers, and Ctrl-C ends the wait", async () => {
    const slow = await run("cache -- redis-cli PING", { PLUGIN_DELAY_MS: "3000" });
    expect(slow).toMatchObject({ exitCode: 0, stdout: "PONG" });
    writeFileSync(pluginLog, "");
    const { child } = start(["cache", "--", "redis-cli", "PING"], { PLUGIN_DELAY_MS: "60000" });
    while (logged().length === 0) {
      await sleep(20);
    }
    child.kill("SIGINT");
    const { exitCode, stdout } = await child;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expectNothingLeft(1);
  });

  test("a server with another name is refused before a program runs", async () => {
    await database.present(await authority.sign("other.example"));
    const { exitCode, stdout, stderr } = await run(`database ${CA()} -- echo ran`);
    await database.present(await authority.sign(DATABASE));
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(`certificate name: Hostname/IP does not match`);
    expectNothingLeft(1);
  });

  test("a certificate from another certificate authority is refused", async () => {
    const stranger = await CertificateAuthority.create();
    const { exitCode, stderr } = await run(`database --ca ${stranger.file} -- echo ran`);
    stranger.remove();
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("certificate chain: not trusted"),
    });
  });

  test("a data store that does not answer is named, with the next step", async () => {
    const { exitCode, stderr } = await run("cache --timeout 12 -- redis-cli PING", {
      FORWARD: "{}",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Nothing answers through news-api-test-bastion within 12 s");
    expect(stderr).toContain("deploy the bastion again");
    expectNothingLeft(1);
  });

  test("an instance that Systems Manager does not know ends the wait at once", async () => {
    const begun = Date.now();
    const { exitCode, stderr } = await run("cache --via i-0123456789abcdef0 -- redis-cli PING");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("TargetNotConnected");
    expect(stderr).toContain("AWS Systems Manager has no connection to it.");
    expect(Date.now() - begun).toBeLessThan(25_000);
    expect(logged()).toEqual([]);
  });

  test.each([
    ["cahe", /^test has no data store "cahe"\. Did you mean "cache"\?$/],
    ["--port 15432", /^--port is for one data store\./],
    ["database", /^There is no CA bundle at global-bundle\.pem, .* curl -O https:\/\/truststore/],
    ["cache --via nobody", /^--via nobody is neither an instance nor a task\./],
  ])("refuses %s", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("a bastion that was deployed before the data store has to be deployed again", async () => {
    await putBastion(instance, { database: true, cache: false });
    const { exitCode, stderr } = await run("cache");
    await putBastion(instance);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Deploy it again: npm run deploy -- news-api-test-bastion");
  });

  test("says what is missing, the AWS CLI and its plugin, and where to get it", async () => {
    const bare = join(folder, "bare");
    mkdirSync(bare);
    const { child, said } = start(["cache"], { PATH: bare });
    expect((await child).exitCode).toBe(undefined);
    expect(said()).toBe("");
    const node = join(bare, "node");
    symlinkSync(process.execPath, node);
    const missing = start(["cache"], { PATH: bare });
    expect((await missing.child).exitCode).toBe(1);
    expect(missing.said()).toMatch(
      /^`aws` \(the AWS CLI\) was not found\. .*\n`session-manager-plugin` \(the Session Manager plugin of the AWS CLI\) was not found\. /,
    );
  });
});

test("an ECS task is addressed by the runtime ID of its container", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ecs-"));
  const aws = join(folder, "aws");
  const task = (of: object) =>
    writeFileSync(aws, `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ tasks: [of] })}\nEND\n`);
  task({});
  chmodSync(aws, 0o755);
  const cli = { args: [], env: { PATH: `${folder}${delimiter}${process.env.PATH}` } };
  const id = "0123456789abcdef0123456789abcdef";
  const arn = `arn:aws:ecs:us-east-1:123456789012:task/apps/${id}`;
  const via = (name: string) => viaNamed(name, cli);
  await expect(via(`apps/${id}`)).rejects.toThrow("started without ECS Exec");
  const api = { name: "api", runtimeId: `${id}-1111111111` };
  task({ enableExecuteCommand: true, containers: [api] });
  const target = `ecs:apps_${id}_${api.runtimeId}`;
  expect(await via(`apps/${id}`)).toEqual({ target, name: `apps/${id}/api` });
  expect(await via(arn)).toEqual({ target, name: `apps/${id}/api` });
  expect(await via(target)).toEqual({ target, name: target });
  task({ enableExecuteCommand: true, containers: [api, { name: "proxy", runtimeId: `${id}-2` }] });
  await expect(via(`apps/${id}`)).rejects.toThrow("It has: api, proxy.");
  expect(await via(`${arn}/proxy`)).toMatchObject({ target: `ecs:apps_${id}_${id}-2` });
  rmSync(folder, { recursive: true });
});

/** As a state writes it. */
function typeOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return ["tuple", value.map(typeOf)];
  }
  if (typeof value === "object") {
    const entries = Object.entries(value as object);
    return ["object", Object.fromEntries(entries.map(([name, one]) => [name, typeOf(one)]))];
  }
  return { boolean: "bool", number: "number", string: "string" }[typeof value as "string"];
}
