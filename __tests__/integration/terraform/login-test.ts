import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import fc from "fast-check";
import { Client, escapeLiteral } from "pg";
import { DatabaseStack } from "../../../stacks/database-stack";
import { filledIn, passwords, urlencode } from "../../database-url";
import { synthesized } from "../../synthesized";
import { describeWithTerraform } from "../describe-with-terraform";
import { Postgres } from "../postgres";

jest.setTimeout(1_200_000);

const LOGINS = 200;
const LIBPQ_LOGINS = 20;

/** The URL that the settings make, for the server that the test started. */
function urlWith(credentials: object): string {
  const { resource } = synthesized(DatabaseStack, { "database.credentials": credentials });
  return String(resource.aws_secretsmanager_secret_version?.database_url?.secret_string_wo);
}

describe("real logins by URL", () => {
  let server: Postgres;
  let admin: Client;

  beforeAll(async () => {
    server = await Postgres.start();
    const { port, password } = server;
    admin = new Client({ host: "127.0.0.1", port, user: "postgres", password });
    await admin.connect();
    await admin.query("CREATE ROLE newsadmin LOGIN");
  });

  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  async function setPassword(password: string): Promise<void> {
    await admin.query(`ALTER ROLE newsadmin PASSWORD ${escapeLiteral(password)}`);
  }

  test(`${LOGINS} passwords log in with pg, which verifies the server`, async () => {
    const url = urlWith({
      kind: "secret",
      sslMode: "verify-full",
      sslRootCertificate: server.rootCertificate,
    });
    let logins = 0;
    for (const password of fc.sample(passwords, LOGINS)) {
      await setPassword(password);
      const connectionString = filledIn(url, { password, host: "127.0.0.1", port: server.port });
      const client = new Client({ connectionString });
      await client.connect();
      const { rows } = await client.query(
        "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      );
      await client.end();
      expect(rows).toEqual([{ current_user: "newsadmin", ssl: true }]);
      logins++;
    }
    process.stdout.write(`${logins} real logins with pg succeeded\n`);
    expect(logins).toBe(LOGINS);
  });

  test(`${LIBPQ_LOGINS} passwords log in with psql, encrypted`, async () => {
    const url = urlWith({ kind: "secret" });
    let logins = 0;
    for (const password of fc.sample(passwords, LIBPQ_LOGINS)) {
      await setPassword(password);
      const filled = filledIn(url, { password, host: "127.0.0.1", port: server.port });
      const { stdout } = await execa("psql", [filled, "-Atc", "SELECT current_user"]);
      expect(stdout).toBe("newsadmin");
      logins++;
    }
    process.stdout.write(`${logins} real logins with psql succeeded\n`);
    expect(logins).toBe(LIBPQ_LOGINS);
  });

  test("a wrong password does not log in", async () => {
    await setPassword("right-password");
    const url = filledIn(urlWith({ kind: "secret" }), {
      password: "wrong-password",
      host: "127.0.0.1",
      port: server.port,
    });
    const { exitCode, stderr } = await execa("psql", [url, "-c", "SELECT 1"], { reject: false });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("password authentication failed");
  });
});

describeWithTerraform("Terraform's own urlencode", () => {
  test("is what these tests take it for", async () => {
    const folder = mkdtempSync(join(tmpdir(), "urlencode-"));
    const sample = fc.sample(passwords, 300);
    const literals = sample.map((text) => JSON.stringify(text).replace(/([$%])\{/g, "$1$1{"));
    const { stdout } = await execa("terraform", [`-chdir=${folder}`, "console"], {
      input: `jsonencode([for text in [${literals.join(", ")}] : urlencode(text)])\n`,
    });
    rmSync(folder, { recursive: true });
    expect(JSON.parse(JSON.parse(stdout))).toEqual(sample.map(urlencode));
  });
});
