import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "@swc/core";
import { parseEnvironment } from "../../settings/environment";
import { brokenLinks, commandLines, guideFiles, page, pages, ROOT } from "../integration/pages";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const DECISIONS = readdirSync(join(ROOT, "docs/decisions")).map((file) => `docs/decisions/${file}`);
const OTHERS = ["docs/should-we-use-this.md", "docs/settings.md", "docs/alarms.md", ...DECISIONS];

test("README fits on a page, and CI runs its first two commands", () => {
  const readme = page("README.md");
  expect(readme.text.split("\n").length).toBeLessThanOrEqual(121);
  expect(commandLines(readme).slice(0, 2)).toEqual([
    "npm ci && npm run synth",
    "npm ci && npm test",
  ]);
  expect(read(".ci/run")).toMatch(/^npm ci\nnpm run synth\nnpm test /m);
});

test("README's first environment is complete and valid", () => {
  const [, source = ""] = /```ts\n([^`]*)```/.exec(page("README.md").text) ?? [];
  const { code } = transformSync(source, {
    jsc: { parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  new Function("exports", "module", code)(module.exports, module);
  expect(parseEnvironment(module.exports.staging)).toMatchObject({ app: "shop", name: "staging" });
  expect(source.trim().split("\n").length).toBeLessThanOrEqual(27);
});

test("README lists every guide", () => {
  const listed = pages().map(({ file }) => file);
  expect([...listed].sort()).toEqual(["README.md", ...guideFiles()].sort());
});

test.each([...pages().map(({ file }) => file), ...OTHERS])("the links of %s are valid", (file) => {
  expect(brokenLinks(page(file))).toEqual([]);
});

test("decision records have unique numbers", () => {
  const numbers = DECISIONS.map((file) => /\/([0-9]{4})-/.exec(file)?.[1]);
  expect(numbers).toEqual([...new Set(numbers)]);
});

test("a broken link is found", () => {
  const text = "[file](docs/none.md), [heading](docs/settings.md#none), [good](docs/settings.md)";
  expect(brokenLinks({ file: "README.md", text })).toEqual([
    "docs/none.md",
    "docs/settings.md#none",
  ]);
});

test("help lists exactly the npm scripts", () => {
  const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
  const named = [...read("help").matchAll(/npm (?:run ([a-z][a-z:-]*)|(test)\b)/g)];
  const names = named.map(([, script, test]) => script ?? test);
  expect([...new Set(names)].sort()).toEqual(scripts.sort());
});
