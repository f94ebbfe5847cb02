import { z } from "zod";
import { environmentSchema } from "./environment";

/**
 * The JSON Schema of an environment as an operator writes it, for editors. It says what one setting must be; what must
 * hold between settings only `npm run validate` says.
 */
export function environmentJsonSchema(): object {
  const { $schema, properties, ...rest } = z.toJSONSchema(environmentSchema, { io: "input" });
  return {
    $schema,
    title: "An environment of the managed data stores",
    ...rest,
    properties: {
      $schema: { type: "string", description: "where editors find this schema" },
      ...properties,
    },
  };
}
