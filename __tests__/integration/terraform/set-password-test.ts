import { writeFileSync } from "node:fs";
import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import execa from "execa";
import { findPython } from "../../../emulator/python";
import { MINIMAL } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { ExistingAccount, NOTHING } from "../existing-account";

jest.setTimeout(1_200_000);

const NAME = "news-api/live/database/existing-password";
const STACK = "news-api-live-database";
/** A space, every character that a URL reserves, and one beyond ASCII: RDS would refuse it, SQL does not. */
const FIRST = String.raw`by hand: /?#[]@!$&'()*+,;="%20\é`;
const SECOND = "another+by%hand#2";
/** What must be in no plan and no state: parts of both, in clear or encoded. */
const PASSWORDS = /by.hand:|by%20hand|by\+hand|another.by|another%2Bby/;

describeWithTerraform("npm run connection -- ENV --set-password-from-stdin", () => {
  let account: ExistingAccount;
  let secrets: SecretsManagerClient;

  beforeAll(async () => {
    account = await ExistingAccount.start();
    secrets = new SecretsManagerClient(account.emulator.clientConfig);
    await new RDSClient(account.emulator.clientConfig).send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: "news-api-db",
        DBInstanceClass: "db.t4g.micro",
        Engine: "postgres",
        EngineVersion: "15.10",
        AllocatedStorage: 20,
        MasterUsername: "newsadmin",
        MasterUserPassword: "not-a-password",
      }),
    );
    await account.emulator.createBucket("news-api-live-terraform-state");
    await account.run("adopt -- live --database news-api-db");
    await account.run(`deploy -- ${STACK} --auto-approve`);
    account.removeAdopted("live");
  });

  afterAll(() => account.stop());

  const environment = () => ({ ...process.env, ...account.emulator.env, FORCE_COLOR: "0" });

  /** The command with something on its standard input, as a pipe gives it. */
  async function setPassword(input: string | Buffer, args = "live") {
    const line = `npm run --silent connection -- ${args} --set-password-from-stdin`;
    const { exitCode, stdout, stderr } = await execa("bash", ["-c", line], {
      cwd: account.project.folder,
      env: environment(),
      input,
      reject: false,
    });
    return { exitCode, stdout, stderr };
  }

  async function secretValue(SecretId: string): Promise<string | undefined> {
    return (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  }

  async function databaseUrl(): Promise<string> {
    const prefix = "news-api/live/database/DATABASE_URL-";
    const { SecretList: [url] = [] } = await secrets.send(
      new ListSecretsCommand({ Filters: [{ Key: "name", Values: [prefix] }] }),
    );
    return String(await secretValue(url?.ARN ?? ""));
  }

  const passwordInUrl = async () => decodeURIComponent(new URL(await databaseUrl()).password);

  async function hasSecret(): Promise<boolean> {
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
    return SecretList.some(({ Name }) => Name === NAME);
  }

  /** The plan and the state, in which no password may be. */
  async function written(): Promise<string> {
    const folder = `cdktf.out/stacks/${STACK}`;
    const { stdout: plan } = await account.project.run(
      `terraform -chdir=${folder} show -json saved.plan && terraform -chdir=${folder} state pull`,
      account.emulator.env,
    );
    expect(plan).toContain("aws_secretsmanager_secret_version");
    return plan;
  }

  test.each<[string, string | Buffer, string]>([
    ["nothing", "", "The password is empty. Enter one line, or pipe it. Nothing was written."],
    [
      "an empty line",
      "\n",
      "The password is empty. Enter one line, or pipe it. Nothing was written.",
    ],
    [
      "two lines",
      "one\ntwo\n",
      "The password has a line break or a NUL character. Enter one line, or pipe it. Nothing was written.",
    ],
    [
      "bytes that are no text",
      Buffer.from([0xff, 0xfe, 0x61]),
      "The password is not UTF-8 text. Nothing was written.",
    ],
    [
      "more than a secret holds",
      "x".repeat(65_537),
      "The password is longer than 65536 bytes, which Secrets Manager does not store. Nothing was written.",
    ],
  ])("refuses %s", async (_, input, message) => {
    const { exitCode, stdout, stderr } = await setPassword(input);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: "", stderr: message });
    expect(await hasSecret()).toBe(false);
  });

  test.each<[string, string]>([
    [
      "live --test",
      "--set-password-from-stdin stores a password and does nothing else. Leave out --test and --format.",
    ],
    [
      "live --format json",
      "--set-password-from-stdin stores a password and does nothing else. Leave out --test and --format.",
    ],
    ["live --store cache", "live has no database named cache. Name one with --store: database."],
    ["two", "two has more than one database. Name one with --store: orders, users."],
    [
      "two --store orders",
      'The database orders has credentials of kind "secret". Terraform generates and stores its password: raise credentials.passwordVersion to change it. Only kind "existing" takes your own password.',
    ],
    [
      "two --store users",
      "The credentials of users name a secret of yours, arn:aws:secretsmanager:us-east-1:123456789012:secret:by-hand-AbCdEf. Store the password there and raise passwordVersion, or remove passwordSecretArn first.",
    ],
    [
      "other",
      "The credentials belong to the account 123456789012, but other is in 210987654321. Log in to 210987654321.",
    ],
  ])("refuses %s before it reads anything", async (args, message) => {
    const { cache: _, database, ...settings } = MINIMAL;
    const write = (name: string, more: object) =>
      writeFileSync(
        account.project.path("environments", `${name}.json`),
        JSON.stringify({
          ...settings,
          name,
          stateBucket: { name: `news-${name}-states` },
          ...more,
        }),
      );
    const passwordSecretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:by-hand-AbCdEf";
    write("two", {
      databases: {
        orders: { ...database, identifier: "orders" },
        users: {
          ...{ ...database, identifier: "users", existing: true },
          credentials: { kind: "existing", passwordSecretArn },
        },
      },
    });
    write("other", {
      account: "210987654321",
      database: {
        ...{ ...database, identifier: "other", existing: true },
        credentials: { kind: "existing" },
      },
    });
    expect(await setPassword(FIRST, args)).toEqual({ exitCode: 1, stdout: "", stderr: message });
    expect(await hasSecret()).toBe(false);
  });

  test("stores the password in a secret; named in the settings, it makes the URL", async () => {
    const { exitCode, stdout, stderr } = await setPassword(`${FIRST}\n`);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `Warning: RDS accepts only a master password of 8 to 128 printable ASCII characters without /, @, " or spaces. Make sure that you entered the password of newsadmin.`,
    });
    const { ARN = "", Tags } = await secrets.send(new DescribeSecretCommand({ SecretId: NAME }));
    expect(Tags).toEqual([
      { Key: "app", Value: "news-api" },
      { Key: "environment", Value: "live" },
    ]);
    expect(await secretValue(ARN)).toBe(FIRST);
    const setting = `credentials: { kind: "existing", passwordSecretArn: "${ARN}" },`;
    expect(stdout).toBe(
      [
        "Stored the password of newsadmin in a new secret:",
        `  ${ARN}`,
        "Next, set in the database database:",
        `  ${setting}`,
        "Then apply, restart the application, and test whether the database accepts the password:",
        `  npm run deploy -- ${STACK}`,
        "  npm run connection -- live --test",
      ].join("\n"),
    );
    account.edit("live", 'kind: "existing",', `kind: "existing", passwordSecretArn: "${ARN}",`);
    expect(await account.plan(STACK)).toEqual({
      ...NOTHING,
      created: [
        "aws_secretsmanager_secret.database_url",
        "aws_secretsmanager_secret_version.database_url",
        "terraform_data.database_url_shape",
      ],
    });
    await account.run(`deploy -- ${STACK} --auto-approve`);
    expect(await passwordInUrl()).toBe(FIRST);
    expect(await account.plan(STACK)).toEqual(NOTHING);
    expect(await written()).not.toMatch(PASSWORDS);
    const { stdout: controls } = await account.tryRun("controls -- live --json");
    expect(JSON.parse(controls).controls).toContainEqual(
      expect.objectContaining({ id: "MDS.3", status: "met" }),
    );
  });

  test("another password is a new version of the secret; passwordVersion writes the URL again", async () => {
    const { exitCode, stdout, stderr } = await setPassword(`${SECOND}\r\n`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { ARN = "" } = await secrets.send(new DescribeSecretCommand({ SecretId: NAME }));
    expect(await secretValue(ARN)).toBe(SECOND);
    const { Versions = [] } = await secrets.send(
      new ListSecretVersionIdsCommand({ SecretId: ARN }),
    );
    expect(Versions.map(({ VersionStages }) => VersionStages).sort()).toEqual([
      ["AWSCURRENT"],
      ["AWSPREVIOUS"],
    ]);
    // Terraform compares no secret values.
    expect(await account.plan(STACK)).toEqual(NOTHING);
    const setting = `credentials: { kind: "existing", passwordSecretArn: "${ARN}", passwordVersion: 2 },`;
    expect(stdout).toContain(`in a new version of the secret:\n  ${ARN}\n`);
    expect(stdout).toContain(`\n  ${setting}\n`);
    account.edit("live", `"${ARN}",`, `"${ARN}", passwordVersion: 2,`);
    const { imported, created, other } = await account.plan(STACK);
    expect({ imported, created, other: other.map((one) => one.split(" ").slice(0, 2)) }).toEqual({
      imported: [],
      created: [],
      other: [
        ["aws_secretsmanager_secret_version.database_url", "delete,create"],
        ["terraform_data.database_url_shape", "delete,create"],
      ],
    });
    await account.run(`deploy -- ${STACK} --auto-approve`);
    expect(await passwordInUrl()).toBe(SECOND);
    expect(await account.plan(STACK)).toEqual(NOTHING);
    expect(await written()).not.toMatch(PASSWORDS);
  });

  test("a secret that is scheduled for deletion is restored first", async () => {
    await secrets.send(new DeleteSecretCommand({ SecretId: NAME, RecoveryWindowInDays: 7 }));
    expect(await setPassword(FIRST)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `The secret ${NAME} is scheduled for deletion. Restore it: aws secretsmanager restore-secret --secret-id ${NAME}`,
    });
    await secrets.send(new RestoreSecretCommand({ SecretId: NAME }));
    expect(await secretValue(NAME)).toBe(SECOND);
  });

  test("at a terminal, the command prompts without an echo", async () => {
    const typed = "typed by hand";
    const { python } = await findPython(account.project.folder, () => {});
    const { stdout, exitCode } = await execa(python, ["-c", TERMINAL, typed], {
      cwd: account.project.folder,
      env: environment(),
      reject: false,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Password of newsadmin: ");
    expect(stdout).toContain("in a new version of the secret:");
    expect(stdout).not.toContain("typed by");
    expect(await secretValue(NAME)).toBe(typed);
    const stopped = await execa(python, ["-c", TERMINAL, "\x03"], {
      cwd: account.project.folder,
      env: environment(),
      reject: false,
    });
    expect(stopped.exitCode).toBe(1);
    expect(stopped.stdout).toContain("Stopped. Nothing was written.");
    expect(await secretValue(NAME)).toBe(typed);
  });
});

/** Runs the command in a pseudo-terminal, types the argument at the prompt, and prints what the terminal shows. */
const TERMINAL = `
import os, pty, sys
command = "npm run --silent connection -- live --set-password-from-stdin".split()
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown = b""
typed = False
while True:
    try:
        part = os.read(terminal, 1024)
    except OSError:
        break
    if not part:
        break
    shown += part
    if not typed and b"newsadmin: " in shown:
        typed = True
        os.write(terminal, sys.argv[1].encode() + b"\\r")
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;
