import { z } from "zod";
import { text } from "../validation/pattern-string";
import { fieldsRule, rule } from "../validation/rule";
import { resourceId } from "./aws/identifier";

/** Per instance or cache. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups */
const MOST_GROUPS = 5;

const securityGroupIdsSchema = z
  .array(resourceId("sg", "a security group ID"))
  .check(
    rule<string[]>({
      holds: (ids) =>
        ids.length > 0 && ids.length <= MOST_GROUPS && new Set(ids).size === ids.length,
      must: `must name 1 to ${MOST_GROUPS} security groups, without duplicates`,
      instead: "Name the groups, or remove the setting so that the stack creates one.",
    }),
  )
  .meta({ minItems: 1, maxItems: MOST_GROUPS, uniqueItems: true })
  .describe("the IDs of existing security groups");

/** The existing resources that both kinds of data store can keep. */
export const keptFields = {
  securityGroupIds: securityGroupIdsSchema.optional().meta({
    purpose:
      "The security groups. The rules of the clients go into the first one; the others are only attached. Terraform does not change the descriptions of rules in a kept group.",
    absent: "a group that the stack creates",
  }),
  tags: z.literal(true).optional().meta({
    purpose:
      "Whether Terraform ignores the tags of the data store and its rules. The stack then has no default tags.",
    absent: "the tags of the environment",
  }),
  engineVersion: z.literal(true).optional().meta({
    purpose:
      "Whether Terraform ignores the engine version, which AWS or a person upgrades. An exact engineVersion is then compatible with autoMinorVersionUpgrade.",
    absent: "a change of engineVersion is applied",
  }),
};

/** The name of a DB parameter group or an option group, which may be a default one. */
export function groupNameSchema(what: string) {
  return text({
    pattern: /^[a-zA-Z][a-zA-Z0-9.:-]{0,254}$/,
    what,
    must: "must be 1 to 255 letters, digits and .:-, starting with a letter",
    instead: "Use the name that the AWS CLI shows.",
  });
}

/** The name of a subnet group. "default" is the one that AWS creates in the default VPC. */
export const keptSubnetGroupNameSchema = text({
  pattern: /^[a-zA-Z0-9][a-zA-Z0-9._ -]{0,254}$/,
  what: "the name of an existing subnet group",
  must: "must be 1 to 255 letters, digits, spaces and ._-",
  instead: "Use the name that the AWS CLI shows.",
});

/** The argument for a kept subnet group. Without one, AWS uses its default group. */
export function subnetGroupArgument(name: string): string | undefined {
  return name === "default" ? undefined : name;
}

/** The changes that Terraform ignores on the resources of a data store. */
export interface Kept {
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly tags?: true | undefined;
  readonly engineVersion?: true | undefined;
}

/** The arguments that Terraform ignores on a data store. */
export function ignoredChanges(kept: Kept = {}): string[] {
  return [
    ...(kept.engineVersion ? ["engine_version"] : []),
    ...(kept.tags ? ["tags", "tags_all"] : []),
  ];
}

interface KeepingSettings {
  readonly kept?: { readonly parameterGroupName?: string | undefined } | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Settings of resources that the stack would create are incompatible with kept ones. */
export function keptRules<Settings extends KeepingSettings>() {
  const pairs = [
    ["securityGroupName", "securityGroupIds"],
    ["subnetGroupName", "subnetGroupName"],
    ["parameterGroupPrefix", "parameterGroupName"],
  ] as const;
  const replaced = pairs.map(([setting, kept]) =>
    fieldsRule<Settings>({
      fields: [setting, "kept"],
      holds: (settings) => {
        const all = settings as object as Readonly<Record<string, unknown>>;
        const keeps = all.kept as Readonly<Record<string, unknown>> | undefined;
        return all[setting] === undefined || keeps?.[kept] === undefined;
      },
      must: `must be absent with kept.${kept}, which is used instead`,
      instead: "Remove one of them.",
    }),
  );
  return [
    ...replaced,
    fieldsRule<Settings>({
      fields: ["parameters", "kept"],
      holds: ({ parameters, kept }) =>
        !kept?.parameterGroupName || Object.keys(parameters).length === 0,
      must: "must be empty with kept.parameterGroupName: the stack does not change a group that it keeps",
      got: ({ parameters }) => Object.keys(parameters),
      instead: "Remove one of them.",
    }),
  ];
}
