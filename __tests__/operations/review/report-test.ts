import { approvalsFor } from "../../../operations/review/approvals";
import type { Plan } from "../../../operations/review/plan";
import { parsePlan, stackOf } from "../../../operations/review/plan";
import { LONGEST_COMMENT, markdown } from "../../../operations/review/report/markdown";
import { page } from "../../../operations/review/report/page";
import { text } from "../../../operations/review/report/text";
import { reviewOf, reviewPlan } from "../../../operations/review/review";
import { environmentWith, problemsWith } from "../../minimal-environment";
import { planned, planOf } from "./planned-resource";

const STACK = "news-api-test-database";
const KEY = "database: replace aws_db_instance.database";
const REASON = "the data is copied to the new instance first";

const reviewed = (plan: Plan, approvals: Record<string, string> = {}) =>
  reviewOf([reviewPlan(plan, approvalsFor(STACK, [environmentWith({ approvals })]))]);
const forms = (plan: Plan) => {
  const review = reviewed(plan);
  return [markdown(review), page(review), text(review), JSON.stringify(review)];
};

const REPLACED = planned("aws_db_instance", "delete,create", { before: {}, after: {} });

test("a refused plan, an approved plan, and an unused approval", () => {
  expect(reviewed(planOf(REPLACED)).verdict).toBe("refused");
  expect(reviewed(planOf(REPLACED), { [KEY]: REASON }).verdict).toBe("passed");
  expect(reviewed(planOf(), { [KEY]: REASON }).verdict).toBe("error");
});

test("an approval covers one finding at one address", () => {
  const other = planned("aws_db_instance", "delete,create", { address: "aws_db_instance.other" });
  expect(reviewed(planOf(REPLACED, other), { [KEY]: REASON }).verdict).toBe("refused");
});

test("an approval names a finding of a store, and gives a reason", () => {
  expect(problemsWith({ approvals: { replace: REASON } })).toEqual([
    'approvals.replace: must be "STORE: FINDING ADDRESS"; got: "replace". Copy the line from the report of `npm run review`.',
  ]);
  expect(problemsWith({ approvals: { [KEY.replace("database", "orders")]: REASON } })).toEqual([
    'approvals.orders: replace aws_db_instance.database: must start with the name of a data store, or state-bucket; got: "orders". Use one of: database, cache, state-bucket.',
  ]);
});

test("no form shows a sensitive value: marked, forgotten by the provider, encoded or in a URL", () => {
  const secret = "s3cret/value&more";
  const forgotten = "An0ther-secret-value";
  const plan = planOf(
    planned("aws_db_instance", "update", {
      before: { password: forgotten, nested: { inner: secret }, note: "a" },
      after: {
        password: "changed-password",
        nested: { inner: `${secret}2` },
        note: [
          secret,
          encodeURIComponent(secret),
          Buffer.from(secret).toString("base64"),
          forgotten,
        ].join(" "),
        url: "postgresql://user:h1dden-password@host/db",
      },
      before_sensitive: { nested: { inner: true } },
      after_sensitive: { nested: { inner: true } },
    }),
  );
  for (const form of forms(plan)) {
    for (const value of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      forgotten,
      "changed-password",
      "h1dden-password",
    ]) {
      expect(form).not.toContain(value);
    }
  }
});

test("values are text, whatever they contain", () => {
  const evil = '</details><script>alert(1)</script> @everyone `x` | "] --> y';
  const plan = planOf(
    planned("aws_vpc_security_group_ingress_rule", "update", {
      address: `aws_vpc_security_group_ingress_rule.a["${evil}"]`,
      before: { description: "a", cidr_ipv4: "10.0.0.0/24" },
      after: { description: evil, cidr_ipv4: "10.0.0.0/24" },
    }),
  );
  const [comment, html] = forms(plan);
  expect(html).not.toContain("<script");
  expect(comment?.replaceAll(/`[^`\n]*`/g, "")).not.toMatch(/<script|@everyone/);
});

test("the comment of the largest plan is under GitHub's limit, keeps every finding it can, and says what is missing", () => {
  const many = Array.from({ length: 3000 }, (_, index) =>
    planned("aws_db_instance", "delete,create", {
      address: `aws_db_instance.database_${index}`,
      before: { username: "a".repeat(500) },
      after: { username: "b".repeat(500) },
    }),
  );
  const comment = markdown(reviewed(planOf(...many)));
  expect(comment.length).toBeLessThanOrEqual(LONGEST_COMMENT);
  expect(comment.length).toBeGreaterThan(LONGEST_COMMENT - 2000);
  expect(comment).toMatch(/\*\*Truncated:\*\* \d+ parts do not fit into a comment/);
});

test("drift is shown if the plan reverts it, and not if Terraform only reads another value", () => {
  const change = (before: object, after: object) =>
    planned("aws_db_instance", "update", { before: { ...before }, after: { ...after } });
  const plan = {
    ...planOf(
      change({ backup_retention_period: 9, tags: {} }, { backup_retention_period: 7, tags: null }),
    ),
    resource_drift: [
      change(
        { backup_retention_period: 7, tags: null, status: "a" },
        { backup_retention_period: 9, tags: {}, status: "b" },
      ),
    ],
  };
  const [stack] = reviewed(plan).stacks;
  expect(stack?.drift).toEqual([
    {
      address: "aws_db_instance.database",
      message: "Changed outside Terraform. The plan changes it again.",
      attributes: [
        { attribute: "backup_retention_period", before: "7", after: "9", unknown: false },
      ],
    },
  ]);
});

test.each([
  ["{", /^x is not JSON\. Create it with: terraform show -json/],
  ['{"format_version":"1.0","values":{}}', /^x is not the JSON of a plan/],
  ['{"format_version":"2.0","planned_values":{}}', /^x has format 2\.0/],
  [
    '{"format_version":"1.2","planned_values":{},"errored":true}',
    /^x is a plan that failed halfway/,
  ],
])("%s is not a plan", (content, message) => {
  expect(() => parsePlan(content, "x")).toThrow(message);
});

test("a plan names its stack in the provider's default tags", () => {
  const tags = [{ tags: { constant_value: { stack: STACK } } }];
  const provider_config = { aws: { expressions: { default_tags: tags } } };
  expect(stackOf({ ...planOf(), configuration: { provider_config } })).toBe(STACK);
  expect(stackOf(planOf())).toBeUndefined();
});
