import { SettingsError } from "../../validation/problem";
import { cpuSeconds } from "../cpu-seconds";
import { problemsOf, problemsWith, settingsWith } from "../minimal-environment";

const EVALUATED = "must not contain ${ or %{, which Terraform would evaluate";

test.each<[string, Record<string, unknown>]>([
  [
    "database.parameters.log_line_prefix",
    { "database.parameters": { log_line_prefix: '${file("/etc/hostname")}' } },
  ],
  [
    "clients.api.reason",
    { "clients.api": { cidrIpv4: "10.0.0.0/15", reason: "the ${corp} network" } },
  ],
  ["tags.team", { tags: { team: "%{ if true }x%{ endif }" } }],
])("an expression of Terraform in %s is refused", (path, changes) => {
  const problems = problemsWith(changes).filter((problem) => problem.includes(EVALUATED));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`${path}: ${EVALUATED}; got: `);
});

test("a single dollar or percent sign is plain text", () => {
  expect(problemsWith({ "database.parameters": { log_line_prefix: "%t $1 {x}" } })).toEqual([]);
});

const UNUSABLE =
  "must not be a name: it is __proto__, has more than 4096 characters, or contains ${, %{ or TfToken[. Rename it.";

test("a key that JavaScript drops is refused", () => {
  const settings = settingsWith({});
  const text = JSON.stringify(settings).replace(
    '"clients":{}',
    '"clients":{"__proto__":{"vpcCidr":true}}',
  );
  expect(problemsOf(JSON.parse(text))).toEqual([`clients.__proto__: ${UNUSABLE}`]);
});

test.each(["constructor", "hasOwnProperty", "toString"])(
  "the unknown key %s is reported as unknown",
  (key) => {
    const [problem = ""] = problemsOf({ ...(settingsWith({}) as object), [key]: "x" });
    expect(problem).toMatch(new RegExp(`^${key}: is not a setting\\. (Remove it|Did you mean)`));
  },
);

test("control characters in names are escaped", () => {
  expect(() => {
    throw new SettingsError("environment a\u001b[2J", [
      { path: "b\nc", must: "must not be", instead: "", message: "" },
    ]);
  }).toThrow("1 problem in environment a\\u001b[2J:\n  b\\u000ac: must not be.");
});

test.each(["${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.0]}", "&{TfToken[TOKEN.0]}"])(
  "cdktf's own marker %s is refused",
  (marker) => {
    expect(problemsWith({ "tags.team": marker })).toContainEqual(
      expect.stringMatching(
        /^tags\.team: must not contain (\$\{ or %\{, which Terraform|TfToken\[)/,
      ),
    );
  },
);

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) {
    value = { inner: value };
  }
  return value;
}

test.each([33, 2000, 100_000])("settings that are %d levels deep are one problem", (levels) => {
  expect(problemsOf({ app: nested(levels) })).toEqual([
    "app: must not be nested more than 32 levels deep. Check that the file holds one environment.",
  ]);
});

test("a text of 4097 characters is one problem, and a key too", () => {
  expect(problemsWith({ app: "a".repeat(4097) })).toEqual([
    `app: must not be longer than 4096 characters; got: "${"a".repeat(79)}…. Shorten it.`,
  ]);
  expect(problemsOf({ ...(settingsWith({}) as object), ["k".repeat(4097)]: 1 })).toContain(
    `${"k".repeat(4097)}: ${UNUSABLE}`,
  );
});

test("20,000 unknown keys are reported in linear time, the first 200 of them", () => {
  const messageOf = (count: number) => {
    const many = Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    const problems = problemsOf({ ...(settingsWith({}) as object), ...many });
    expect(problems).toHaveLength(count);
    return new SettingsError(
      "x",
      problems.map((path) => ({ path, must: "", instead: "", message: "" })),
    ).message;
  };
  expect(messageOf(1000)).toMatch(/ … and 800 more\. Fix these first\.$/);
  const few = cpuSeconds(() => messageOf(1000));
  const many = cpuSeconds(() =>
    expect(messageOf(20_000)).toMatch(/\n {2}… and 19800 more\. Fix these first\.$/),
  );
  // Linear is 20 times, quadratic 400 times.
  expect(many / few).toBeLessThan(120);
});

test.each([
  ["\u009b31m", "\\u009b31m"],
  ["\u202eabc", "\\u202eabc"],
  ["a\u2028b", "a\\u2028b"],
])("%j cannot act on the terminal", (text, shown) => {
  expect(problemsWith({ app: text })).toContainEqual(expect.stringContaining(`; got: "${shown}".`));
});
