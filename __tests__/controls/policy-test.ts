import { Unknown } from "../../controls/expression";
import { statementsOf } from "../../controls/policy";
import { SynthesizedStack } from "../../controls/synthesized-stack";

const DOCUMENT = {
  statement: [
    {
      effect: "Deny",
      actions: ["s3:*"],
      resources: ["*"],
      principals: [
        { type: "*", identifiers: ["*"] },
        { type: "AWS", identifiers: ["a", "b"] },
      ],
      condition: { test: "Bool", variable: "aws:SecureTransport", values: ["false"] },
    },
    { not_actions: ["iam:*"], not_resources: ["a"], not_principals: [{}] },
  ],
};

function read(policy: unknown, document: object = DOCUMENT) {
  const stack = new SynthesizedStack("stack", {
    resource: { aws_iam_policy: { policy: { policy } } },
    data: { aws_iam_policy_document: { document } },
  } as never);
  const [block] = stack.ofType("aws_iam_policy");
  return statementsOf(block as never, "policy");
}

const READ = {
  effect: "Allow",
  actions: ["s3:GetObject"],
  resources: ["${aws_s3_bucket.states.arn}"],
  principals: ["Service:ecs.amazonaws.com"],
  conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: ["123456789012"] }],
  withExceptions: false,
};

test.each([
  [
    "jsonencode, as cdktf writes it",
    '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Allow", "Principal" = {"Service" = "ecs.amazonaws.com"}, "Action" = ["s3:GetObject"], "Resource" = [aws_s3_bucket.states.arn], "Condition" = {"StringEquals" = {"aws:SourceAccount" = "123456789012"}}}]})}',
  ],
  [
    "JSON",
    '{"Statement":{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"s3:GetObject","Resource":"${aws_s3_bucket.states.arn}","Condition":{"StringEquals":{"aws:SourceAccount":["123456789012"]}}}}',
  ],
  [
    "an object",
    {
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: ["ecs.amazonaws.com"] },
          Action: ["s3:GetObject"],
          Resource: ["${aws_s3_bucket.states.arn}"],
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    },
  ],
])("a policy in %s is read", (_name, policy) => {
  expect(read(policy)).toEqual([READ]);
});

test("a document is read by reference, and a list with exceptions counts as everything", () => {
  expect(read("${data.aws_iam_policy_document.document.json}")).toEqual([
    {
      effect: "Deny",
      actions: ["s3:*"],
      resources: ["*"],
      principals: ["*", "AWS:a", "AWS:b"],
      conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      withExceptions: false,
    },
    {
      ...{ effect: "Allow", actions: ["*"], resources: ["*"], principals: ["*"], conditions: [] },
      withExceptions: true,
    },
  ]);
});

test("a JSON policy with NotPrincipal counts as a policy for everyone", () => {
  const policy = { Statement: { Effect: "Allow", NotPrincipal: { AWS: "a" }, NotAction: "a:b" } };
  expect(read(policy)).toMatchObject([{ principals: ["*"], actions: ["*"], withExceptions: true }]);
});

test.each([
  "${var.policy}",
  "${jsonencode(local.policy)}",
  '${jsonencode({"Statement" = [for a in local.b : a]})}',
  "not JSON",
  "${data.aws_iam_policy_document.elsewhere.json}",
])("%s cannot be read", (policy) => {
  expect(read(policy)).toEqual(new Unknown(policy));
});

test("a document that merges other documents cannot be read", () => {
  expect(
    read("${data.aws_iam_policy_document.document.json}", { source_policy_documents: ["{}"] }),
  ).toEqual(new Unknown("${data.aws_iam_policy_document.document.json}"));
});
