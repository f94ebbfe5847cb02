import { App, Testing } from "cdktf";
import { CATALOGUE } from "../../controls/catalogue";
import { evaluate } from "../../controls/evaluation";
import { SynthesizedStack } from "../../controls/synthesized-stack";
import type { PipelineSettings } from "../../settings/pipeline";
import { buildApp } from "../../stacks/app";
import { PermissionsStack } from "../../stacks/permissions-stack";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";
import { parsed } from "../synthesized";

const ID = "news-api-test-permissions";
const PIPELINE: Changes = {
  account: "123456789012",
  "pipeline.github": { repository: "acme/news-api" },
};

function synth(changes: Changes = {}) {
  const environment = environmentWith({ ...PIPELINE, ...changes });
  const pipeline = environment.pipeline as PipelineSettings;
  return parsed(
    Testing.synth(new PermissionsStack(new App(), ID, { environment, pipeline }), true),
  );
}

test("the stack has exactly these resources, at these addresses", () => {
  expect(synth().addresses).toEqual([
    "aws_iam_policy.apply_1",
    "aws_iam_policy.apply_2",
    "aws_iam_policy.plan_1",
    "aws_iam_role.apply",
    "aws_iam_role.plan",
    "aws_iam_role_policy_attachment.apply_1",
    "aws_iam_role_policy_attachment.apply_2",
    "aws_iam_role_policy_attachment.plan_1",
  ]);
});

test("it creates GitHub's OIDC provider only if the settings say so", () => {
  const { resource } = synth({
    "pipeline.github": { repository: "acme/news-api", oidcProvider: "created-here" },
  });
  expect(resource.aws_iam_openid_connect_provider).toEqual({
    github: {
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    },
  });
});

/** The statement of a trust policy, as cdktf writes it. */
function subjectsOf(role: string, changes: Changes = {}): string {
  const policy = String(synth(changes).resource.aws_iam_role?.[role]?.assume_role_policy);
  return /:sub" = (\[[^\]]*\])/.exec(policy)?.[1] ?? policy;
}

test("each role trusts only jobs of one repository in its own GitHub environment", () => {
  expect(subjectsOf("apply")).toBe('["repo:acme/news-api:environment:test"]');
  expect(subjectsOf("plan")).toBe(
    '["repo:acme/news-api:environment:test-plan", "repo:acme/news-api:ref:refs/heads/main"]',
  );
  const github = {
    repository: "acme@1234/databases@5678",
    branch: "live",
    environment: "production",
    planEnvironment: "review",
  };
  expect(subjectsOf("apply", { "pipeline.github": github })).toBe(
    '["repo:acme@1234/databases@5678:environment:production"]',
  );
  expect(subjectsOf("plan", { "pipeline.github": github })).toBe(
    '["repo:acme@1234/databases@5678:environment:review", "repo:acme@1234/databases@5678:ref:refs/heads/live"]',
  );
});

test("its state is in the bucket of the data stores' states, and the roles cannot write it", () => {
  const { terraform, resource } = synth();
  expect(terraform.backend.s3).toMatchObject({
    bucket: "news-api-test-state",
    key: "news-api/test/permissions.tfstate",
  });
  expect(JSON.stringify(resource.aws_iam_policy)).not.toContain("permissions.tfstate");
});

test("the app has one such stack for each environment with a pipeline", () => {
  const stacks = (changes: Changes) =>
    buildApp([environmentWith(changes)]).node.children.map(({ node }) => node.id);
  expect(stacks(PIPELINE)).toContain(ID);
  expect(stacks({})).not.toContain(ID);
});

test("the roles violate no control", () => {
  const changes = {
    encryption: { kind: "customer-managed" },
    executionRoleName: "news-api-execution",
    "database.enhancedMonitoring": { intervalSeconds: 60 },
    cache: { ...REPLICATION_GROUP, logExports: ["slow-log"] },
  };
  const stack = new SynthesizedStack(ID, JSON.parse(synth(changes).json));
  const results = evaluate(CATALOGUE, [stack], { waivers: {}, production: true });
  const looked = results.filter(({ evaluated }) => evaluated > 0).map(({ control }) => control.id);
  expect(looked).toEqual(
    expect.arrayContaining([
      "IAM.1",
      "IAM.21",
      "CKV_AWS_355",
      "KMS.2",
      "CKV_AWS_61",
      "CKV_AWS_358",
    ]),
  );
  expect(results.flatMap(({ findings }) => findings)).toEqual([]);
});
