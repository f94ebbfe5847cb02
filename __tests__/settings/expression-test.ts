import { SettingsError } from "../../settings/problem";
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

test("a lone dollar or percent sign is text", () => {
  expect(problemsWith({ "database.parameters": { log_line_prefix: "%t $1 {x}" } })).toEqual([]);
});

test("a key that JavaScript would drop is refused", () => {
  const settings = settingsWith({});
  const text = JSON.stringify(settings).replace(
    '"clients":{}',
    '"clients":{"__proto__":{"vpcCidr":true}}',
  );
  expect(problemsOf(JSON.parse(text))).toEqual([
    "clients.__proto__: is a name that cannot be used. Rename it.",
  ]);
});

test.each(["constructor", "hasOwnProperty", "toString"])(
  "the unknown key %s is said to be one",
  (key) => {
    const [problem = ""] = problemsOf({ ...(settingsWith({}) as object), [key]: "x" });
    expect(problem).toMatch(new RegExp(`^${key}: is not a setting\\. (Remove it|Did you mean)`));
  },
);

test("names from the input cannot move the cursor", () => {
  expect(() => {
    throw new SettingsError("environment a\u001b[2J", [
      { path: "b\nc", must: "must not be", instead: "", message: "" },
    ]);
  }).toThrow("1 problem in environment a\ufffd[2J:\n  b\ufffdc: must not be.");
});
