import { z } from "zod";
import { groupNameSchema, keptFields, keptSubnetGroupNameSchema } from "../kept";

/** Existing resources that a database uses instead of those that the stack would create. */
export const keptByDatabaseSchema = z
  .strictObject({
    ...keptFields,
    subnetGroupName: keptSubnetGroupNameSchema.optional().meta({
      purpose: 'The DB subnet group. "default" is the group of the default VPC.',
      absent: "a group that the stack creates",
    }),
    parameterGroupName: groupNameSchema("the name of an existing DB parameter group")
      .optional()
      .meta({
        purpose:
          "The DB parameter group, of the family of engineVersion. The stack sets rds.force_ssl only in a group that it creates.",
        absent: "a group that the stack creates",
      }),
    optionGroupName: groupNameSchema("the name of an existing option group")
      .optional()
      .meta({ purpose: "The option group.", absent: "the default group of the engine" }),
    logGroups: z.literal(true).optional().meta({
      purpose: "Whether the log groups of logExports already exist. The stack then creates none.",
      absent: "groups that the stack creates",
    }),
  })
  .describe("existing resources that the stack does not create");

export type KeptByDatabase = z.output<typeof keptByDatabaseSchema>;
