import { CommandError } from "../../cli/command-error";
import type { StackOutputs } from "../../cli/container-entries";
import { readEnvironments } from "../../cli/environment-files";
import { synthesize } from "../../cli/synth";
import { type DataStore, dataStoresOf } from "../../settings/data-stores";
import { type Environment, parseEnvironments } from "../../settings/environment";
import { buildApp } from "../../stacks/app";
import { initialize, stackFolder } from "../../terraform/stack-folder";
import { Terraform } from "../../terraform/terraform";

/** A data store, and the outputs of its stack. */
export interface StoreOutputs {
  readonly store: DataStore;
  readonly outputs: StackOutputs;
}

/**
 * The outputs of each data store's stack, read from its state.
 * @param stores the data stores. @default - all of the environment
 * @throws CommandError when a state cannot be read, or its stack has not been applied.
 */
export async function outputsOf(
  environment: Environment,
  stores: readonly DataStore[] = dataStoresOf(environment),
): Promise<StoreOutputs[]> {
  const all = await outputsOfStacks(
    stores.map(({ stackId }) => stackId),
    "ecs_secrets",
  );
  return stores.map((store, index) => ({ store, outputs: all[index] as unknown as StackOutputs }));
}

type Outputs = Readonly<Record<string, unknown>>;

/**
 * The outputs of stacks, read from their states.
 * @param expected an output that every one of them has, once it is applied
 * @throws CommandError when a state cannot be read, or its stack has not been applied.
 */
export async function outputsOfStacks(
  stackIds: readonly string[],
  expected: string,
): Promise<Outputs[]> {
  const parsed = parseEnvironments(readEnvironments());
  const { outdir, stacks } = synthesize((folder) => buildApp(parsed, folder));
  const terraform = await Terraform.find();
  const found: Outputs[] = [];
  for (const stackId of stackIds) {
    const folder = stackFolder(outdir, stacks, stackId);
    console.error(`Reading the state of ${folder.stack} …`);
    await initialize(terraform, folder, "keep");
    const { exitCode, output, stdout } = await terraform.run(
      folder.path,
      ["output", "-json"],
      "keep",
    );
    if (exitCode !== 0) {
      throw new CommandError(`${output}\nThe state of ${folder.stack} cannot be read.`);
    }
    found.push(outputsIn(stdout, folder.stack, expected));
  }
  return found;
}

function outputsIn(output: string, stack: string, expected: string): Outputs {
  const entries = Object.entries(JSON.parse(output) as Record<string, { value: unknown }>);
  const outputs = Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
  if (outputs[expected] === undefined) {
    throw new CommandError(`${stack} has not been applied. Deploy it: npm run deploy -- ${stack}`);
  }
  return outputs;
}
