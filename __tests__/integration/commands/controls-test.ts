import { existsSync, writeFileSync } from "node:fs";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();

afterAll(() => project.remove());

const controls = (rest: string) => project.run(`npm run --silent controls -- ${rest}`);

/** Whatever environment is edited, its text with something else in it. */
function edit(environment: string, from: string, to: string): void {
  const path = `environments/${environment}.ts`;
  const text = project.read(path);
  expect(text).toContain(from);
  writeFileSync(project.path(path), text.replace(from, to));
}

test.each([
  [
    "prod",
    "102 controls of environment prod: 86 met, 3 waived, 0 violated, 13 not applicable. They evaluated 211 blocks.",
  ],
  [
    "dev",
    "102 controls of environment dev: 43 met, 21 waived, 0 violated, 38 not applicable. They evaluated 112 blocks.",
  ],
])("the shipped %s violates no control", async (environment, summary) => {
  const { exitCode, stdout, stderr } = await controls(environment);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout.split("\n").at(-1)).toBe(summary);
  expect(existsSync(project.path("cdktf.out"))).toBe(false);
});

test("--json prints every control with its evaluations", async () => {
  const { exitCode, stdout } = await controls("prod --json");
  const report = JSON.parse(stdout);
  expect({ exitCode, counts: report.counts, idle: report.unusedWaivers }).toEqual({
    exitCode: 0,
    counts: {
      controls: 102,
      met: 86,
      waived: 3,
      violated: 0,
      notApplicable: 13,
      evaluations: 211,
    },
    idle: [],
  });
  expect(report.controls).toHaveLength(102);
});

test("a violation exits 1 and names the place", async () => {
  edit("prod", "multiAz: true", "multiAz: false");
  const { exitCode, stdout, stderr } = await controls("prod");
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  expect(stdout).toContain("aws_db_instance.database: multi_az");
  expect(stdout).toContain(" waived, 1 violated, ");
  edit("prod", "multiAz: false", "multiAz: true");
});

test("a waiver that excuses nothing exits 1", async () => {
  edit("prod", "waivers: {", 'waivers: { "RDS.5": "once there was no standby",');
  const { exitCode, stdout } = await controls("prod");
  expect(exitCode).toBe(1);
  expect(stdout).toContain('waivers: "RDS.5" is unused, because the control is met. Remove it.');
});

test("an unknown environment gives one clear message", async () => {
  expect(await controls("staging")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'There is no environment "staging". Use one of these:\n  news-api-dev\n  news-api-prod',
  });
});
