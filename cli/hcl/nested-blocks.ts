import { TerraformElement, type TerraformStack } from "cdktf";

type Body = Readonly<Record<string, unknown>>;

/** An argument in the provider's bindings. For providers, cdktf turns `isBlock` into `is_block`. */
interface Argument {
  readonly value: unknown;
  readonly isBlock?: boolean;
  readonly is_block?: boolean;
}

/**
 * The blocks among the arguments of a stack, such as `resource.aws_db_instance.blue_green_update`. JSON does not tell
 * blocks from arguments; the provider's bindings do.
 */
export function nestedBlocks(stack: TerraformStack): Set<string> {
  const elements = stack.node.findAll().filter(TerraformElement.isTerraformElement);
  return new Set(elements.flatMap((element) => blocksOf(element.toHclTerraform())));
}

function blocksOf({ resource = {}, data = {}, provider = {} }: Record<string, Body>): string[] {
  return [
    ...Object.entries({ resource, data }).flatMap(([kind, types]) =>
      Object.entries(types).flatMap(([type, named]) =>
        Object.values(named as Body).flatMap((body) => blocksIn(body, `${kind}.${type}`)),
      ),
    ),
    ...Object.entries(provider).flatMap(([type, bodies]) => blocksIn(bodies, `provider.${type}`)),
  ];
}

function blocksIn(bodies: unknown, path: string): string[] {
  const named = [bodies].flat().flatMap((body) => Object.entries((body ?? {}) as object));
  return named
    .filter(([, argument]) => isBlock(argument))
    .flatMap(([name, { value }]) => [`${path}.${name}`, ...blocksIn(value, `${path}.${name}`)]);
}

function isBlock(argument: Argument | null | undefined): boolean {
  return argument?.isBlock === true || argument?.is_block === true;
}
