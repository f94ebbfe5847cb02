import { writeFileSync } from "node:fs";
import { MINIMAL, settingsWith } from "../minimal-environment";
import { Project } from "./project";

jest.setTimeout(60_000);

const project = new Project();

afterAll(() => project.remove());

function validate(input: string, ...options: string[]) {
  writeFileSync(project.path("environment.json"), input);
  return project.run(`npm run --silent validate -- environment.json ${options.join(" ")}`);
}

test("a valid environment exits 0 and says so", async () => {
  expect(await validate(JSON.stringify(MINIMAL))).toEqual({
    exitCode: 0,
    stdout: "environment.json: environment test of news-api is valid.",
    stderr: "",
  });
  expect(await validate(JSON.stringify(MINIMAL), "--json")).toEqual({
    exitCode: 0,
    stdout: "[]",
    stderr: "",
  });
});

test("a wrong one exits 1 with every problem on stderr", async () => {
  const wrong = JSON.stringify(settingsWith({ "database.port": 1, "cache.port": 0 }));
  expect(await validate(wrong)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "2 problems in environment test:\n" +
      "  database.port: must be a whole number from 1150 to 65535; got: 1. Write 1150 or more.\n" +
      "  cache.port: must be a whole number from 1 to 65535; got: 0. Write 1 or more.",
  });
});

test("--json prints the problems for a program", async () => {
  const { exitCode, stdout, stderr } = await validate(
    JSON.stringify(settingsWith({ "cache.port": 0 })),
    "--json",
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
  expect(JSON.parse(stdout)).toEqual([
    {
      path: "cache.port",
      message: "must be a whole number from 1 to 65535; got: 0. Write 1 or more.",
    },
  ]);
});

test("what is not JSON is one clear message", async () => {
  const { exitCode, stderr } = await validate("{ app: 1 }");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^environment\.json cannot be read as JSON: .*$/);
});

test("a file that does not exist is one clear message", async () => {
  expect(await project.run("npm run --silent validate -- nowhere.json")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "nowhere.json does not exist. Name a JSON file with one environment.",
  });
});
