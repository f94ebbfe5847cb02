import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Emulator } from "../../../emulator/emulator";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const BUCKETS = ["news-api-dev-terraform-state", "news-api-prod-terraform-state"];

const OTHERS =
  "If a removed environment had another state bucket, add it: npm run orphans -- --bucket NAME";

describeWithTerraform("npm run orphans", () => {
  const project = new Project();
  let emulator: Emulator;
  let s3: S3Client;

  const orphans = (args = "") => project.run(`npm run --silent orphans -- ${args}`, emulator.env);
  const put = (Bucket: string, Key: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: "{}" }));

  beforeAll(async () => {
    emulator = await Emulator.start();
    s3 = new S3Client({ ...emulator.clientConfig, forcePathStyle: true });
    for (const bucket of BUCKETS) {
      await emulator.createBucket(bucket);
    }
    await put("news-api-dev-terraform-state", "news-api/dev/database.tfstate");
  });

  afterAll(async () => {
    project.remove();
    await emulator.stop();
  });

  test("without orphans it says so", async () => {
    expect(await orphans()).toEqual({
      exitCode: 0,
      stdout: `No orphans: every state in ${BUCKETS.join(", ")} has a stack. ${OTHERS}`,
      stderr: "",
    });
  });

  test("the bucket of a removed environment is read on demand", async () => {
    await emulator.createBucket("old-states");
    await put("old-states", "news-api/dev/database.tfstate");
    const { exitCode, stdout } = await orphans("--json --bucket old-states");
    expect({ exitCode, found: JSON.parse(stdout) }).toMatchObject({
      exitCode: 1,
      found: [{ bucket: "old-states", key: "news-api/dev/database.tfstate" }],
    });
  });

  test("a misspelled bucket is no all-clear", async () => {
    expect(await orphans("--bucket old-sattes")).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "The bucket old-sattes does not exist. Correct the name in --bucket, or leave it out.",
    });
  });

  test("a state without an environment is listed with the next steps, even after a thousand others", async () => {
    for (let index = 0; index < 1001; index++) {
      await put("news-api-prod-terraform-state", `logs/${index}`);
    }
    await put("news-api-prod-terraform-state", "news-api/old/orders.tfstate");
    const { exitCode, stdout } = await orphans();
    expect(exitCode).toBe(1);
    expect(stdout).toContain("news-api/old/orders.tfstate");
    expect(stdout).toContain("then destroy it: npm run destroy -- STACK");
    const { stdout: json } = await orphans("--json");
    expect(JSON.parse(json)).toEqual([
      {
        bucket: "news-api-prod-terraform-state",
        key: "news-api/old/orders.tfstate",
        lastModified: expect.stringMatching(/^20\d\d-/),
      },
    ]);
  });
});

describeWithTerraform("npm run orphans before the first deployment", () => {
  test("a bucket that does not exist holds no states", async () => {
    const project = new Project();
    const emulator = await Emulator.start();
    const { exitCode, stdout, stderr } = await project.run(
      "npm run --silent orphans",
      emulator.env,
    );
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `No orphans: every state in ${BUCKETS.join(", ")} has a stack. ${OTHERS}`,
    });
    expect(stderr.split("\n").sort()).toEqual(
      BUCKETS.map((one) => `The state bucket ${one} does not exist yet, so it holds no states.`),
    );
    project.remove();
    await emulator.stop();
  });
});

test("a bucket that cannot be listed gives one clear message", async () => {
  const project = new Project();
  const env = {
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "a",
    AWS_MAX_ATTEMPTS: "1",
  };
  const { exitCode, stderr } = await project.run("npm run --silent orphans", env);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^The state bucket news-api-dev-terraform-state cannot be listed: .* Log in to its account/,
  );
  project.remove();
});
