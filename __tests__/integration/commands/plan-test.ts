import { rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import execa from "execa";
import { Emulator } from "../../../emulator/emulator";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project, STACKS } from "../project";

jest.setTimeout(1_200_000);

const project = new Project();
const plan = (args: string, env: Record<string, string> = {}) =>
  project.run(`npm run --silent plan -- ${args}`, env);
/** Credentials that nothing checks, and an endpoint where nothing listens. */
const NOWHERE = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  AWS_ACCESS_KEY_ID: "none",
  AWS_SECRET_ACCESS_KEY: "none",
  AWS_MAX_ATTEMPTS: "1",
};

afterAll(() => project.remove());

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1);

test("an unknown stack gives one clear message that lists stacks and environments", async () => {
  expect(await plan("news-api-dev-databse")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: `There is no stack or environment "news-api-dev-databse". Did you mean "news-api-dev-database"? Use a stack:\n  ${STACKS.join("\n  ")}\nor an environment:\n  news-api-dev\n  news-api-prod`,
  });
});

test("a missing Terraform gives one clear message", async () => {
  expect(await plan("news-api-dev-cache", { TERRAFORM_BINARY_NAME: "no-terraform" })).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "`no-terraform` was not found. Install Terraform >= 1.11 (https://developer.hashicorp.com/terraform/install), or OpenTofu >= 1.11 and set TERRAFORM_BINARY_NAME=tofu.",
  });
});

test("an invalid provider mirror gives one clear message", async () => {
  const { exitCode, stderr } = await plan("news-api-dev-cache", {
    TF_PROVIDER_MIRROR: "environments",
    TF_CLI_CONFIG_FILE: "",
  });
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    "TF_PROVIDER_MIRROR names environments, which has no registry.terraform.io/hashicorp/aws. Name the folder that `terraform providers mirror` wrote, or unset it.",
  );
});

interface PlannedChange {
  readonly address: string;
  readonly mode: string;
  readonly change: { readonly actions: string[]; readonly after: Record<string, unknown> };
}

interface Plan {
  readonly resource_changes: PlannedChange[];
}

describeWithTerraform("a real plan with real Terraform on S3 state", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await Emulator.start();
    await emulator.createBucket("news-api-dev-terraform-state");
  });

  afterAll(() => emulator.stop());

  /** Plans a stack as a person would, and reads the saved plan with Terraform. */
  async function planned(stack: string): Promise<{ plan: Plan; text: string; shown: string }> {
    const { exitCode, stdout, stderr } = await plan(
      `${stack} -no-color -out=saved.plan`,
      emulator.env,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const show = await project.run(
      `terraform -chdir=cdktf.out/stacks/${stack} show -json saved.plan`,
      emulator.env,
    );
    return { plan: JSON.parse(show.stdout), text: show.stdout, shown: stdout };
  }

  const created = ({ resource_changes }: Plan) =>
    resource_changes
      .filter(({ mode, change }) => mode === "managed" && change.actions.join() === "create")
      .map(({ address }) => address)
      .sort();

  test("of dev's database creates exactly the intended resources, and contains no password", async () => {
    const { plan, text, shown } = await planned("news-api-dev-database");
    expect(created(plan)).toEqual([
      "aws_cloudwatch_log_group.database_postgresql_log",
      "aws_cloudwatch_log_group.database_upgrade_log",
      "aws_db_instance.database",
      "aws_db_parameter_group.database_parameters",
      "aws_db_subnet_group.database_subnets",
      "aws_secretsmanager_secret.database_url",
      "aws_secretsmanager_secret.master_password",
      "aws_secretsmanager_secret_version.database_url",
      "aws_secretsmanager_secret_version.master_password",
      "aws_security_group.database_access",
      "aws_vpc_security_group_ingress_rule.database_from_vpc",
      "terraform_data.database_url_shape",
      "terraform_data.final_snapshot",
    ]);
    expect(plan.resource_changes).toHaveLength(created(plan).length);
    const after = (address: string) =>
      plan.resource_changes.find((change) => change.address === address)?.change.after;
    expect(after("aws_db_instance.database")).toMatchObject({
      identifier: "news-api-db",
      engine: "postgres",
      engine_version: "15",
      publicly_accessible: false,
      storage_encrypted: true,
      password: null,
      password_wo: null,
      password_wo_version: 1,
    });
    expect(after("aws_secretsmanager_secret_version.master_password")).toMatchObject({
      secret_string: null,
      secret_string_wo: null,
      secret_string_wo_version: 1,
    });
    expect(after("aws_vpc_security_group_ingress_rule.database_from_vpc")).toMatchObject({
      cidr_ipv4: "172.31.0.0/16",
      from_port: 5432,
      to_port: 5432,
      ip_protocol: "tcp",
    });
    // The generated password has 40 characters; nothing of that kind is in the plan.
    expect(text).not.toMatch(/"(password|secret_string|random_password)(_wo)?":\s*"/);
    expect(shown).toContain(`Plan: ${created(plan).length} to add, 0 to change, 0 to destroy.`);
  });

  test("of dev's cache creates exactly the intended resources", async () => {
    const { plan } = await planned("news-api-dev-cache");
    expect(created(plan)).toEqual([
      "aws_elasticache_cluster.cache",
      "aws_elasticache_subnet_group.cache_subnets",
      "aws_security_group.cache_access",
      "aws_vpc_security_group_ingress_rule.cache_from_vpc",
    ]);
    expect(plan.resource_changes).toHaveLength(created(plan).length);
  });

  test("Ctrl-C reaches Terraform alone, which releases the lock and ends before the prompt returns", async () => {
    const command = "exec npm run --silent plan -- news-api-dev-database -no-color";
    const planning = execa("bash", ["-c", command], {
      cwd: project.folder,
      env: emulator.env,
      detached: true,
      reject: false,
    });
    const lines = createInterface(planning.stdout as Readable);
    for await (const line of lines) {
      if (line.endsWith(": Reading...")) {
        break;
      }
    }
    process.kill(-(planning.pid as number), "SIGINT");
    const { stdout, stderr, failed } = await planning;
    expect(failed).toBe(true);
    expect(stdout).toContain("Gracefully shutting down...");
    expect(stderr).not.toContain("Two interrupts received");
    const s3 = new S3Client({ ...emulator.clientConfig, forcePathStyle: true });
    const Bucket = "news-api-dev-terraform-state";
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents.map(({ Key }) => Key)).not.toContain("news-api/dev/database.tfstate.tflock");
  });

  test("of a state bucket needs no bucket", async () => {
    const { plan } = await planned("state-bucket-news-api-prod-terraform-state");
    expect(created(plan)).toHaveLength(9);
  });

  test("a state bucket that does not exist gives one clear message with the next step", async () => {
    const { exitCode, stderr } = await plan("news-api-prod-cache", emulator.env);
    expect(exitCode).toBe(1);
    expect(lastLine(stderr)).toBe(
      "The state bucket news-api-prod-terraform-state does not exist. Create it once: npm run deploy -- state-bucket-news-api-prod-terraform-state",
    );
  });

  describe("when the environment names another account", () => {
    const text = project.read("environments/dev.ts");

    beforeAll(() => {
      const other = text.replace("region:", 'account: "111111111111",\n  region:');
      writeFileSync(project.path("environments/dev.ts"), other);
    });

    afterAll(() => writeFileSync(project.path("environments/dev.ts"), text));

    test("a folder that was initialized before asks what to do about the state", async () => {
      const { exitCode, stderr } = await plan("news-api-dev-cache", emulator.env);
      expect(exitCode).toBe(1);
      expect(lastLine(stderr)).toBe(
        "The backend configuration has changed since cdktf.out/stacks/news-api-dev-cache was initialized. " +
          "To move the state to the new location, run: terraform -chdir=cdktf.out/stacks/news-api-dev-cache init -migrate-state. If the state is already there, use -reconfigure instead.",
      );
    });

    test("the credentials are refused with the next step", async () => {
      const folder = project.path("cdktf.out/stacks/news-api-dev-cache/.terraform");
      rmSync(folder, { recursive: true });
      const { exitCode, stderr } = await plan("news-api-dev-cache", emulator.env);
      expect(exitCode).toBe(1);
      expect(lastLine(stderr)).toBe(
        "AWS refused the credentials. Log in again, to the account that the environment names.",
      );
    });
  });

  test("an unreachable state bucket gives one clear message with the next step", async () => {
    const { exitCode, stderr } = await plan("news-api-dev-cache", NOWHERE);
    expect(exitCode).toBe(1);
    expect(lastLine(stderr)).toBe(
      "The state bucket news-api-dev-terraform-state cannot be reached. Check the network, the environment's region and AWS_ENDPOINT_URL.",
    );
  });
});
