import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Terraform } from "../../commands/terraform";
import { Emulator } from "../../rehearsal/emulator";
import { MINIMAL } from "../minimal-environment";
import { describeWithTerraform } from "./describe-with-terraform";
import { Project } from "./project";

jest.setTimeout(240_000);

const ROOT = resolve(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** The command lines of the README, without their comments. */
const readmeLines = [...read("README.md").matchAll(/```sh\n([^`]*)```/g)].flatMap(
  ([, block = ""]) =>
    block
      .trim()
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, "")),
);

/** What this place cannot answer, and why. */
const NOT_RUN_HERE: Readonly<Record<string, string>> = {
  "npm ci && npm run synth": ".ci/run runs it, on a clean clone",
  "npm ci && npm test": ".ci/run runs it, on a clean clone; it runs this test",
  "npm run rehearse": "rehearse-test.ts plays the same steps, while some calls fail",
  "npm run rehearse -- prod": "rehearse-test.ts runs it",
  "terraform -chdir=cdktf.out/stacks/news-api-dev-cache providers lock -platform=linux_amd64 -platform=darwin_arm64":
    "asks the public registry for two platforms",
};

/** What a person answers, or has set up, is said by arguments here. */
const ADDED_ARGUMENTS: readonly (readonly [RegExp, string])[] = [
  [/^npx cdktf deploy /, " --auto-approve --skip-provider-lock"],
  [/^npx cdktf diff /, " --skip-provider-lock"],
];

const runHere = readmeLines.filter((line) => !(line in NOT_RUN_HERE));

test("the README's first two commands are what CI runs", () => {
  expect(readmeLines.slice(0, 2)).toEqual(["npm ci && npm run synth", "npm ci && npm test"]);
  expect(read(".ci/run")).toMatch(/^npm ci\nnpm run synth\n[\s\S]*^npm test /m);
});

test("what is not run here is still in the README", () => {
  expect(readmeLines).toEqual(expect.arrayContaining(Object.keys(NOT_RUN_HERE)));
});

test("help names every npm script, and no other", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const named = [...read("help").matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual(scripts.sort());
});

test("every file that the README links to is there", () => {
  const links = [...read("README.md").matchAll(/\]\(([^):]+)\)/g)].map(([, path = ""]) => path);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    expect(read(link)).not.toBe("");
  }
});

describeWithTerraform("the README's commands, run in its order", () => {
  const project = new Project();
  let emulator: Emulator;
  let terraform: Terraform;

  beforeAll(async () => {
    emulator = await Emulator.start();
    terraform = await Terraform.find();
    writeFileSync(project.path("environment.json"), JSON.stringify(MINIMAL));
    await emulator.createBucket("news-api-dev-terraform-state");
  });

  afterAll(async () => {
    project.remove();
    await emulator.stop();
  });

  test.each(runHere)("%s", async (line) => {
    const [, added = ""] = ADDED_ARGUMENTS.find(([pattern]) => pattern.test(line)) ?? [];
    const env = { ...terraform.env, ...emulator.env } as Record<string, string>;
    const { exitCode, stdout, stderr } = await project.run(line + added, env);
    const said = exitCode === 0 ? "" : stdout + stderr;
    expect({ exitCode, said }).toEqual({ exitCode: 0, said: "" });
  });
});
