import { parseEnvironments } from "../../settings/environment";
import { githubEnvironments } from "../../settings/pipeline";
import type { SettingsError } from "../../validation/problem";
import { type Changes, environmentWith, problemsWith, settingsWith } from "../minimal-environment";

const GITHUB = { repository: "acme/news-api" };
const PIPELINE: Changes = { account: "123456789012", "pipeline.github": GITHUB };

test("the repository is the only required setting of a pipeline", () => {
  const { pipeline, name } = environmentWith(PIPELINE);
  expect(pipeline?.github).toEqual({
    repository: "acme/news-api",
    branch: "main",
    oidcProvider: "existing",
  });
  expect(pipeline && githubEnvironments(name, pipeline)).toEqual({
    plan: "test-plan",
    apply: "test",
  });
});

test.each([
  "acme",
  "acme/*",
  "*/news-api",
  "acme/news-api:environment",
  "-acme/news-api",
  "acme/news api",
  "https://github.com/acme/news-api",
  "acme@1234/news-api",
  "acme/news-api@5678",
  "acme@*/news-api@5678",
  "acme@1234/news-api@05",
])("the repository %s is refused", (repository) => {
  expect(problemsWith({ ...PIPELINE, "pipeline.github": { repository } })).toEqual([
    `pipeline.github.repository: must be a repository on GitHub, OWNER@ID/NAME@ID or OWNER/NAME, without a wildcard; got: ${JSON.stringify(repository)}. Copy the prefix of the subject claim from the repository's settings on GitHub.`,
  ]);
});

test("a repository may be named with the IDs in its tokens", () => {
  const repository = "acme@1234/news-api@5678";
  expect(problemsWith({ ...PIPELINE, "pipeline.github": { repository } })).toEqual([]);
});

test.each(["*", "release/*", "", "main?"])("the branch %j is refused", (branch) => {
  expect(problemsWith({ ...PIPELINE, "pipeline.github": { ...GITHUB, branch } })).toEqual([
    `pipeline.github.branch: must be the name of one branch, without a wildcard; got: ${JSON.stringify(branch)}. Use, for example, "main".`,
  ]);
});

test.each([
  [
    "without an account",
    { account: undefined },
    "account: must be set with a pipeline, because its jobs use the roles' ARNs; got: nothing. Set it to the account ID, 12 digits in a string.",
  ],
  [
    "with a profile",
    { profile: "news" },
    'pipeline: must be absent with assumeRole or profile: Terraform would use them instead of the pipeline\'s roles; got: "a pipeline". Remove assumeRole and profile. People choose their own credentials with AWS_PROFILE.',
  ],
  [
    "with a role that Terraform assumes",
    { assumeRole: { roleArn: "arn:aws:iam::123456789012:role/terraform" } },
    'pipeline: must be absent with assumeRole or profile: Terraform would use them instead of the pipeline\'s roles; got: "a pipeline". Remove assumeRole and profile. People choose their own credentials with AWS_PROFILE.',
  ],
  [
    "with one environment on GitHub for both roles",
    { "pipeline.github": { ...GITHUB, planEnvironment: "test" } },
    'pipeline: must use two environments on GitHub: otherwise a job that may plan could also apply; got: "test". Set environment and planEnvironment of `pipeline.github` to different names.',
  ],
  [
    "beside a data store with the name of its stack",
    {
      database: undefined,
      databases: {
        permissions: (settingsWith({}) as { database: object }).database,
      },
    },
    'databases.permissions: must not have the name of the stack with the pipeline\'s roles; got: "permissions". Rename the data store.',
  ],
])("a pipeline %s is refused", (_, changes: Changes, problem) => {
  expect(problemsWith({ ...PIPELINE, ...changes })).toEqual([problem]);
});

test("without a pipeline, a data store may be named permissions", () => {
  const { database } = settingsWith({}) as { database: object };
  expect(problemsWith({ database: undefined, databases: { permissions: database } })).toEqual([]);
});

/** Two environments in one account, each with a pipeline. */
function problemsBetween(first: Changes, second: Changes): string[] {
  const other = {
    name: "other",
    "database.identifier": "other-db",
    "cache.clusterId": "other-cache",
    ...PIPELINE,
    ...second,
  };
  try {
    parseEnvironments([settingsWith({ ...PIPELINE, ...first }), settingsWith(other)]);
    return [];
  } catch (error) {
    return (error as SettingsError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

test("environments of one account have their own roles, and one of them has the OIDC provider", () => {
  const created = { "pipeline.github": { ...GITHUB, oidcProvider: "created-here" } };
  expect(problemsBetween({}, {})).toEqual([]);
  expect(problemsBetween(created, {})).toEqual([]);
  expect(problemsBetween(created, created)).toEqual([
    `other.pipeline: must create GitHub's OIDC provider in only one environment of an account; got: created-here, as in test. Set pipeline.github.oidcProvider: "existing" in the others.`,
  ]);
  expect(
    problemsBetween({ app: "news", name: "api-test" }, { app: "news-api", name: "test" }),
  ).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^news-api-test.pipeline: must give a stack ID that no other/),
      expect.stringMatching(
        /^news-api-test.pipeline: must be unique in its account; got: news-api-test-plan/,
      ),
    ]),
  );
});
