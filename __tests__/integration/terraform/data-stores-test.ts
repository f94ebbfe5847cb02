import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Emulator } from "../../../emulator/emulator";
import { MINIMAL } from "../../minimal-environment";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project } from "../project";

jest.setTimeout(1_200_000);

const BUCKET = "news-api-states";
const project = new Project();

const CACHE = {
  ...MINIMAL.cache,
  clusterId: "sessions",
  engineVersion: "7.1",
  autoMinorVersionUpgrade: false,
};

const common = {
  app: "news-api",
  production: false,
  region: "us-east-1",
  stateBucket: { name: BUCKET },
  network: { vpcId: "default", subnetIds: "all" },
  clients: { "my-api": { vpcCidr: true } },
};

/** Makes these the only environments of the project. */
function write(environments: Readonly<Record<string, object>>): void {
  rmSync(project.path("environments"), { recursive: true });
  // Terraform would ask whether the state moves to the other backend.
  rmSync(project.path("cdktf.out"), { recursive: true, force: true });
  mkdirSync(project.path("environments"));
  for (const [name, settings] of Object.entries(environments)) {
    writeFileSync(
      project.path("environments", `${name}.ts`),
      `export const environment = ${JSON.stringify({ ...common, name, ...settings })};\n`,
    );
  }
}

afterAll(() => project.remove());

describeWithTerraform("real plans of environments with other data stores than one of each", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await Emulator.start();
    await emulator.createBucket(BUCKET);
  });

  afterAll(() => emulator.stop());

  const plan = (stack: string, more: Record<string, string> = {}) =>
    project.run(`npm run --silent plan -- ${stack} -no-color -out=saved.plan`, {
      ...emulator.env,
      ...more,
    });

  /** What a plan of a stack creates, and the values of its outputs that are known already. */
  async function planned(stack: string) {
    const { exitCode, stderr } = await plan(stack);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const folder = `cdktf.out/stacks/${stack}`;
    const { stdout } = await project.run(
      `terraform -chdir=${folder} show -json saved.plan`,
      emulator.env,
    );
    const { resource_changes, configuration } = JSON.parse(stdout);
    return {
      created: resource_changes
        .filter(({ change }: { change: { actions: string[] } }) => change.actions[0] === "create")
        .map(({ address }: { address: string }) => address),
      outputs: Object.keys(configuration.root_module.outputs),
    };
  }

  test("two databases without a cache, and a cache alone", async () => {
    const database = (identifier: string) => ({
      ...MINIMAL.database,
      identifier,
      deletionProtection: false,
    });
    write({
      orders: { databases: { orders: database("orders-db"), reports: database("reports-db") } },
      sessions: { cache: CACHE },
    });
    for (const name of ["orders", "reports"]) {
      const { created, outputs } = await planned(`news-api-orders-${name}`);
      expect(created).toEqual(
        expect.arrayContaining([
          "aws_db_instance.database",
          "aws_secretsmanager_secret.database_url",
          "aws_vpc_security_group_ingress_rule.database_from_my_api",
        ]),
      );
      expect(outputs).toEqual(expect.arrayContaining(["ecs_secrets", "execution_role_policy"]));
    }
    const { created, outputs } = await planned("news-api-sessions-cache");
    expect(created).toEqual([
      "aws_elasticache_cluster.cache",
      "aws_elasticache_subnet_group.cache_subnets",
      "aws_security_group.cache_access",
      "aws_vpc_security_group_ingress_rule.cache_from_my_api",
    ]);
    expect(outputs).toContain("redis_url");
    expect(outputs).not.toContain("execution_role_policy");
  });

  test("Terraform assumes the environment's role, and that of the state bucket's account", async () => {
    const role = (account: string) => ({
      roleArn: `arn:aws:iam::${account}:role/terraform`,
      externalId: "news-2026",
      sessionName: "terraform",
    });
    write({
      sessions: {
        account: "222222222222",
        assumeRole: role("222222222222"),
        stateBucket: { name: BUCKET, assumeRole: role("333333333333") },
        cache: CACHE,
      },
    });
    const { created } = await planned("news-api-sessions-cache");
    expect(created).toContain("aws_elasticache_cluster.cache");
  });

  test("without the role, the account guards the backend and the provider", async () => {
    const sessions = {
      account: "222222222222",
      cache: CACHE,
    };
    write({ sessions });
    const backend = await plan("news-api-sessions-cache");
    expect(backend.exitCode).toBe(1);
    expect(backend.stdout + backend.stderr).toMatch(/AWS account ID not allowed/);
    // The bucket's account is that of the emulator's credentials: only the provider refuses.
    const assumeRole = { roleArn: "arn:aws:iam::123456789012:role/terraform" };
    write({ sessions: { ...sessions, stateBucket: { name: BUCKET, assumeRole } } });
    const provider = await plan("news-api-sessions-cache");
    expect(provider.exitCode).toBe(1);
    expect(provider.stdout + provider.stderr).toMatch(/AWS account ID not allowed: 123456789012/);
  });

  test("a client whose kind of source changes stays admitted", async () => {
    const sessions = (source: object) => ({
      sessions: { cache: CACHE, clients: { api: source } },
    });
    const stack = "news-api-sessions-cache";
    const rule = "aws_vpc_security_group_ingress_rule.cache_from_api";
    const apply = async () => {
      const { exitCode } = await plan(`${stack} -target=${rule}`);
      expect(exitCode).toBe(0);
      const { stdout } = await project.run(
        `terraform -chdir=cdktf.out/stacks/${stack} apply -json saved.plan`,
        emulator.env,
      );
      return stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line))
        .filter(({ hook }) => hook?.resource.addr === rule)
        .map(({ type, hook }) => `${type} ${hook.action}`);
    };
    write(sessions({ vpcCidr: true }));
    expect(await apply()).toEqual(["apply_start create", "apply_complete create"]);
    write(sessions({ cidrIpv6: "2001:db8::/56" }));
    expect(await apply()).toEqual([
      ...["apply_start create", "apply_complete create"],
      ...["apply_start delete", "apply_complete delete"],
    ]);
  });

  test("an unknown profile gives one clear message", async () => {
    write({
      sessions: { profile: "news-prod", cache: CACHE },
    });
    const { exitCode, stderr } = await plan("news-api-sessions-cache", {
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "The AWS configuration on this machine has no such profile. Add it (aws configure sso), or change profile in the environment.",
    );
  });
});
