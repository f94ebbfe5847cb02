import type { Environment } from "../settings/environment";
import { CommandError } from "./command-error";

/**
 * Finds an environment by its name, or by app and name if apps share the name.
 * @throws CommandError if there is none, or more than one.
 */
export function named(all: readonly Environment[], name: string): Environment {
  const found = all.filter((one) => one.name === name || `${one.app}-${one.name}` === name);
  if (found.length !== 1) {
    const names = all.map((one) => `${one.app}-${one.name}`).join("\n  ");
    throw new CommandError(
      `${found.length === 0 ? "There is no environment" : "More than one environment is called"} "${name}". There are:\n  ${names}`,
    );
  }
  return found[0] as Environment;
}
