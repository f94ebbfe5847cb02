import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { credentialsOf } from "../../../cli/aws-credentials";
import { dotenv } from "../../../cli/dotenv-file";
import { Emulator } from "../../../emulator/emulator";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

describeWithTerraform("dotenv", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await Emulator.start();
    Object.assign(process.env, emulator.env);
  });

  afterAll(() => emulator.stop());

  test("fetches whole secrets and keys of secrets, and keeps plain values", async () => {
    const secrets = new SecretsManagerClient({});
    const create = async (Name: string, SecretString: string) =>
      String((await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN);
    const url = await create("news-api/dev/DATABASE_URL-1", "postgresql://a:b%27@c:5432/d");
    const managed = await create("rds!db-1", JSON.stringify({ username: "newsadmin" }));
    const text = await dotenv(
      {
        secrets: [
          { name: "DATABASE_URL", valueFrom: url },
          { name: "DATABASE_USER", valueFrom: `${managed}:username::` },
        ],
        environment: [
          { name: "DATABASE_PORT", value: "5432" },
          { name: "REDIS_URL", value: "rediss://cache:6379" },
        ],
      },
      {},
    );
    expect(text).toBe(
      "DATABASE_URL='postgresql://a:b%27@c:5432/d'\n" +
        "DATABASE_USER='newsadmin'\n" +
        "DATABASE_PORT='5432'\n" +
        "REDIS_URL='rediss://cache:6379'\n",
    );
  });

  test("reads the secrets of another account with the environment's role", async () => {
    const assumeRole = { roleArn: "arn:aws:iam::222222222222:role/terraform" };
    const credentials = credentialsOf({ assumeRole });
    const theirs = new SecretsManagerClient({ credentials });
    const Name = "news-api/prod/database/DATABASE_URL-1";
    const { ARN = "" } = await theirs.send(
      new CreateSecretCommand({ Name, SecretString: "postgresql://theirs" }),
    );
    expect(ARN).toContain(":222222222222:");
    const entries = { secrets: [{ name: "DATABASE_URL", valueFrom: ARN }], environment: [] };
    expect(await dotenv(entries, { assumeRole })).toBe("DATABASE_URL='postgresql://theirs'\n");
    await expect(dotenv(entries, {})).rejects.toThrow("log in with credentials that may read it");
  });

  test("a secret that may not be read gives one clear message", async () => {
    const valueFrom = "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-abcdef";
    await expect(
      dotenv({ secrets: [{ name: "DATABASE_URL", valueFrom }], environment: [] }, {}),
    ).rejects.toThrow(
      `The value of DATABASE_URL cannot be read: Secrets Manager can't find the specified secret. It is ${valueFrom}: log in with credentials that may read it.`,
    );
  });
});
