import { z } from "zod";
import { text } from "../../validation/pattern-string";
import { fieldsRule } from "../../validation/rule";
import { groupNameSchema, keptFields, keptRules, keptSubnetGroupNameSchema } from "../kept";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const logGroupNameSchema = text({
  pattern: /^[.\-_/#A-Za-z0-9]{1,512}$/,
  what: "the name of an existing log group",
  must: "must be 1 to 512 letters, digits and .-_/#",
  instead: "Use the name that `aws logs describe-log-groups` shows.",
});

/** Existing resources that a cache uses instead of those that the stack would create. */
export const keptByCacheSchema = z
  .strictObject({
    ...keptFields,
    subnetGroupName: keptSubnetGroupNameSchema.optional().meta({
      purpose: 'The cache subnet group. "default" is the group of the default VPC.',
      absent: "a group that the stack creates",
    }),
    parameterGroupName: groupNameSchema("the name of an existing cache parameter group")
      .optional()
      .meta({
        purpose: "The cache parameter group, of the family of engineVersion.",
        absent: "a group that the stack creates, or the engine's default group",
      }),
    logGroups: z
      .strictObject({
        "slow-log": logGroupNameSchema
          .optional()
          .meta({ purpose: "The log group of the slow log." }),
        "engine-log": logGroupNameSchema
          .optional()
          .meta({ purpose: "The log group of the engine log." }),
      })
      .optional()
      .meta({
        purpose: "The existing log groups of logExports, by log.",
        absent: "groups that the stack creates",
      }),
  })
  .describe("existing resources that the stack does not create");

export type KeptByCache = z.output<typeof keptByCacheSchema>;

interface Fields {
  readonly kept?: KeptByCache | undefined;
  readonly eviction?: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly logExports: readonly string[];
}

export const keptByCacheRules = [
  ...keptRules<Fields>(),
  fieldsRule<Fields>({
    fields: ["eviction", "kept"],
    holds: ({ eviction, kept }) => !kept?.parameterGroupName || eviction === undefined,
    must: "must be absent with kept.parameterGroupName: the stack does not change a group that it keeps",
    instead: "Remove one of them.",
  }),
  fieldsRule<Fields>({
    fields: ["kept", "logExports"],
    at: "kept.logGroups",
    holds: ({ kept, logExports }) =>
      Object.keys(kept?.logGroups ?? {}).every((log) => logExports.includes(log)),
    must: "must name only logs that are in logExports",
    instead: "Add the log to logExports, or remove its group.",
  }),
];

/** After an import the argument has no value. Setting it would be an update. */
export const keptByGroupRules = [
  fieldsRule<{ readonly applyImmediately: boolean; readonly kept?: KeptByCache | undefined }>({
    fields: ["applyImmediately", "kept"],
    holds: ({ applyImmediately, kept }) => !applyImmediately || !kept?.tags,
    must: "must be false with kept.tags, which makes Terraform ignore apply_immediately of a replication group",
    instead: "First remove kept.tags in a separate apply.",
  }),
];
