import { bastionsOf } from "./bastion";
import { dataStoresOf } from "./data-stores";
import type { Environment } from "./environment";

/** A stack that a plan or an apply of the environment includes, with its state. */
export interface EnvironmentStack {
  readonly stackId: string;
  readonly stateKey: string;
}

/** The data stores' stacks, then the bastion's, which looks up the data stores. */
export function environmentStacks(environment: Environment): EnvironmentStack[] {
  return [...dataStoresOf(environment), ...bastionsOf(environment)];
}
