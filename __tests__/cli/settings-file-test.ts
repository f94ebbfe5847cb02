import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonProblems, readSettingsFile } from "../../cli/settings-file";
import { dev } from "../../environments/dev";
import { parseEnvironment } from "../../settings/environment";

const folder = mkdtempSync(join(tmpdir(), "settings-file-"));
const FILE = join(folder, "x.json");

afterAll(() => rmSync(folder, { recursive: true }));

function readJson(text: string): unknown {
  writeFileSync(FILE, text);
  return readSettingsFile(FILE);
}

test("a TypeScript file in environments/ gives its only export", () => {
  expect(readSettingsFile("environments/dev.ts")).toBe(dev);
});

test("a JSON file gives its contents, without $schema and a byte order mark", () => {
  expect(readJson(`\ufeff${JSON.stringify({ $schema: "x", ...dev })}`)).toEqual(dev);
});

test("both forms give the same environment", () => {
  expect(parseEnvironment(readJson(JSON.stringify(dev)))).toEqual(parseEnvironment(dev));
});

test.each<[string, string, readonly string[]]>([
  ["a repeated key", '{"a":1,\n "a":2}', ['line 2, column 2: the key "a" is a duplicate.']],
  [
    "a repeated key inside",
    '{"b":{"a":1,"a":2}}',
    ['line 1, column 13: the key "a" is a duplicate.'],
  ],
  ["the same key in two objects", '{"a":{"c":1},"b":{"c":1}}', []],
  ["a trailing comma", '{"a":[1,]}', ["line 1, column 9: value expected."]],
  ["a comment", "{} // x", ["line 1, column 4: invalid comment token."]],
  ["nesting", "[".repeat(5000), ["It is nested more than 100 levels deep."]],
  ["brackets in a text", JSON.stringify({ a: "[".repeat(5000) }), []],
])("%s in JSON", (_, text, problems) => {
  expect(jsonProblems(text)).toEqual(problems);
});

test.each([
  ["nowhere.json", "does not exist"],
  [".", "is not a file"],
])("%s gives one clear message", (name, what) => {
  const file = join(folder, name);
  expect(() => readSettingsFile(file)).toThrow(
    `${file} ${what}. Name a .ts or .json file with one environment.`,
  );
});

test("a file of more than 1 MiB is refused before it is read", () => {
  expect(() => readJson(JSON.stringify("a".repeat(1024 * 1024)))).toThrow("is larger than 1 MiB");
});

test("a TypeScript file elsewhere is refused with the right folder", () => {
  writeFileSync(join(folder, "x.ts"), "");
  expect(() => readSettingsFile(join(folder, "x.ts"))).toThrow(
    "is not in environments/. Move it there, or convert the environment to JSON.",
  );
});

test("invalid JSON cannot control the terminal", () => {
  expect(() => readJson('{"\u009b31m":1,"\u009b31m":2}')).toThrow(
    'the key "\\u009b31m" is a duplicate.',
  );
});
