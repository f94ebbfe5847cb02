import type { Check } from "./check";
import type { Control } from "./control";
import { references } from "./expression";

const ownGroups = (attribute: string): Check => ({
  attribute,
  must: "name only security groups of the stack",
  look: (store) => {
    const groups = [store.attributes[attribute] ?? []].flat();
    const isOwn = (value: unknown) =>
      references(value).some((address) => store.stack.at(address)?.type === "aws_security_group");
    const others = groups.filter((group) => !isOwn(group));
    if (others.length > 0) {
      return { verdict: "unknown", got: others.map(String).join(", ") };
    }
    return groups.length > 0
      ? { verdict: "holds", got: "such groups" }
      : { verdict: "fails", got: "nothing: the VPC's default group" };
  },
});

/** The security groups of data stores and bastions. A replica without any gets the VPC's default group, not those of its source. */
export const storeSecurityGroupControls: readonly Control[] = [
  {
    id: "MDS.24",
    also: [],
    demands: "A data store and a bastion have only security groups of their stack.",
    on: [
      { type: "aws_db_instance", checks: [ownGroups("vpc_security_group_ids")] },
      { type: "aws_instance", checks: [ownGroups("vpc_security_group_ids")] },
      { type: "aws_elasticache_cluster", checks: [ownGroups("security_group_ids")] },
      { type: "aws_elasticache_replication_group", checks: [ownGroups("security_group_ids")] },
    ],
  },
];
