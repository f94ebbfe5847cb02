import { CommandError } from "../cli/command-error";
import type { Environment } from "../settings/environment";
import { environmentStacks } from "../settings/environment-stacks";
import { nearest } from "../validation/suggestion";

/**
 * Finds stacks by ID, or all data stores and the bastion of an environment by the environment's name.
 * @throws CommandError for an unknown name, or one that several environments have.
 */
export function selectStacks(
  names: readonly string[],
  stacks: readonly string[],
  environments: readonly Environment[],
): string[] {
  return [...new Set(names.flatMap((name) => stacksNamed(name, stacks, environments)))];
}

function stacksNamed(
  name: string,
  stacks: readonly string[],
  environments: readonly Environment[],
): string[] {
  if (stacks.includes(name)) {
    return [name];
  }
  const found = environments.filter((one) => [one.name, `${one.app}-${one.name}`].includes(name));
  if (found.length !== 1) {
    const known = environments.map((one) => `${one.app}-${one.name}`);
    const near = nearest(name, [...stacks, ...environments.map((one) => one.name), ...known]);
    const subject =
      found.length === 0
        ? `There is no stack or environment "${name}".${near === undefined ? "" : ` Did you mean "${near}"?`}`
        : `More than one environment is called "${name}".`;
    throw new CommandError(
      `${subject} Use a stack:\n  ${stacks.join("\n  ")}\nor an environment:\n  ${known.join("\n  ")}`,
    );
  }
  return found.flatMap(environmentStacks).map(({ stackId }) => stackId);
}
