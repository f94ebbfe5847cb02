import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";
import execa from "execa";
import { Emulator } from "../../../emulator/emulator";
import { Terraform } from "../../../terraform/terraform";
import { describeWithTerraform } from "../describe-with-terraform";
import { Project, STACKS } from "../project";
import { nodeRelease } from "./node-release";

jest.setTimeout(1_200_000);

const ROOT = resolve(__dirname, "..", "..", "..");
const [CDKTF, CDKTN] = ["0.21.0", "0.24.0"];
const BACKEND = "backend_override.tf.json";

type Json = Record<string, unknown>;

/** The project as git has it, tests included, with node_modules of its own. */
class WholeProject extends Project {
  async copyEverything(): Promise<void> {
    rmSync(this.path("node_modules"));
    const { stdout } = await execa("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT });
    for (const file of stdout.split("\n")) {
      mkdirSync(dirname(this.path(file)), { recursive: true });
      cpSync(resolve(ROOT, file), this.path(file));
    }
  }
}

describeWithTerraform("cdktn, the maintained fork of cdktf", () => {
  const project = new WholeProject();
  let env: Record<string, string>;

  beforeAll(async () => {
    await project.copyEverything();
    // @cdktn/provider-aws needs Node.js 22.11.
    env = { PATH: `${await nodeRelease(22)}${delimiter}${process.env.PATH}` };
    const { exitCode, stderr } = await project.run("npm run on-cdktn", env);
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { stdout } = await project.run(`node -p 'require("cdktf/package.json").name'`, env);
    expect(stdout).toBe("cdktn");
  });

  afterAll(() => project.remove());

  const stacksOf = (from: Project): Json[] =>
    STACKS.map((stack) => JSON.parse(from.read("cdktf.out/stacks", stack, "cdk.tf.json")));

  test("synthesizes the same JSON, except for its own version", async () => {
    const onCdktf = new Project();
    expect(await onCdktf.run("npm run --silent synth")).toMatchObject({ exitCode: 0 });
    expect(await project.run("npm run --silent synth", env)).toMatchObject({ exitCode: 0 });
    const expected = JSON.stringify(stacksOf(onCdktf)).replaceAll(
      `"version":"${CDKTF}"`,
      `"version":"${CDKTN}"`,
    );
    expect(stacksOf(project)).toEqual(JSON.parse(expected));
    onCdktf.remove();
  });

  test("synthesizes the same HCL", async () => {
    const onCdktf = new Project();
    const hcl = async (from: Project, path?: Record<string, string>) => {
      expect(await from.run("npm run --silent synth -- --hcl", path)).toMatchObject({
        exitCode: 0,
      });
      return STACKS.map((stack) => from.read("cdktf.out/stacks", stack, "cdk.tf"));
    };
    expect(await hcl(project, env)).toEqual(await hcl(onCdktf));
    onCdktf.remove();
  });

  test("has every attribute that is used, in its bindings of the newest AWS provider", async () => {
    expect(await project.run("npx tsc --noEmit", env)).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("passes the unit tests", async () => {
    const snapshot = "__tests__/__snapshots__/main-test.ts.snap";
    writeFileSync(
      project.path(snapshot),
      project.read(snapshot).replaceAll(`"version": "${CDKTF}"`, `"version": "${CDKTN}"`),
    );
    const { exitCode, stderr } = await project.run(
      "npx jest --ci --silent --selectProjects unit exhaustive",
      env,
    );
    expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  test("is planned by the real Terraform: everything is created", async () => {
    await project.run("npm run --silent synth", env);
    const emulator = await Emulator.start();
    const folder = project.path("cdktf.out/stacks/news-api-dev-database");
    const backend = { terraform: { backend: { local: {} } } };
    writeFileSync(`${folder}/${BACKEND}`, JSON.stringify(backend));
    const terraform = await Terraform.find({ ...process.env, ...emulator.env });
    for (const args of [["init"], ["plan", "-out=saved.plan"]]) {
      const { exitCode, output } = await terraform.run(folder, [...args, "-no-color"], "keep");
      expect(exitCode === 0 ? "" : output).toBe("");
    }
    const { stdout } = await terraform.run(folder, ["show", "-json", "saved.plan"], "keep");
    await emulator.stop();
    const { resource_changes: planned } = JSON.parse(stdout) as {
      resource_changes: { address: string; mode: string; change: { actions: string[] } }[];
    };
    const managed = planned.filter(({ mode }) => mode === "managed");
    expect(new Set(managed.flatMap(({ change }) => change.actions))).toEqual(new Set(["create"]));
    expect(managed.map(({ address }) => address)).toContain("aws_db_instance.database");
  });

  test("is reverted in one command, and nothing has changed", async () => {
    expect(await project.run("npm run on-cdktf", env)).toMatchObject({ exitCode: 0 });
    const { stdout } = await project.run(`node -p 'require("cdktf/package.json").name'`, env);
    expect(stdout).toBe("cdktf");
    for (const file of ["package.json", "package-lock.json"]) {
      expect(project.read(file)).toBe(readFileSync(resolve(ROOT, file), "utf8"));
    }
  });
});
