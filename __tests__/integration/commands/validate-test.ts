import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import environmentSchema from "../../../environment.schema.json";
import { MINIMAL, settingsWith } from "../../minimal-environment";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();

afterAll(() => project.remove());

/** A day on which every version of the minimal environment is far from the end of its support. */
const DATE = "2024-01-01";

function validate(input: string, ...options: string[]) {
  writeFileSync(project.path("environment.json"), input);
  return project.run(
    `npm run --silent validate -- environment.json --date ${DATE} ${options.join(" ")}`,
  );
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

test("an invalid one exits 1 with every problem on stderr", async () => {
  const wrong = JSON.stringify(settingsWith({ "database.port": 1, "cache.port": 0 }));
  expect(await validate(wrong)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "2 problems in environment test:\n" +
      "  database.port: must be a whole number from 1150 to 65535; got: 1. Use 1150 or more.\n" +
      "  cache.port: must be a whole number from 1 to 65535; got: 0. Use 1 or more.",
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
      must: "must be a whole number from 1 to 65535",
      got: "0",
      instead: "Use 1 or more.",
      message: "must be a whole number from 1 to 65535; got: 0. Use 1 or more.",
    },
  ]);
});

/** The settings of an environment, by the schema that editors read. */
const SETTINGS = Object.keys(environmentSchema.properties).filter((key) => key !== "$schema");

const TEN_MISTAKES = settingsWith({
  region: "us-east-1a",
  color: "blue",
  "stateBucket.name": "News_State",
  "clients.api": { cidrIpv4: "0.0.0.0/0", reason: "everybody may read the news" },
  "database.instanceClass": "t3.micro",
  "database.allocatedStorageGib": 19.5,
  "database.backupWindow": "03:00-04:00",
  "database.maintenanceWindow": "sunday:04:00-sunday:05:00",
  "database.username": "admin",
  "cache.engineVersion": "7",
  "cache.nodeTypes": "cache.t4g.micro",
});

test("ten mistakes are ten problems, each with a fix", async () => {
  const { exitCode, stderr } = await validate(JSON.stringify(TEN_MISTAKES));
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    "10 problems in environment test:\n" +
      '  region: must be the code of an AWS region, without the letter of a zone; got: "us-east-1a". Did you mean "us-east-1"?\n' +
      '  stateBucket.name: must be 3 to 63 lowercase letters, digits, dots and hyphens, and start and end with a letter or digit; got: "News_State". Rename the bucket.\n' +
      '  clients.api.cidrIpv4: must not be wider than /8: a data store is never open to the internet; got: "0.0.0.0/0". Add a client for each of your networks that connects.\n' +
      '  database.instanceClass: must be db.<family>.<size>, with a family and size that RDS for PostgreSQL offers; got: "t3.micro". Did you mean "db.t3.micro"?\n' +
      "  database.allocatedStorageGib: must be a whole number of GiB from 20 to 65536; got: 19.5. Use 20 or more.\n" +
      '  database.username: must not be a reserved word of PostgreSQL or RDS; got: "admin". Choose another name.\n' +
      '  database.maintenanceWindow: must be ddd:hh:mi-ddd:hh:mi in 24-hour UTC, with days mon, tue, wed, thu, fri, sat, sun; got: "sunday:04:00-sunday:05:00". Did you mean "sun:04:00-sun:05:00"?\n' +
      '  cache.engineVersion: must be one of 6.x, 6.0, 6.2, 7.0, 7.1; got: "7". Use one of them as a string.\n' +
      '  cache.nodeTypes: is not a setting. Did you mean "nodeType"?\n' +
      `  color: is not a setting. Remove it. The settings here are: ${SETTINGS.join(", ")}.`,
  );
});

test("a version near the end of support is a warning, not an error", async () => {
  const { exitCode, stdout, stderr } = await validate(JSON.stringify(MINIMAL), "--date 2027-01-01");
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: "environment.json: environment test of news-api is valid.",
  });
  expect(stderr).toBe(
    'Warning: environment test: cache.engineVersion "6.x": standard support ends on 2027-01-31. ElastiCache then bills extended support. Plan the upgrade.',
  );
});

test("an invalid date gives one clear message", async () => {
  const { exitCode, stderr } = await validate(JSON.stringify(MINIMAL), "--date soon");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("Use a date such as 2026-12-31.");
});

test("editors find the schema by a key that is not a setting", async () => {
  const input = { $schema: "./environment.schema.json", ...MINIMAL };
  expect(await validate(JSON.stringify(input))).toMatchObject({ exitCode: 0, stderr: "" });
});

test("npm run docs writes the generated documents that are committed", async () => {
  const { exitCode, stdout } = await project.run("mkdir docs && npm run --silent docs");
  const files = ["docs/settings.md", "docs/alarms.md", "environment.schema.json"];
  const written = files.map((file) => `Wrote ${file}.`).join("\n");
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: written });
  for (const file of files) {
    const committed = resolve(__dirname, "..", "..", "..", file);
    expect(project.read(file)).toBe(readFileSync(committed, "utf8"));
  }
});

test("colors are for terminals that want them", async () => {
  const wrong = JSON.stringify(settingsWith({ "cache.port": 0 }));
  writeFileSync(project.path("environment.json"), wrong);
  const line = "npm run --silent validate -- environment.json";
  const onTerminal = (env: Readonly<Record<string, string>>) =>
    project.run(`unset FORCE_COLOR CI; script -qec '${line}' /dev/null`, env);
  expect((await project.run(line)).stderr).not.toContain("\u001b[");
  expect((await onTerminal({ TERM: "xterm" })).stdout).toContain("\u001b[1mcache.port\u001b[22m");
  expect((await onTerminal({ TERM: "xterm", NO_COLOR: "1" })).stdout).not.toContain("\u001b[");
});

test("invalid JSON gives one clear message", async () => {
  const { exitCode, stderr } = await validate("{ app: 1 }");
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    "environment.json is not valid JSON:\n" +
      "  line 1, column 3: invalid symbol.\n" +
      "  line 1, column 6: property name expected.\n" +
      "  line 1, column 10: value expected.",
  );
});

test("a file that does not exist gives one clear message", async () => {
  expect(await project.run("npm run --silent validate -- nowhere.json")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: "nowhere.json does not exist. Name a .ts or .json file with one environment.",
  });
});

test("--json prints JSON for a file that cannot be read, too", async () => {
  const { exitCode, stdout } = await project.run(
    "npm run --silent validate -- --json nowhere.json",
  );
  const message = "nowhere.json does not exist. Name a .ts or .json file with one environment.";
  expect({ exitCode, problems: JSON.parse(stdout) }).toEqual({
    exitCode: 1,
    problems: [{ path: "", must: message, instead: "", message }],
  });
});

test("a TypeScript environment is validated as well", async () => {
  expect(await project.run("npm run --silent validate -- environments/dev.ts")).toEqual({
    exitCode: 0,
    stdout: "environments/dev.ts: environment dev of news-api is valid.",
    stderr: "",
  });
});
