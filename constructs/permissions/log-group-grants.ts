import { EVERYTHING, grant, type RoleGrants } from "./grant";

/** @param groups ARNs that cover the groups with and without the `:*` that some actions add. */
export function logGroupGrants(groups: readonly string[]): RoleGrants {
  return {
    plan: [
      grant("logs", "DescribeLogGroups", EVERYTHING),
      grant("logs", "ListTagsForResource", groups),
    ],
    apply: [
      grant(
        "logs",
        "CreateLogGroup DeleteLogGroup PutRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource",
        groups,
      ),
    ],
  };
}
