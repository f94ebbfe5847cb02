import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse as hclToJson } from "@cdktf/hcl2json";
import { type TerraformStack, Testing } from "cdktf";
import execa from "execa";
import fc from "fast-check";
import { hclOf } from "../../../cli/hcl/hcl";
import { nestedBlocks } from "../../../cli/hcl/nested-blocks";
import { Emulator } from "../../../emulator/emulator";
import { dev } from "../../../environments/dev";
import { prod } from "../../../environments/prod";
import { preparePrerequisites } from "../../../rehearsal/prerequisites";
import { type EnvironmentSettings, parseEnvironment } from "../../../settings/environment";
import { buildApp } from "../../../stacks/app";
import { Terraform } from "../../../terraform/terraform";
import { validEnvironments } from "../../valid-environments";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

type Json = Record<string, unknown>;

const REGION = "us-east-1";
/** Whose text and formatting are compared. */
const WRITTEN = 60;
/** Whose plans are compared too, beside those of the shipped environments. */
const PLANNED = 6;

function stacksOf(environment: EnvironmentSettings): TerraformStack[] {
  const outdir = mkdtempSync(join(tmpdir(), "hcl-test-"));
  const app = buildApp([parseEnvironment(environment)], outdir);
  rmSync(outdir, { recursive: true });
  return app.node.children as TerraformStack[];
}

const jsonOf = (stack: TerraformStack): Json => JSON.parse(Testing.synth(stack, true));
const written = (stack: TerraformStack, json = jsonOf(stack)) => hclOf(json, nestedBlocks(stack));

/** What both syntaxes may write in two ways: blocks in lists, expressions with and without `${…}`, spaces in them. */
function normalised(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [only] = value;
    const isBlock = value.length === 1 && typeof only === "object";
    return isBlock ? normalised(only) : value.map(normalised);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([name]) => name !== "//");
    return Object.fromEntries(entries.map(([name, inner]) => [name, normalised(inner)]));
  }
  return typeof value === "string" && value.includes("${")
    ? value.replace(/^\$\{(.*)\}$/s, "$1").replaceAll(/(?<=\{) | (?=\})/g, "")
    : value;
}

const environments = [dev, prod, ...fc.sample(validEnvironments, WRITTEN)];

test(`the HCL of ${environments.length} environments says what their JSON says`, async () => {
  for (const stack of environments.flatMap(stacksOf)) {
    const json = jsonOf(stack);
    const back = await hclToJson("cdk.tf", written(stack, json));
    expect(normalised(back)).toEqual(normalised(json));
  }
});

describeWithTerraform("HCL, read by the real Terraform with the real AWS provider", () => {
  const folder = mkdtempSync(join(tmpdir(), "hcl-"));
  let emulator: Emulator;
  let terraform: Terraform;

  beforeAll(async () => {
    emulator = await Emulator.start({ region: REGION });
    terraform = await Terraform.find({ ...process.env, ...emulator.env });
  });

  afterAll(async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true });
  });

  test("is formatted as terraform fmt formats it", async () => {
    const path = join(folder, "format");
    mkdirSync(path);
    for (const [index, stack] of environments.flatMap(stacksOf).entries()) {
      writeFileSync(join(path, `${index}.tf`), written(stack));
    }
    const { stdout, exitCode } = await execa(terraform.binary, ["fmt", "-check", "-diff", path], {
      env: terraform.env,
      extendEnv: false,
      reject: false,
    });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
  });

  /** What Terraform plans for all stacks, each a module, so that it starts the provider once. */
  async function planOf(form: "json" | "hcl", stacks: readonly TerraformStack[]): Promise<Json> {
    const root = join(folder, form);
    const modules = stacks.map((stack, index) => {
      const { provider: _, terraform: settings, ...json } = jsonOf(stack);
      const { backend: __, ...rest } = settings as Json;
      const module = { ...json, terraform: rest };
      mkdirSync(join(root, `m${index}`), { recursive: true });
      form === "json"
        ? writeFileSync(join(root, `m${index}`, "cdk.tf.json"), JSON.stringify(module))
        : writeFileSync(join(root, `m${index}`, "cdk.tf"), written(stack, module));
      return `m${index}`;
    });
    const named = (of: (module: string) => object) =>
      Object.fromEntries(modules.map((module) => [module, of(module)]));
    const provider = { aws: { region: REGION } };
    const module = named((name) => ({ source: `./${name}` }));
    const output = named((name) => ({ value: `\${module.${name}}`, sensitive: true }));
    writeFileSync(join(root, "main.tf.json"), JSON.stringify({ provider, module, output }));
    for (const args of [["init"], ["plan", "-out=saved.plan"]]) {
      const { exitCode, output } = await terraform.run(root, [...args, "-no-color"], "keep");
      expect(exitCode === 0 ? "" : output).toBe("");
    }
    const { stdout } = await terraform.run(root, ["show", "-json", "saved.plan"], "keep");
    return JSON.parse(stdout);
  }

  test("is planned as the JSON is: the same changes, outputs and checks", async () => {
    const samples = fc.sample(
      validEnvironments.filter(({ region }) => region === REGION),
      PLANNED,
    );
    const prepared: EnvironmentSettings[] = [];
    for (const settings of [dev, prod, ...samples]) {
      prepared.push(await preparePrerequisites(emulator, settings));
    }
    const stacks = prepared.flatMap(stacksOf);
    const [json, hcl] = [await planOf("json", stacks), await planOf("hcl", stacks)];
    const compared = ({ resource_changes, output_changes, checks }: Json) => ({
      resource_changes,
      output_changes,
      checks,
    });
    expect((json.resource_changes as unknown[]).length).toBeGreaterThan(stacks.length * 3);
    expect(compared(hcl)).toEqual(compared(json));
  });
});
