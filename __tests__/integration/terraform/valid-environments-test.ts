import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Testing } from "cdktf";
import fc from "fast-check";
import { bastionsOf } from "../../../settings/bastion";
import { dataStoresOf } from "../../../settings/data-stores";
import { type Environment, parseEnvironment } from "../../../settings/environment";
import { BastionStack } from "../../../stacks/bastion-stack";
import { CacheStack } from "../../../stacks/cache-stack";
import { DatabaseStack } from "../../../stacks/database-stack";
import { Terraform } from "../../../terraform/terraform";
import { validEnvironments } from "../../valid-environments";
import { describeWithTerraform } from "../describe-with-terraform";

jest.setTimeout(1_200_000);

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

  /** Writes a module for each data store of an environment and for its bastion: the names of the modules. */
  function writeModules(environment: Environment, index: number): string[] {
    const app = Testing.stubVersion(new App({ stackTraces: false }));
    const bastions = bastionsOf(environment).map((bastion) => {
      const name = `bastion_of_${index}`;
      const stack = new BastionStack(app, bastion.stackId, { environment, bastion });
      writeModule(name, Testing.synth(stack, true));
      return name;
    });
    const stores = dataStoresOf(environment).map((store) => {
      const stack =
        store.kind === "database"
          ? new DatabaseStack(app, store.stackId, { environment, store })
          : new CacheStack(app, store.stackId, { environment, store });
      const name = `${store.name}_${index}`;
      writeModule(name, Testing.synth(stack, true));
      return name;
    });
    return [...bastions, ...stores];
  }

  test(`accepts ${ENVIRONMENTS} generated environments`, async () => {
    const environments = fc.sample(validEnvironments, ENVIRONMENTS).map(parseEnvironment);
    const names = environments.flatMap(writeModules);
    const module = Object.fromEntries(names.map((name) => [name, { source: `./${name}` }]));
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
