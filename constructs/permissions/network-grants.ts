import { arnOf, EVERYTHING, grant, type Place, type RoleGrants } from "./grant";
import { requested, type Tagged, tagged } from "./tagged";

export interface NetworkGrantsProps extends Place, Tagged {
  /** The VPC's ID, or "default". */
  readonly vpcId: string;
  /** Whether the stacks look up the VPC and its subnets. */
  readonly lookups: { readonly vpc: boolean; readonly subnets: boolean };
  /** Existing groups in which the stacks create rules. Their tags do not identify them. @default - none */
  readonly keptGroupIds?: readonly string[];
}

/** The VPC, which the stacks read, and their security groups, which only tags identify. */
export function networkGrants(props: NetworkGrantsProps): RoleGrants {
  const { lookups, keptGroupIds = [] } = props;
  const kept = [...new Set(keptGroupIds)].map((id) => arnOf(props, "ec2", `security-group/${id}`));
  const groups = [arnOf(props, "ec2", "security-group/*")];
  const rules = [arnOf(props, "ec2", "security-group-rule/*")];
  const vpc = [arnOf(props, "ec2", `vpc/${props.vpcId === "default" ? "*" : props.vpcId}`)];
  const created = {
    StringEquals: {
      ...requested(props).StringEquals,
      "ec2:CreateAction": ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress"],
    },
  };
  return {
    plan: [
      grant("ec2", "DescribeSecurityGroups DescribeSecurityGroupRules", EVERYTHING),
      ...(lookups.vpc
        ? [
            grant("ec2", "DescribeVpcs DescribeRouteTables", EVERYTHING),
            grant("ec2", "DescribeVpcAttribute", vpc),
          ]
        : []),
      ...(lookups.subnets ? [grant("ec2", "DescribeSubnets", EVERYTHING)] : []),
    ],
    apply: [
      // To find what still uses a security group before it is deleted.
      grant("ec2", "DescribeNetworkInterfaces", EVERYTHING),
      grant("ec2", "CreateSecurityGroup", groups, requested(props)),
      grant("ec2", "CreateSecurityGroup", vpc),
      grant("ec2", "CreateTags", [...groups, ...rules], created),
      grant(
        "ec2",
        "AuthorizeSecurityGroupIngress ModifySecurityGroupRules RevokeSecurityGroupIngress RevokeSecurityGroupEgress DeleteSecurityGroup",
        groups,
        tagged(props),
      ),
      ...(kept.length > 0
        ? [
            grant(
              "ec2",
              "AuthorizeSecurityGroupIngress ModifySecurityGroupRules RevokeSecurityGroupIngress",
              kept,
            ),
          ]
        : []),
      grant("ec2", "AuthorizeSecurityGroupIngress ModifySecurityGroupRules", rules),
      grant("ec2", "CreateTags DeleteTags", [...groups, ...rules], tagged(props)),
    ],
  };
}
