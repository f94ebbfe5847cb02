import { z } from "zod";
import { groupNameSchema, keptFields, keptSubnetGroupNameSchema } from "../kept";

/** What exists already and a database uses, instead of what the stack would create. */
export const keptByDatabaseSchema = z
  .strictObject({
    ...keptFields,
    subnetGroupName: keptSubnetGroupNameSchema.optional().meta({
      purpose: 'The DB subnet group. "default" is the one of the default VPC.',
      absent: "a group that the stack creates",
    }),
    parameterGroupName: groupNameSchema("the name of a DB parameter group that exists")
      .optional()
      .meta({
        purpose:
          "The DB parameter group, of the family of engineVersion. Only a group of the stack enforces TLS.",
        absent: "a group that the stack creates",
      }),
    optionGroupName: groupNameSchema("the name of an option group that exists")
      .optional()
      .meta({ purpose: "The option group.", absent: "the default one of the engine" }),
    logGroups: z.literal(true).optional().meta({
      purpose: "The log groups of logExports exist: the stack creates none.",
      absent: "groups that the stack creates",
    }),
  })
  .describe("what exists already, and the stack does not create");

export type KeptByDatabase = z.output<typeof keptByDatabaseSchema>;
