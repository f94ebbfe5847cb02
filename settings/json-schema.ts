import { z } from "zod";
import { environmentSchema } from "./environment";

/** The documentation of a setting, next to the setting in `z.meta()`. */
export interface Documented {
  /** The purpose of the setting. */
  readonly purpose?: string;
  /** What happens without the setting, if it has no default value. */
  readonly absent?: string;
  /** The AWS or Terraform documentation. */
  readonly link?: string;
  /** The values: "a whole number of days from 0 to 35". */
  readonly description?: string;
}

/** A node of a JSON Schema, with what `Documented` adds. */
export interface SchemaNode extends Documented {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly $ref?: string;
  /** Shared definitions, by name. */
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/** The JSON Schema of an environment as an operator writes it, documentation included. */
export function documentedSchema(): SchemaNode {
  return z.toJSONSchema(environmentSchema, { io: "input" }) as SchemaNode;
}

/**
 * The JSON Schema for editors: hovering a setting shows its purpose. It describes single settings. Only validation
 * checks the rules between settings.
 */
export function environmentJsonSchema(): object {
  const { $schema, properties, ...rest } = z.toJSONSchema(environmentSchema, {
    io: "input",
    override: ({ jsonSchema }) => describe(jsonSchema as Record<string, unknown>),
  });
  return {
    $schema,
    title: "An environment of the managed data stores",
    ...rest,
    properties: {
      $schema: { type: "string", description: "the location of this schema, for editors" },
      ...properties,
    },
  };
}

/** Editors show only `description`. */
function describe(node: Record<string, unknown>): void {
  const { purpose, absent, link, description, default: value } = node as SchemaNode;
  if (purpose === undefined) {
    return;
  }
  const rule = description && `Value: ${description}.`;
  const otherwise = absent && value === undefined && `Default: ${absent}.`;
  node.description = [purpose, rule, otherwise, link].filter(Boolean).join(" ");
  delete node.purpose;
  delete node.absent;
  delete node.link;
}
