import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Testing } from "cdktf";
import fc from "fast-check";
import { Terraform } from "../../commands/terraform";
import type { DataStore } from "../../settings/client";
import { parseEnvironment } from "../../settings/environment";
import { stackId } from "../../settings/names";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { validEnvironments } from "../valid-environments";
import { describeWithTerraform } from "./describe-with-terraform";

jest.setTimeout(120_000);

const ENVIRONMENTS = 20;

describeWithTerraform("real terraform validate with the real AWS provider", () => {
  const folder = mkdtempSync(join(tmpdir(), "valid-environments-"));
  let terraform: Terraform;

  beforeAll(async () => {
    terraform = await Terraform.find();
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /**
   * Writes a stack as a module: many of them are validated by one call of Terraform. Its provider block stays out,
   * because Terraform starts the provider once for each.
   */
  function writeModule(name: string, json: string): void {
    const { terraform: settings, provider: _provider, ...stack } = JSON.parse(json);
    const { backend: _, ...rest } = settings;
    mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, name, "main.tf.json"),
      JSON.stringify({ terraform: rest, ...stack }),
    );
  }

  test(`accepts ${ENVIRONMENTS} environments that nobody wrote`, async () => {
    const module: Record<string, { source: string }> = {};
    const environments = fc.sample(validEnvironments, ENVIRONMENTS).map(parseEnvironment);
    for (const [index, environment] of environments.entries()) {
      for (const [store, Stack] of Object.entries({ database: DatabaseStack, cache: CacheStack })) {
        const name = `${store}_${index}`;
        const id = stackId(environment, store as DataStore);
        const app = Testing.stubVersion(new App({ stackTraces: false }));
        writeModule(name, Testing.synth(new Stack(app, id, environment), true));
        module[name] = { source: `./${name}` };
      }
    }
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ provider: { aws: { region: "us-east-1" } }, module }),
    );
    const init = await terraform.run(folder, ["init", "-no-color"], "keep");
    expect({ ...init, output: init.exitCode === 0 ? "" : init.output }).toMatchObject({
      exitCode: 0,
      output: "",
    });
    const { output } = await terraform.run(folder, ["validate", "-json"], "keep");
    // Where it fails, the message names the module; its environment is in the JSON beside it.
    expect(JSON.parse(output)).toMatchObject({ valid: true, error_count: 0, diagnostics: [] });
  });
});
