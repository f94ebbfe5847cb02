import { delimiter, resolve } from "node:path";
import execa from "execa";
import { Project } from "../project";
import { nodeRelease } from "./node-release";

jest.setTimeout(1_200_000);

const ROOT = resolve(__dirname, "..", "..", "..");

/** The release that runs this test runs the unit tests by itself: `npm test`. */
const OTHERS = [20, 22, 24].filter((major) => !process.version.startsWith(`v${major}.`));

describe.each(OTHERS)("Node.js %i", (major) => {
  const project = new Project();
  let env: Record<string, string>;

  beforeAll(async () => {
    env = { PATH: `${await nodeRelease(major)}${delimiter}${process.env.PATH}` };
    const { stdout } = await project.run("node --version", env);
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  });

  afterAll(() => project.remove());

  test("synthesizes the same files, without warnings", async () => {
    expect(await project.run("npm run --silent synth")).toMatchObject({ exitCode: 0 });
    const expected = project.files("cdktf.out");
    // The second run reads the bundle that the first one has cached.
    for (const _ of ["built", "cached"]) {
      const result = await project.run("npm run --silent synth", env);
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      expect(project.files("cdktf.out")).toEqual(expected);
    }
  });

  test("passes the unit tests", async () => {
    const { exitCode, all } = await execa(
      "node",
      ["node_modules/jest/bin/jest.js", "--selectProjects", "unit", "exhaustive", "--silent"],
      { cwd: ROOT, env, all: true, reject: false },
    );
    expect({ exitCode, output: exitCode === 0 ? "" : all }).toEqual({ exitCode: 0, output: "" });
  });
});
