import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import execa from "execa";
import { dotenv, writeSecretFile } from "../../commands/dotenv";
import { Emulator } from "../../rehearsal/emulator";
import { describeWithTerraform } from "./describe-with-terraform";

jest.setTimeout(60_000);

describe("a file with secrets", () => {
  const repository = mkdtempSync(join(tmpdir(), "dotenv-"));
  const path = (name: string) => join(repository, name);

  beforeAll(async () => {
    await execa("git", ["init", "--quiet"], { cwd: repository });
    writeFileSync(path(".gitignore"), ".env*\n");
    writeFileSync(path(".env.tracked"), "old");
    await execa("git", ["add", "--force", ".env.tracked"], { cwd: repository });
  });

  afterAll(() => rmSync(repository, { recursive: true }));

  test("is written where git ignores it, for its owner only", () => {
    writeFileSync(path(".env"), "old", { mode: 0o644 });
    writeSecretFile("NEW='1'\n", path(".env"));
    expect(readFileSync(path(".env"), "utf8")).toBe("NEW='1'\n");
    expect(statSync(path(".env")).mode & 0o777).toBe(0o600);
  });

  test.each(["secrets.txt", ".env.tracked"])(
    "is not written to %s, which git tracks or would",
    (name) => {
      const before = existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined;
      expect(() => writeSecretFile("NEW='1'\n", path(name))).toThrow(
        `git would track ${path(name)}. Add it to .gitignore, or write to a folder outside the repository.`,
      );
      expect(existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined).toBe(before);
    },
  );

  test("is written outside any repository", () => {
    const folder = mkdtempSync(join(tmpdir(), "outside-"));
    writeSecretFile("NEW='1'\n", join(folder, "secrets"));
    expect(readFileSync(join(folder, "secrets"), "utf8")).toBe("NEW='1'\n");
    rmSync(folder, { recursive: true });
  });

  test("needs a folder that is there", () => {
    expect(() => writeSecretFile("NEW='1'\n", path("nowhere/.env"))).toThrow(
      `There is no folder ${path("nowhere")}. Make it, or name another file.`,
    );
  });
});

describeWithTerraform("dotenv", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await Emulator.start();
    Object.assign(process.env, emulator.env);
  });

  afterAll(() => emulator.stop());

  test("fetches whole secrets, keys of secrets and parameters", async () => {
    const secrets = new SecretsManagerClient({});
    const create = async (Name: string, SecretString: string) =>
      String((await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN);
    const url = await create("news-api/dev/DATABASE_URL-1", "postgresql://a:b%27@c:5432/d");
    const managed = await create("rds!db-1", JSON.stringify({ username: "newsadmin" }));
    const redis = "rediss://cache:6379";
    await new SSMClient({}).send(
      new PutParameterCommand({ Name: "/news-api/dev/REDIS_URL", Value: redis, Type: "String" }),
    );
    const text = await dotenv({
      secrets: [
        { name: "DATABASE_URL", valueFrom: url },
        { name: "DATABASE_USER", valueFrom: `${managed}:username::` },
        {
          name: "REDIS_URL",
          valueFrom: "arn:aws:ssm:us-east-1:123456789012:parameter/news-api/dev/REDIS_URL",
        },
      ],
      environment: [{ name: "DATABASE_PORT", value: "5432" }],
    });
    expect(text).toBe(
      "DATABASE_URL='postgresql://a:b%27@c:5432/d'\n" +
        "DATABASE_USER='newsadmin'\n" +
        "REDIS_URL='rediss://cache:6379'\n" +
        "DATABASE_PORT='5432'\n",
    );
  });

  test("a secret that may not be read is one clear message", async () => {
    const valueFrom = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-abcdef";
    await expect(
      dotenv({ secrets: [{ name: "DATABASE_URL", valueFrom }], environment: [] }),
    ).rejects.toThrow(
      `The value of DATABASE_URL cannot be read: Secrets Manager can't find the specified secret. It is ${valueFrom}: log in as somebody who may read it.`,
    );
  });
});
