import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { table } from "../../../cli/table";
import { Emulator } from "../../../emulator/emulator";
import { Terraform } from "../../../terraform/terraform";
import { urlencode } from "../../database-url";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const STACK = "news-api-dev-database";
const FOLDER = `cdktf.out/stacks/${STACK}`;

/** As state files list it, format version 4. */
interface StateResource {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: { readonly arn?: string } }[];
}

describeWithTerraform("the database's secrets, with real Terraform", () => {
  const project = new Project();
  const scratch = mkdtempSync(join(tmpdir(), "connection-"));
  const recording = join(scratch, "requests");
  let emulator: Emulator;
  let terraform: Terraform;
  let logs = "";

  beforeAll(async () => {
    // https://docs.getmoto.org/en/latest/docs/configuration/recorder/index.html
    emulator = await Emulator.start({
      env: { MOTO_ENABLE_RECORDING: "1", MOTO_RECORDER_FILEPATH: recording },
    });
    terraform = await Terraform.find();
    for (const environment of ["dev", "prod"]) {
      await emulator.createBucket(`news-api-${environment}-terraform-state`);
    }
  });

  afterAll(async () => {
    await emulator.stop();
    project.remove();
    rmSync(scratch, { recursive: true });
  });

  /** Runs a command line with what it needs to reach the emulator, and keeps what it printed. */
  async function run(line: string, extra: Record<string, string> = {}) {
    const env = { ...terraform.env, ...emulator.env, ...extra } as Record<string, string>;
    const result = await project.run(line, env);
    logs += result.stdout + result.stderr;
    return result;
  }

  async function succeeds(line: string, extra?: Record<string, string>): Promise<string> {
    const result = await run(line, extra);
    expect(result).toMatchObject({ exitCode: 0 });
    return result.stdout;
  }

  const tf = (args: string, extra?: Record<string, string>) =>
    succeeds(`terraform -chdir=${FOLDER} ${args}`, extra);

  /** What Secrets Manager holds for an address of the stack. */
  async function secretAt(address: string): Promise<string> {
    const state: { resources: StateResource[] } = JSON.parse(await tf("state pull"));
    const arn = state.resources.find(({ type, name }) => `${type}.${name}` === address)
      ?.instances[0]?.attributes.arn;
    const client = new SecretsManagerClient(emulator.clientConfig);
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    return String(SecretString);
  }

  const urlSecret = () => secretAt("aws_secretsmanager_secret.database_url");
  const passwordIn = (url: string) => decodeURIComponent(new URL(url).password);

  /** The passwords that RDS was asked to set, in order, with the call. */
  function passwordsAskedFor(): [action: string, password: string][] {
    return readFileSync(recording, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(
        ({ body, body_encoded }) =>
          new URLSearchParams(body_encoded ? Buffer.from(body, "base64").toString() : body),
      )
      .filter((form) => form.has("MasterUserPassword"))
      .map((form) => [String(form.get("Action")), String(form.get("MasterUserPassword"))]);
  }

  test("an apply that stops after the instance is completed by the next one, with the same password", async () => {
    await succeeds("npm run --silent synth");
    await tf("init -no-color");
    await tf("apply -no-color -auto-approve -target=aws_db_instance.database");
    const [[action, password] = []] = passwordsAskedFor();
    expect(action).toBe("CreateDBInstance");
    await tf("plan -no-color -out=saved.plan");
    await tf("apply -no-color saved.plan");
    const url = await urlSecret();
    expect(passwordIn(url)).toBe(password);
    expect(passwordIn(url)).toHaveLength(40);
    expect(await secretAt("aws_secretsmanager_secret.master_password")).toBe(password);
    expect(passwordsAskedFor()).toHaveLength(1);
  });

  test("the URL is whole: user, host, port, database and sslmode", async () => {
    const url = new URL(await urlSecret());
    const outputs = JSON.parse(await tf("output -json"));
    expect([url.protocol, url.username, url.hostname, url.port, url.pathname, url.search]).toEqual([
      "postgresql:",
      outputs.database_username.value,
      outputs.database_address.value,
      String(outputs.database_port.value),
      `/${outputs.database_name.value}`,
      "?sslmode=require",
    ]);
  });

  test("raising the version rotates the password and the URL, even if an apply stops in between", async () => {
    const before = await urlSecret();
    edit("recoveryWindowDays: 0", "recoveryWindowDays: 0, passwordVersion: 2");
    await succeeds("npm run --silent synth");
    await tf("apply -no-color -auto-approve -target=aws_db_instance.database");
    const [action, password] = passwordsAskedFor().at(-1) ?? [];
    expect(action).toBe("ModifyDBInstance");
    expect(password).not.toBe(passwordIn(before));
    expect(await urlSecret()).toBe(before);
    await tf("plan -no-color -out=saved.plan");
    await tf("apply -no-color saved.plan");
    expect(passwordIn(await urlSecret())).toBe(password);
    expect(passwordsAskedFor()).toHaveLength(2);
  });

  test("another sslmode is written, though Terraform cannot see the URL and the password stays", async () => {
    const before = await urlSecret();
    edit("passwordVersion: 2", 'passwordVersion: 2, sslMode: "verify-full"');
    await succeeds("npm run --silent synth");
    await tf("apply -no-color -auto-approve");
    expect(await urlSecret()).toBe(
      before.replace("sslmode=require", "sslmode=verify-full&sslrootcert=/certs/global-bundle.pem"),
    );
    expect(passwordsAskedFor()).toHaveLength(2);
  });

  test("a secret that is scheduled for deletion does not block a new one", async () => {
    const folder = "cdktf.out/stacks/news-api-prod-database";
    const secret = "aws_secretsmanager_secret.database_url";
    await succeeds(`terraform -chdir=${folder} init -no-color`);
    for (const command of ["apply", "destroy", "apply"]) {
      await succeeds(
        `terraform -chdir=${folder} ${command} -no-color -auto-approve -target=${secret}`,
      );
    }
    const client = new SecretsManagerClient(emulator.clientConfig);
    const { SecretList = [] } = await client.send(
      new ListSecretsCommand({ IncludePlannedDeletion: true }),
    );
    const urls = SecretList.filter(({ Name }) =>
      Name?.startsWith("news-api/prod/database/DATABASE_URL-"),
    );
    expect(urls.map(({ DeletedDate }) => DeletedDate !== undefined).sort()).toEqual([false, true]);
  });

  describe("npm run connection", () => {
    const connection = (args: string) => run(`npm run --silent connection -- ${args}`);

    test("says which stack has not been applied", async () => {
      const { exitCode, stdout, stderr } = await connection("dev");
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr.split("\n").at(-1)).toBe(
        "news-api-dev-cache has not been applied. Deploy it: npm run deploy -- news-api-dev-cache",
      );
    });

    test("gives ECS its entries, once both stacks are applied", async () => {
      const folder = "cdktf.out/stacks/news-api-dev-cache";
      await succeeds(`terraform -chdir=${folder} init -no-color`);
      await succeeds(`terraform -chdir=${folder} apply -no-color -auto-approve`);
      const { stdout } = await connection("dev --format ecs");
      expect(JSON.parse(stdout)).toEqual({
        secrets: [
          {
            name: "DATABASE_URL",
            valueFrom: expect.stringMatching(
              /^arn:aws:secretsmanager:us-east-1:123456789012:secret:news-api\/dev\/database\/DATABASE_URL-/,
            ),
          },
        ],
        environment: [
          { name: "REDIS_URL", value: expect.stringMatching(/^redis:\/\/[^/]+:6379$/) },
        ],
      });
    });

    test("shows a table, and every output as JSON", async () => {
      const { stdout } = await connection("news-api-dev");
      expect(stdout).toMatch(/│ variable\s+│ value, or the location of the secret\s+│/);
      expect(stdout).toMatch(/│ DATABASE_URL │ arn:aws:secretsmanager:\S+ │/);
      expect(stdout).toMatch(/│ REDIS_URL\s+│ redis:\S+\s+│/);
      const { database, cache } = JSON.parse((await connection("dev --format json")).stdout);
      expect(database).toMatchObject({ database_port: 5432, database_username: "newsadmin" });
      expect(cache.redis_url).toBe(`redis://${cache.cache_address}:6379`);
    });

    test("tests the URLs, and reports that the emulator's addresses do not resolve", async () => {
      const { exitCode, stdout } = await connection("dev --test --json");
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout).stores[0]).toMatchObject({
        variable: "DATABASE_URL",
        checks: [{ name: expect.stringMatching(/^(DNS|CA bundle)$/), passed: false }],
      });
    });

    test("prints the one command that runs the test in the application's network", async () => {
      const refused = await connection("dev --test --from task");
      expect(refused.stderr).toContain("Set executionRoleName in the environment dev and apply.");
      edit('region: "us-east-1",', 'region: "us-east-1", executionRoleName: "news-api-execution",');
      const { stdout, stderr } = await connection("dev --test --from task --cluster news");
      expect(stdout).toMatch(
        /^aws ecs run-task --region us-east-1 --cluster news --launch-type FARGATE .*--cli-input-json file:\/\/cdktf.out\/news-api-dev-connection-test.json .*\)"$/,
      );
      expect(stderr).toContain("aws logs tail /ecs/news-api-dev-connection-test");
      const [container] = JSON.parse(
        project.read("cdktf.out/news-api-dev-connection-test.json"),
      ).containerDefinitions;
      expect(container.secrets.map(({ name }: { name: string }) => name)).toEqual(["DATABASE_URL"]);
      edit(' executionRoleName: "news-api-execution",', "");
    });

    test("reveals the values only with --reveal, and writes them only to the named file", async () => {
      const kept = logs;
      const refused = await connection("dev --format dotenv");
      expect(refused).toEqual({
        exitCode: 1,
        stdout: "",
        stderr:
          "dotenv prints the password. If that is what you want: --format dotenv --reveal --out .env",
      });
      const { stdout } = await connection("dev --format dotenv --reveal");
      const { cache } = JSON.parse((await connection("dev --format json")).stdout);
      expect(stdout).toBe(`DATABASE_URL='${await urlSecret()}'\nREDIS_URL='${cache.redis_url}'`);
      const redirected = await connection(`dev --format dotenv --reveal > ${scratch}/redirected`);
      expect(redirected.exitCode).toBe(1);
      expect(redirected.stderr).toContain(
        "The output goes to a file. Name the file with --out, so that the command can check that git ignores it.",
      );
      // What was asked to be revealed is no leak.
      logs = kept;
    });

    test("knows the environments", async () => {
      expect(await connection("staging")).toEqual({
        exitCode: 1,
        stdout: "",
        stderr:
          'There is no environment "staging". Use one of these:\n  news-api-dev\n  news-api-prod',
      });
    });
  });

  test("a switch to RDS's own credentials can be planned on what is applied", async () => {
    const text = project.read("environments/dev.ts");
    const managed = text.replace(/credentials: \{[^}]*\}/, 'credentials: { kind: "rds-managed" }');
    expect(managed).not.toBe(text);
    writeFileSync(project.path("environments/dev.ts"), managed);
    await succeeds("npm run --silent synth");
    const planned = await tf("plan -no-color");
    writeFileSync(project.path("environments/dev.ts"), text);
    await succeeds("npm run --silent synth");
    expect(planned).toMatch(/\+ manage_master_user_password\s+= true/);
  });

  test("no password is anywhere but in Secrets Manager", async () => {
    const plan = await tf("show -json saved.plan");
    const state = await tf("state pull");
    await succeeds(`python3 -m zipfile -e ${FOLDER}/saved.plan ${join(scratch, "plan")}`);
    const places = {
      "state in S3": state,
      "plan as JSON": plan,
      "saved plan, unzipped": textBelow(join(scratch, "plan")),
      "synthesized JSON": project.read(FOLDER, "cdk.tf.json"),
      "Terraform's working folder": textBelow(project.path(FOLDER), ["providers"]),
      "what was printed": logs,
    };
    const passwords = passwordsAskedFor().map(([, password]) => password);
    expect(passwords).toHaveLength(2);
    const rows = Object.entries(places).map(([place, text]) => [place, ...hits(passwords, text)]);
    const head = ["place", ...FORMS.map(([form]) => form)];
    process.stdout.write(
      `Hits of ${passwords.length} passwords:\n${table(
        head,
        rows.map((row) => row.map(String)),
      )}\n`,
    );
    expect(rows).toEqual(Object.keys(places).map((place) => [place, ...FORMS.map(() => 0)]));
    // The scan finds what is there.
    const [secret = ""] = passwords;
    const everyForm = FORMS.flatMap(([, of]) => of(secret)).join("\n");
    expect(hits(passwords, everyForm).every((count) => count > 0)).toBe(true);
  });

  function edit(from: string, to: string): void {
    const text = project.read("environments/dev.ts");
    expect(text).toContain(from);
    writeFileSync(project.path("environments/dev.ts"), text.replace(from, to));
  }
});

/** Base64 of a text that starts one or two bytes into a group has other letters: look for each. */
function base64(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("x".repeat(shift) + text).toString("base64");
    return encoded.slice(shift === 0 ? 0 : 4, -4);
  });
}

const FORMS: readonly (readonly [string, (password: string) => string[]])[] = [
  ["raw", (password) => [password]],
  ["in JSON", (password) => [JSON.stringify(password).slice(1, -1)]],
  ["percent-encoded", (password) => [urlencode(password)]],
  ["base64", base64],
];

/** How often any of the passwords is in a text, in each form. */
function hits(passwords: readonly string[], text: string): number[] {
  expect(text.length).toBeGreaterThan(0);
  return FORMS.map(([, of]) =>
    passwords
      .flatMap((password) => of(password))
      .reduce((sum, needle) => sum + text.split(needle).length - 1, 0),
  );
}

/** The text of every file below a folder, but for the folders named. */
function textBelow(folder: string, except: readonly string[] = []): string {
  return readdirSync(folder)
    .filter((name) => !except.includes(name))
    .map((name) => join(folder, name))
    .map((path) =>
      statSync(path).isDirectory() ? textBelow(path, except) : readFileSync(path, "latin1"),
    )
    .join("\n");
}
