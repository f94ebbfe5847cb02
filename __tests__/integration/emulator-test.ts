import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import execa from "execa";
import { describeWithTerraform } from "./describe-with-terraform";
import { pythonWithMoto } from "./emulator";

jest.setTimeout(120_000);

const EMULATOR = resolve(__dirname, "..", "..", "commands", "emulator.py");
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
