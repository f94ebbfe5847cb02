import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import execa from "execa";
import { Emulator } from "../../../emulator/emulator";
import { pythonWithMoto } from "../../../emulator/python";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

const EMULATOR = resolve(__dirname, "..", "..", "..", "emulator", "emulator.py");
const CHECKS = join(__dirname, "emulator_gaps.py");
const gaps = [...readFileSync(EMULATOR, "utf8").matchAll(/^@gap\ndef (\w+)/gm)].map(
  ([, name = ""]) => name,
);

/** What fails in each gap: on moto as it is, or where the emulator has closed it. */
async function failures(mode: "plain" | "closed"): Promise<Record<string, string | null>> {
  const python = (await pythonWithMoto()) ?? "python3";
  return JSON.parse((await execa(python, [CHECKS, mode])).stdout);
}

describeWithTerraform("each gap of moto that the emulator closes", () => {
  let plain: Record<string, string | null>;
  let closed: Record<string, string | null>;

  beforeAll(async () => {
    [plain, closed] = await Promise.all([failures("plain"), failures("closed")]);
  });

  test("has a check of its own", () => {
    expect(gaps.length).toBeGreaterThan(0);
    expect(Object.keys(closed)).toEqual(gaps);
  });

  test.each(gaps)("%s is closed", (name) => {
    expect(closed[name]).toBeNull();
  });

  // One that fails here is good news: moto has closed the gap, and its function and check can go.
  test.each(gaps)("%s is still open in moto itself", (name) => {
    expect(plain[name]).toEqual(expect.any(String));
  });
});

describeWithTerraform("an emulated account", () => {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  let account: Emulator;

  const bucketsOf = async ({ clientConfig }: Emulator) =>
    (await new S3Client(clientConfig).send(new ListBucketsCommand({}))).Buckets?.map(
      ({ Name }) => Name,
    );

  beforeAll(async () => {
    account = await Emulator.start({ tls: folder });
  });

  afterAll(async () => {
    await account.stop();
    rmSync(folder, { recursive: true });
  });

  test("is copied with its contents; changes in a copy do not affect the original", async () => {
    await account.createBucket("in-both");
    const copy = await account.copy();
    await copy.createBucket("in-the-copy");
    await account.createBucket("in-the-original");
    expect(await bucketsOf(copy)).toEqual(["in-both", "in-the-copy"]);
    expect(await bucketsOf(account)).toEqual(["in-both", "in-the-original"]);
    await copy.stop();
    await expect(bucketsOf(copy)).rejects.toThrow("ECONNREFUSED");
  });

  test("a copy that does not answer is replaced by another one", async () => {
    const asked = account as unknown as { ask(what: string): Promise<{ pid: number }> };
    const ask = asked.ask.bind(account);
    let stopped = 0;
    jest.spyOn(asked, "ask").mockImplementationOnce(async (what) => {
      const copied = await ask(what);
      stopped = copied.pid;
      process.kill(stopped, "SIGSTOP");
      return copied;
    });
    const copy = await account.copy();
    expect(await bucketsOf(copy)).toEqual(await bucketsOf(account));
    expect(() => process.kill(stopped, 0)).toThrow("ESRCH");
    await copy.stop();
  });

  test("only its owner can read its key", () => {
    expect(statSync(join(folder, "key.pem")).mode & 0o777).toBe(0o600);
  });

  test("ends with the process that started it, and so do its copies", async () => {
    const program = `
      const { Emulator } = require("${resolve(__dirname, "../../../emulator/emulator.ts")}");
      (async () => {
        const account = await Emulator.start({ tls: ${JSON.stringify(folder)} });
        const copy = await account.copy();
        console.log(JSON.stringify([account.endpoint, copy.endpoint]));
        process.kill(process.pid, "SIGKILL");
      })();`;
    const { stdout } = await execa(process.execPath, ["--import", "tsx", "-e", program], {
      reject: false,
    });
    const endpoints: string[] = JSON.parse(stdout);
    expect(endpoints).toHaveLength(2);
    await sleep(1000);
    for (const endpoint of endpoints) {
      await expect(fetch(endpoint)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    }
  });
});
