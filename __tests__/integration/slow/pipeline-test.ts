import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { DescribeCacheClustersCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { parse } from "yaml";
import { Emulator } from "../../../emulator/emulator";
import { jobCredentials } from "../../../rehearsal/pipeline-job";
import { describeWithTerraform } from "../describe-with-terraform";
import { GithubApi } from "../github-api";
import { ROOT } from "../pages";
import { Project } from "../project";
import { type JobResult, Workflow } from "../workflow";

jest.setTimeout(600_000);

const BUCKET = "shop-live-states";
const PULL_REQUEST = 7;

const cache = (clusterId: string) => ({
  kind: "cluster",
  clusterId,
  nodeType: "cache.t4g.micro",
  engineVersion: "7.1",
  autoMinorVersionUpgrade: false,
});

const REASON = "tests the pipeline in an emulated account";

/** An environment with two stacks and a pipeline; more clients may connect in a later commit. */
function environmentWith(clients: object) {
  return {
    app: "shop",
    name: "live",
    production: false,
    region: "us-east-1",
    account: "123456789012",
    stateBucket: { name: BUCKET },
    network: { vpcId: "default", subnetIds: "all" },
    clients: { vpc: { vpcCidr: true }, ...clients },
    caches: { sessions: cache("shop-sessions"), pages: cache("shop-pages") },
    pipeline: { github: { repository: "acme/shop", oidcProvider: "created-here" } },
    waivers: {
      "ElastiCache.2": REASON,
      "MDS.9": REASON,
    },
  };
}

const FIRST = environmentWith({});
const SECOND = environmentWith({ office: { cidrIpv4: "10.9.0.0/24" } });

describeWithTerraform("the workflows that people copy", () => {
  const folder = mkdtempSync(join(tmpdir(), "pipeline-"));
  let emulator: Emulator;
  let github: GithubApi;

  beforeAll(async () => {
    emulator = await Emulator.start({ tls: folder });
    github = await GithubApi.start("acme/shop");
    await bootstrap();
    await emulator.enforcePolicies();
  });

  afterAll(async () => {
    await github.stop();
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  /** The state bucket and the roles, as an administrator creates them. */
  async function bootstrap(): Promise<void> {
    const project = machine(FIRST);
    for (const stack of [`state-bucket-${BUCKET}`, "shop-live-permissions"]) {
      const { exitCode, stdout, stderr } = await project.run(
        `npm run --silent deploy -- ${stack} --auto-approve`,
        emulator.env,
      );
      expect({ exitCode, said: exitCode === 0 ? "" : stdout + stderr }).toEqual({
        exitCode: 0,
        said: "",
      });
    }
    project.remove();
  }

  const run = (
    name: string,
    environment: object,
    before: Readonly<Record<string, () => Promise<void>>> = {},
    base: object = environment,
  ) =>
    Workflow.run(join(ROOT, `docs/ci/github/${name}.yml`), {
      emulator,
      github,
      environments: { "live.json": JSON.stringify(environment) },
      baseEnvironments: { "live.json": JSON.stringify(base) },
      event: { ref: "refs/heads/main", number: PULL_REQUEST },
      before,
    });

  const rules = async () => {
    const { SecurityGroupRules = [] } = await new EC2Client(emulator.clientConfig).send(
      new DescribeSecurityGroupRulesCommand({}),
    );
    return SecurityGroupRules.filter(({ Tags = [] }) => Tags.some(({ Value }) => Value === "shop"));
  };

  /** Somebody closes every store to the VPC. */
  async function revokeByHand(): Promise<void> {
    const ec2 = new EC2Client(emulator.clientConfig);
    for (const { GroupId, SecurityGroupRuleId = "" } of await rules()) {
      const command = { GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId] };
      await ec2.send(new RevokeSecurityGroupIngressCommand(command));
    }
  }

  test("a pull request gets one comment with the plans of both stacks", async () => {
    github.write(PULL_REQUEST, "<!-- managed-data-stores --> mine", "somebody");
    const jobs = await run("review", FIRST);
    expect(resultsOf(jobs)).toEqual({
      ...{ check: "success", compare: "success", plan: "success", comment: "success" },
    });
    const [, comment, ...others] = github.comments(PULL_REQUEST);
    expect(others).toEqual([]);
    expect(comment?.body).toContain("### shop-live-sessions");
    expect(comment?.body).toContain("### shop-live-pages");
    expect(plain(comment?.body)).toContain("aws_elasticache_cluster.cache");
  });

  test("a push to main applies what was planned", async () => {
    const jobs = await run("deploy", FIRST);
    expect(resultsOf(jobs)).toEqual({
      ...{ stacks: "success", plan: "success", changed: "success", apply: "success" },
    });
    const elasticache = new ElastiCacheClient(emulator.clientConfig);
    const { CacheClusters = [] } = await elasticache.send(new DescribeCacheClustersCommand({}));
    expect(CacheClusters.map(({ CacheClusterId }) => CacheClusterId).sort()).toEqual([
      "shop-pages",
      "shop-sessions",
    ]);
  });

  test("without changes, no approval is requested", async () => {
    expect(resultsOf(await run("deploy", FIRST))).toMatchObject({
      changed: "success",
      apply: "skipped",
    });
  });

  test("the next commit updates the comment", async () => {
    const jobs = await run("review", SECOND, {}, FIRST);
    expect(plain(jobs.compare?.output)).toContain("cache_from_office");
    const [, comment, ...others] = github.comments(PULL_REQUEST);
    expect(others).toEqual([]);
    expect(plain(comment?.body)).toContain("cache_from_office");
    expect(plain(comment?.body)).not.toContain("create aws_elasticache_cluster.cache");
  });

  test("a plan that would destroy a cache is refused, and the comment says so", async () => {
    const { caches, ...environment } = SECOND;
    const jobs = await run(
      "review",
      { ...environment, caches: { ...caches, pages: cache("shop-other") } },
      {},
      SECOND,
    );
    expect(resultsOf(jobs)).toEqual({
      ...{ check: "success", compare: "failure", plan: "failure", comment: "success" },
    });
    const { body } = github.comments(PULL_REQUEST).at(-1) ?? {};
    expect(plain(body)).toContain("⛔ `aws_elasticache_cluster.cache`");
  });

  test("a plan that is stale by the time it is approved is not applied", async () => {
    const jobs = await run("deploy", SECOND, { apply: revokeByHand });
    expect(resultsOf(jobs)).toMatchObject({ plan: "success", apply: "failure" });
    expect(jobs.apply?.output).toContain("is not the approved one");
    expect(await rules()).toEqual([]);
  });

  test("the nightly run opens an issue about drift", async () => {
    await run("drift", SECOND);
    expect(github.issues).toEqual([
      expect.objectContaining({
        state: "open",
        title: "The account differs from the configuration",
        body: expect.stringContaining("### shop-live-sessions: 2 to create"),
      }),
    ]);
  });

  /** A machine that has checked a commit out. */
  function machine(environment: object): Project {
    const project = new Project();
    rmSync(project.path("environments"), { recursive: true });
    writeEnvironment(project, environment);
    return project;
  }

  /** The lines of a job, one after the other, as a role. */
  async function runLines(
    project: Project,
    role: "plan" | "apply",
    lines: readonly string[],
    env: Record<string, string>,
  ): Promise<void> {
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...place } = emulator.env;
    const subject = `environment:live${role === "plan" ? "-plan" : ""}`;
    const arn = `arn:aws:iam::123456789012:role/shop-live-${role}`;
    const credentials = await jobCredentials(emulator, { repository: "acme/shop", subject }, arn);
    for (const line of lines.filter((one) => one !== "npm ci --ignore-scripts")) {
      const more = { AWS_WEB_IDENTITY_TOKEN_FILE: "token", AWS_TOKEN: "a token", ...env };
      const { exitCode, stdout, stderr } = await project.run(line, {
        ...place,
        ...credentials,
        ...more,
      });
      const said = exitCode === 0 ? "" : `${line}: ${stdout}${stderr}`;
      expect({ exitCode, said }).toEqual({ exitCode: 0, said: "" });
    }
  }

  test("GitLab's jobs plan, hand over what the artifacts hold, and apply", async () => {
    const jobs = parse(readFileSync(join(ROOT, "docs/ci/gitlab/gitlab-ci.yml"), "utf8"));
    const [planner, applier] = [machine(SECOND), machine(SECOND)];
    const env = { ENVIRONMENT: "live", STACK: "shop-live-pages" };
    await runLines(planner, "plan", jobs.plan.script, env);
    mkdirSync(applier.path("plans"));
    for (const kind of ["md", "fingerprint"]) {
      const file = join("plans", `${env.STACK}.${kind}`);
      writeFileSync(applier.path(file), planner.read(file));
    }
    await runLines(applier, "apply", jobs.apply.script, env);
    expect(await rules()).toHaveLength(2);
    await runLines(planner, "plan", [...jobs.plan.script, ...jobs.drift.script], env);
    planner.remove();
    applier.remove();
  });

  test("Atlantis plans and applies in one folder", async () => {
    const { workflows } = parse(readFileSync(join(ROOT, "docs/ci/atlantis/repos.yaml"), "utf8"));
    const { plan, apply } = workflows["managed-data-stores"];
    const linesOf = (steps: readonly { run?: string }[]) =>
      steps.flatMap(({ run: line }) => line ?? []);
    const project = machine(SECOND);
    const env = { PROJECT_NAME: "shop-live-sessions", PLANFILE: "atlantis.tfplan" };
    await runLines(project, "plan", linesOf(plan.steps), env);
    expect(existsSync(project.path(env.PLANFILE))).toBe(true);
    await runLines(project, "apply", linesOf(apply.steps), env);
    expect(await rules()).toHaveLength(4);
    project.remove();
  });

  test("the nightly run closes the issue when there is no more drift", async () => {
    await run("drift", SECOND);
    expect(github.issues).toEqual([expect.objectContaining({ state: "closed" })]);
  });
});

/** Markdown without the backslashes that keep it from being formatted. */
function plain(markdown = ""): string {
  return markdown.replaceAll("\\", "");
}

function resultsOf(jobs: Readonly<Record<string, JobResult>>): Record<string, string> {
  return Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]));
}

function writeEnvironment(project: Project, environment: object): void {
  mkdirSync(project.path("environments"));
  writeFileSync(project.path("environments", "live.json"), JSON.stringify(environment));
}
