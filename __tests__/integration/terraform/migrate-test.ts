import { existsSync, readFileSync } from "node:fs";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { Emulator } from "../../../emulator/emulator";
import { Terraform } from "../../../terraform/terraform";
import { describeWithTerraform } from "../describe-with-terraform";
import { Postgres } from "../postgres";
import { Project } from "../project";
import { Redis } from "../redis";

jest.setTimeout(1_200_000);

const PASSWORD = "YourSecurePassword123!";

/** The chapter's "Migrating data from local to RDS", with one command. */
describeWithTerraform("npm run migrate", () => {
  const project = new Project();
  let emulator: Emulator;
  let terraform: Terraform;
  let local: Postgres;
  let rds: Postgres;
  let caches: Redis[];

  beforeAll(async () => {
    [emulator, local, rds] = await Promise.all([
      Emulator.start(),
      Postgres.start(["-c", "wal_level=logical"]),
      Postgres.start(),
    ]);
    caches = await Promise.all([Redis.start(), Redis.start()]);
    terraform = await Terraform.find();
    await query(local, "postgres", `CREATE ROLE newsuser LOGIN PASSWORD '${PASSWORD}'`);
    await query(local, "postgres", "CREATE DATABASE newsdb OWNER newsuser");
    await query(
      local,
      "newsdb",
      `
      CREATE TABLE article (id serial PRIMARY KEY, title text NOT NULL);
      INSERT INTO article (title) SELECT 'Article ' || i FROM generate_series(1, 1000) i;
      CREATE TABLE api_key (key uuid PRIMARY KEY DEFAULT gen_random_uuid(), article integer REFERENCES article);
      INSERT INTO api_key (article) SELECT 1 FROM generate_series(1, 10);
      ALTER TABLE article OWNER TO newsuser; ALTER TABLE api_key OWNER TO newsuser`,
    );
    await query(
      rds,
      "postgres",
      `CREATE ROLE newsadmin LOGIN CREATEDB CREATEROLE PASSWORD '${PASSWORD}'`,
    );
    await query(rds, "postgres", "CREATE DATABASE news OWNER newsadmin");
    await putStates();
  });

  afterAll(async () => {
    project.remove();
    await Promise.all([emulator, local, rds, ...caches].map((server) => server.stop()));
  });

  async function query(server: Postgres, database: string, text: string) {
    const client = new Client({
      ...{ host: "127.0.0.1", port: server.port, database },
      ...{ user: "postgres", password: server.password },
    });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  /** The states of the dev environment, whose stores are the servers of this test. */
  async function putStates(): Promise<void> {
    const secrets = new SecretsManagerClient(emulator.clientConfig);
    const url = `postgresql://newsadmin:${encodeURIComponent(PASSWORD)}@localhost:${rds.port}/news?sslmode=verify-full&sslrootcert=/certs/global-bundle.pem`;
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: "url", SecretString: url }));
    const Bucket = "news-api-dev-terraform-state";
    await emulator.createBucket(Bucket);
    const s3 = new S3Client({ ...emulator.clientConfig, forcePathStyle: true });
    const put = async (store: string, ecs_secrets: object[], ecs_environment: object[]) => {
      const type = ["tuple", [["object", { name: "string", valueFrom: "string" }]]];
      const environmentType = ["tuple", [["object", { name: "string", value: "string" }]]];
      const outputs = {
        ecs_secrets: { value: ecs_secrets, type: ecs_secrets.length > 0 ? type : ["tuple", []] },
        ecs_environment: {
          value: ecs_environment,
          type: ecs_environment.length > 0 ? environmentType : ["tuple", []],
        },
      };
      const Body = JSON.stringify({
        ...{ version: 4, terraform_version: "1.11.0", serial: 1, lineage: store, outputs },
        resources: [],
      });
      await s3.send(new PutObjectCommand({ Bucket, Key: `news-api/dev/${store}.tfstate`, Body }));
    };
    await put("database", [{ name: "DATABASE_URL", valueFrom: ARN }], []);
    await put("cache", [], [{ name: "REDIS_URL", value: `redis://127.0.0.1:${caches[1]?.port}` }]);
  }

  async function migrate(args: string, env: Record<string, string> = {}) {
    const all = { ...terraform.env, ...emulator.env, ...env } as Record<string, string>;
    return await project.run(`npm run --silent migrate -- dev ${args}`, all);
  }

  const source = () => `postgresql://newsuser@127.0.0.1:${local.port}/newsdb`;

  test("refuses a password in the arguments, and repeats it nowhere", async () => {
    const { exitCode, stdout, stderr } = await migrate(
      `--from postgresql://newsuser:${encodeURIComponent(PASSWORD)}@127.0.0.1/newsdb`,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("--from holds a password, which everyone on this machine can read");
    expect(stderr).not.toContain("Secure");
  });

  test("reports a missing CA bundle and the blocking findings, and changes nothing", async () => {
    const env = { PGPASSWORD: PASSWORD };
    expect((await migrate(`--from ${source()}`, env)).stderr).toContain(
      "There is no CA bundle at /certs/global-bundle.pem. Download it and name it with --ca:",
    );
    await query(rds, "news", "CREATE TABLE leftover ()");
    const writer = new Client({
      host: "127.0.0.1",
      port: local.port,
      database: "newsdb",
      user: "postgres",
      password: local.password,
    });
    await writer.connect();
    const { exitCode, stdout } = await migrate(
      `--from ${source()} --ca ${rds.rootCertificate}`,
      env,
    );
    await writer.end();
    await query(rds, "news", "DROP TABLE leftover");
    expect(exitCode).toBe(3);
    expect(stdout).toContain("refused  target: it is not empty: public.leftover.");
    // Though newsuser sees little of the sessions of others.
    expect(stdout).toContain("refused  writers: postgres may write");
    expect(stdout).toContain("Nothing was migrated. Fix every refused finding");
    expect(existsSync(project.path("migration.out"))).toBe(false);
  });

  test("moves the local database, and says that both sides agree", async () => {
    const SOURCE_URL = source().replace("newsuser", `newsuser:${encodeURIComponent(PASSWORD)}`);
    const done = await migrate(
      `--from SOURCE_URL --read-only --ca ${rds.rootCertificate} --format html --out report.html`,
      { SOURCE_URL },
    );
    expect(done).toMatchObject({ exitCode: 0, stdout: "Both sides agree. report.html" });
    expect(done.stderr).toContain("Copy the tables");
    expect(done.stderr).not.toContain("Secure");
    const report = readFileSync(project.path("report.html"), "utf8");
    expect(report).toContain(
      "<td>public.article</td><td>1000 rows</td><td>1000 rows</td><td>ok</td>",
    );
    expect(report).not.toMatch(/<script|Secure/);
    const { rows } = await query(
      rds,
      "news",
      "SELECT tableowner, count(*)::int FROM pg_tables WHERE schemaname = 'public' GROUP BY 1",
    );
    expect(rows).toEqual([{ tableowner: "newsadmin", count: 2 }]);
    expect(existsSync(project.path("migration.out", "news-api-dev-database"))).toBe(false);
  });

  test("follows the local database, and cuts over", async () => {
    await query(local, "newsdb", "ALTER DATABASE newsdb RESET default_transaction_read_only");
    await query(
      local,
      "newsdb",
      "ALTER ROLE newsuser REPLICATION; GRANT pg_signal_backend TO newsuser",
    );
    // RDS lets its master user subscribe; PostgreSQL 15 lets superusers.
    await query(rds, "news", "ALTER ROLE newsadmin SUPERUSER");
    await query(
      rds,
      "news",
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    );
    const SOURCE_URL = source().replace("newsuser", `newsuser:${encodeURIComponent(PASSWORD)}`);
    const arguments_ = `--from SOURCE_URL --ca ${rds.rootCertificate}`;
    const followed = await migrate(`${arguments_} --follow`, { SOURCE_URL });
    expect(followed.exitCode).toBe(0);
    expect(followed.stdout).toContain("The target follows the source.\nThe target is behind by ");
    await query(local, "newsdb", "INSERT INTO article (title) VALUES ('late')");
    const moved = await migrate(`${arguments_} --cut-over --format json`, { SOURCE_URL });
    expect(moved.exitCode).toBe(0);
    const report = JSON.parse(moved.stdout);
    expect(report).toMatchObject({ verdict: "agrees", refusedSeconds: expect.any(Number) });
    expect(report.next[1]).toMatch(
      /^The new URL is DATABASE_URL in arn:aws:secretsmanager:.*:secret:url-/,
    );
    const { rows } = await query(rds, "news", "SELECT title FROM article WHERE id = 1001");
    expect(rows).toEqual([{ title: "late" }]);
    expect((await migrate(`${arguments_} --stop-following`, { SOURCE_URL })).exitCode).toBe(0);
    expect(followed.stdout + followed.stderr + moved.stdout + moved.stderr).not.toContain("Secure");
  });

  test("refuses options that conflict", async () => {
    const { exitCode, stderr } = await migrate(`--from ${source()} --follow --read-only`);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "error: option '--follow' cannot be used with option '--read-only'",
    });
    expect((await migrate("--from redis://localhost --cut-over")).stderr).toBe(
      "--from is a cache. Remove the options for databases: --cut-over.",
    );
    expect((await migrate(`--from ${source()} --follow --source-address db`)).stderr).toContain(
      "Use HOST:PORT.",
    );
  });

  test("moves the local cache", async () => {
    const from = `redis://127.0.0.1:${caches[0]?.port}`;
    expect((await migrate(`--from ${from} --jobs 2 --schema-only`)).stderr).toBe(
      "--from is a cache. Remove the options for databases: --jobs, --schema-only.",
    );
    const { exitCode, stdout } = await migrate(`--from ${from} --format json`);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ environment: "news-api-dev", store: "cache", source: from, verdict: "agrees" },
    });
  });

  test("lists the data stores to choose from", async () => {
    expect((await migrate("--from redis://localhost --store other")).stderr).toBe(
      "dev has no cache named other. Name one with --store: cache.",
    );
  });
});
