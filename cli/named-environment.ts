import {
  type DatabaseStore,
  type DataStore,
  dataStoresOf,
  type StoreKind,
} from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { didYouMean, nearest } from "../validation/suggestion";
import { CommandError } from "./command-error";

/**
 * Finds an environment by its name, or by app and name if apps share the name.
 * @throws CommandError if there is none, or more than one.
 */
export function named(all: readonly Environment[], name: string): Environment {
  const found = all.filter((one) => one.name === name || `${one.app}-${one.name}` === name);
  if (found.length !== 1) {
    const names = all.map((one) => `${one.app}-${one.name}`);
    const known = [...all.map((one) => one.name), ...names];
    const instead = didYouMean(nearest(name, known), "Use one of these:");
    throw new CommandError(
      found.length === 0
        ? `There is no environment "${name}". ${instead}\n  ${names.join("\n  ")}`
        : `More than one environment is called "${name}". Use one of these:\n  ${names.join("\n  ")}`,
    );
  }
  return found[0] as Environment;
}

/**
 * Finds a data store of a kind by its name, or the only one without a name.
 * @throws CommandError if there is none, or more than one.
 */
export function namedStore(
  environment: Environment,
  kind: "database",
  name: string | undefined,
): DatabaseStore;
export function namedStore(
  environment: Environment,
  kind: StoreKind,
  name: string | undefined,
): DataStore;
export function namedStore(
  environment: Environment,
  kind: StoreKind,
  name: string | undefined,
): DataStore {
  const all = dataStoresOf(environment).filter((store) => store.kind === kind);
  const [store, ...others] = all.filter((one) => (name ?? one.name) === one.name);
  if (!store || others.length > 0) {
    const names = all.map((one) => one.name).join(", ");
    throw new CommandError(
      all.length === 0
        ? `${environment.name} has no ${kind}.`
        : `${environment.name} has ${store ? `more than one ${kind}` : `no ${kind} named ${name}`}. Name one with --store: ${names}.`,
    );
  }
  return store;
}
