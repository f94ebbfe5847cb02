import { existsSync, writeFileSync } from "node:fs";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();

afterAll(() => project.remove());

const permissions = (rest: string) => project.run(`npm run --silent permissions -- ${rest}`);

test("the roles of an environment are JSON that a program can read", async () => {
  const { exitCode, stdout, stderr } = await permissions("prod");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr:
      "prod has no pipeline, so no stack creates these roles. Set `pipeline` in the environment, or create them yourself.",
  });
  const { environment, plan, apply } = JSON.parse(stdout);
  expect([environment, plan.name, apply.name]).toEqual([
    ...["news-api-prod", "news-api-prod-plan", "news-api-prod-apply"],
  ]);
  expect(plan.trust).toBeUndefined();
  for (const policy of [...plan.policies, ...apply.policies]) {
    expect(policy.Version).toBe("2012-10-17");
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
  }
});

test("with a pipeline, they say whom they trust, and which stack creates them", async () => {
  const text = project.read("environments/prod.ts");
  const pipeline = '  pipeline: { github: { repository: "acme/news-api" } },\n  waivers: {';
  writeFileSync(project.path("environments/prod.ts"), text.replace("  waivers: {", pipeline));
  const { exitCode, stdout, stderr } = await permissions("prod");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: "An administrator creates these roles: npm run deploy -- news-api-prod-permissions",
  });
  const { stack, apply } = JSON.parse(stdout);
  expect(stack).toBe("news-api-prod-permissions");
  expect(apply.trust.Statement[0].Principal).toEqual({
    Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
  });
  const { stdout: matrix } = await project.run("npm run --silent pipeline -- stacks");
  expect(JSON.parse(matrix)).toEqual(
    ["news-api-prod-database", "news-api-prod-cache"].map((one) => ({
      environment: "news-api-prod",
      stack: one,
      region: "us-east-1",
      planRole: "arn:aws:iam::123456789012:role/news-api-prod-plan",
      applyRole: "arn:aws:iam::123456789012:role/news-api-prod-apply",
      planEnvironment: "prod-plan",
      applyEnvironment: "prod",
    })),
  );
  writeFileSync(project.path("environments/prod.ts"), text);
});

test.each([
  [
    "dev",
    "The environment dev has no account, and the policies need the account ID. Set `account` in the environment, or run: npm run permissions -- dev --account 123456789012",
  ],
  [
    "prod --account 222222222222",
    "The environment prod is in the account 123456789012, not in 222222222222. Leave out --account.",
  ],
  [
    "dev --account 12345",
    "error: option '--account <id>' argument '12345' is invalid. Use the 12-digit account ID.",
  ],
])("permissions -- %s gives one clear message", async (rest, message) => {
  expect(await permissions(rest)).toEqual({ exitCode: 1, stdout: "", stderr: message });
});

test.each([
  [
    "apply news-api-dev-cache --approved nothing",
    "nothing is not the fingerprint of a plan. Create it with: npm run pipeline -- plan STACK --out FOLDER",
  ],
  ["comment missing.md --pull-request 7", "There is no report in missing.md."],
  [
    "comment missing.md --pull-request none",
    "error: option '--pull-request <number>' argument 'none' is invalid. Use the number of the pull request.",
  ],
  [
    "issue --title Drift",
    "This command runs in a job of GitHub Actions: set GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN.",
  ],
])("pipeline -- %s gives one clear message", async (rest, message) => {
  const { exitCode, stderr } = await project.run(`npm run --silent pipeline -- ${rest}`);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: message });
  expect(existsSync(project.path("plans"))).toBe(false);
});
