import { z } from "zod";
import { type Paint, parseSettings, problem, SettingsError } from "../../validation/problem";
import { encodeParts, show } from "../../validation/rule";
import { didYouMean, nearest } from "../../validation/suggestion";
import { problemsWith } from "../minimal-environment";

const PAINT: Paint = {
  path: (text) => `<path>${text}</path>`,
  got: (text) => `<got>${text}</got>`,
  instead: (text) => `<instead>${text}</instead>`,
};

const port = problem("database.port", { must: "must be even", got: "5", instead: "Use 4." });
const name = problem("database.port", { must: "must be a name", got: "5", instead: "Name it." });
const key = problem("database.color", { must: "is not a setting", instead: "Remove it." });

test("a problem's message is its parts in one text", () => {
  expect([port.message, key.message]).toEqual([
    "must be even; got: 5. Use 4.",
    "is not a setting. Remove it.",
  ]);
});

test("one problem is one line", () => {
  expect(new SettingsError("environment dev", [port]).message).toBe(
    "1 problem in environment dev:\n  database.port: must be even; got: 5. Use 4.",
  );
});

test("problems of one setting stand together below it", () => {
  expect(new SettingsError("environment dev", [port, key, name]).message).toBe(
    "3 problems in environment dev:\n" +
      "  database.port:\n" +
      "    must be even; got: 5. Use 4.\n" +
      "    must be a name; got: 5. Name it.\n" +
      "  database.color: is not a setting. Remove it.",
  );
});

test("a problem without a path is reported at the top level", () => {
  const whole = problem("", { must: "must be an object", got: "5", instead: "Change it." });
  expect(new SettingsError("the environment", [whole]).message).toBe(
    "1 problem in the environment:\n  (top level): must be an object; got: 5. Change it.",
  );
});

test("a painted report has the same words", () => {
  expect(new SettingsError("environment dev", [port, key]).painted(PAINT)).toBe(
    "2 problems in environment dev:\n" +
      "  <path>database.port</path>: must be even; got: <got>5</got>. <instead>Use 4.</instead>\n" +
      "  <path>database.color</path>: is not a setting. <instead>Remove it.</instead>",
  );
});

test("the error has its own name", () => {
  expect(new SettingsError("environment dev", [port]).name).toBe("SettingsError");
});

/** The error message of parseSettings() for an input. */
function said(schema: z.ZodType, input: unknown): string {
  try {
    return `accepted: ${JSON.stringify(parseSettings(schema, input, "the input"))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const settings = z.strictObject({
  list: z.array(z.string()).optional(),
  number: z.number().describe("a number that counts").optional(),
  plain: z.number().optional(),
  record: z.record(z.string(), z.string()).optional(),
  choice: z.enum(["one", "two"]).optional(),
  only: z.literal("this").optional(),
  either: z.union([z.literal("all"), z.array(z.string())]).optional(),
  inner: z.strictObject({ needed: z.string(), other: z.bigint() }).optional(),
});

test.each([
  [{ list: "a" }, 'list: must be a list; got: "a". Use a list.'],
  [{ number: "1" }, 'number: must be a number; got: "1". Use a number that counts.'],
  [{ number: null }, "number: must be a number; got: null. Use a number that counts."],
  [{ plain: "1" }, 'plain: must be a number; got: "1". Use a number.'],
  [{ record: 1 }, "record: must be an object; got: 1. Use an object."],
  [{ choice: "tow" }, 'choice: must be one of "one", "two"; got: "tow". Use one of them.'],
  [{ choice: "tw" }, 'choice: must be one of "one", "two"; got: "tw". Did you mean "two"?'],
  [{ choice: "three" }, 'choice: must be one of "one", "two"; got: "three". Use one of them.'],
  [{ choice: 1 }, 'choice: must be one of "one", "two"; got: 1. Use one of them.'],
  [{ only: "that" }, 'only: must be "this"; got: "that". Use one of them.'],
  [{ either: 1 }, "either: must have one of the accepted forms; got: 1."],
  [
    { color: 1 },
    "color: is not a setting. Remove it. The settings here are: list, number, plain, record, choice, only, either, inner.",
  ],
  [{ numbr: 1 }, 'numbr: is not a setting. Did you mean "number"?'],
  [
    { authToken: "x" },
    "authToken: is not a setting. Remove it: a static token would be in the Terraform state. Let clients connect by security group, or set `iamUser` of a replication group.",
  ],
  [
    { masterPassword: "x" },
    "masterPassword: is not a setting. Remove it: the master password is never in settings, code or state. Terraform generates one and stores it in Secrets Manager.",
  ],
])("%j is one problem", (input, message) => {
  expect(said(settings, input)).toBe(`1 problem in the input:\n  ${message}`);
});

test("a missing setting without a description is described by its type", () => {
  expect(said(settings, { inner: {} })).toBe(
    "2 problems in the input:\n" +
      "  inner.needed: is required; got: nothing. Set it to a string.\n" +
      "  inner.other: is required; got: nothing. Set it to bigint.",
  );
});

test("problems are in the order of the input, and missing settings come after their siblings", () => {
  const paths = (input: unknown) => said(settings, input).match(/^ {2}[a-z.]+(?=:)/gm);
  expect(paths({ plain: "", inner: { other: 1 }, list: "" })).toEqual([
    "  plain",
    "  inner.other",
    "  inner.needed",
    "  list",
  ]);
  expect(paths({ zz: 1, number: "", aa: 1 })).toEqual(["  zz", "  number", "  aa"]);
});

test("two unknown keys are two problems", () => {
  expect(said(settings, { listt: 1, plainn: 1 })).toBe(
    "2 problems in the input:\n" +
      '  listt: is not a setting. Did you mean "list"?\n' +
      '  plainn: is not a setting. Did you mean "plain"?',
  );
});

test("a parsed input is the output of the schema", () => {
  expect(said(settings, { choice: "one" })).toBe('accepted: {"choice":"one"}');
});

test.each([
  [undefined, "nothing"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  ["a", '"a"'],
  ["a".repeat(78), `"${"a".repeat(78)}"`],
  ["a".repeat(79), `"${"a".repeat(79)}…`],
])("%j is shown as %s", (value, shown) => {
  expect(show(value)).toBe(shown);
});

test("the parts are encoded in one text", () => {
  expect(JSON.parse(encodeParts("must be", 1, "Use 2."))).toEqual({
    must: "must be",
    got: "1",
    instead: "Use 2.",
  });
});

test.each([
  ["instanceclass", "instanceClass"],
  ["INSTANCECLASS", "instanceClass"],
  ["instance_class", "instanceClass"],
  ["port", "port"],
  ["prt", "port"],
  ["pa", undefined],
  ["", undefined],
])("the word nearest to %j is %s", (word, near) => {
  expect(nearest(word, ["instanceClass", "port"])).toBe(near);
});

test("without known words, nothing is near", () => {
  expect(nearest("a", [])).toBeUndefined();
});

test("a near word is suggested, otherwise the other fix", () => {
  expect([didYouMean("a", "Use b."), didYouMean(undefined, "Use b.")]).toEqual([
    'Did you mean "a"?',
    "Use b.",
  ]);
});

test("a rule between settings is skipped while one of them is invalid", () => {
  expect(
    problemsWith({ "database.backupWindow": "x", "database.maintenanceWindow": "y" }),
  ).toHaveLength(2);
  expect(problemsWith({ "database.restoreFrom": { kind: "x" } })).toHaveLength(1);
});
