import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { dev } from "../../../environments/dev";
import { ROOT } from "../pages";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();

afterAll(() => project.remove());

test.each([
  ["staging", ""],
  ["live", " --from prod"],
  ["new", ""],
])("npm run new writes an environment %s that validates, formatted", async (name, from) => {
  const file = `environments/${name}.ts`;
  expect(await project.run(`npm run --silent new -- shop ${name}${from}`)).toEqual({
    exitCode: 0,
    stdout: `Wrote ${file}. Edit it, then validate it: npm run validate -- ${file}`,
    stderr: "",
  });
  expect(await project.run(`npm run --silent validate -- ${file}`)).toMatchObject({ exitCode: 0 });
  copyFileSync(join(ROOT, "biome.json"), project.path("biome.json"));
  const biome = join(ROOT, "node_modules", ".bin", "biome");
  const { exitCode, stdout } = await execa(biome, ["format", "--vcs-enabled=false", file], {
    cwd: project.folder,
    reject: false,
  });
  expect({ exitCode, said: exitCode === 0 ? "" : stdout }).toEqual({ exitCode: 0, said: "" });
  const { stdout: synth } = await project.run("npm run --silent synth");
  expect(synth).toContain(`shop-${name}-database\n  shop-${name}-cache`);
});

test("an environment that exists is left alone", async () => {
  const before = project.read("environments/dev.ts");
  expect(await project.run("npm run --silent new -- shop dev")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "environments/dev.ts exists. Choose another name, or edit that file.",
  });
  expect(project.read("environments/dev.ts")).toBe(before);
});

test("names that AWS would not accept are all reported, and nothing is written", async () => {
  const { exitCode, stderr } = await project.run("npm run --silent new -- Shop test_1");
  expect({ exitCode, first: stderr.split("\n")[0] }).toEqual({
    exitCode: 1,
    first: "5 problems in environment test_1:",
  });
  expect(existsSync(project.path("environments/test_1.ts"))).toBe(false);
});

test("a JSON environment is synthesized beside the TypeScript ones, and equal to them", async () => {
  await project.run("npm run --silent synth");
  const stack = "cdktf.out/stacks/news-api-dev-database/cdk.tf.json";
  const before = project.read(stack);
  rmSync(project.path("environments/dev.ts"));
  writeFileSync(
    project.path("environments/dev.json"),
    JSON.stringify({ $schema: "../environment.schema.json", ...dev }),
  );
  expect(await project.run("npm run --silent synth")).toMatchObject({ exitCode: 0 });
  expect(project.read(stack)).toBe(before);
});

test("an environment in both forms, and every other file that cannot be read, is reported at once", async () => {
  writeFileSync(project.path("environments/prod.json"), "{");
  writeFileSync(project.path("environments/none.ts"), "export const a = {}, b = {};");
  expect(await project.run("npm run --silent synth")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: [
      "environments/prod.ts and environments/prod.json are the same environment. Remove one of them.",
      `${project.path("environments/none.ts")} must export exactly one environment, but it exports 2 values. Move each environment to its own file.`,
      `${project.path("environments/prod.json")} is not valid JSON:\n  line 1, column 2: close brace expected.`,
    ].join("\n"),
  });
});
