import { arnOf, EVERYTHING, grant, type Place, type RoleGrants } from "./grant";
import { requested, type Tagged, tagged } from "./tagged";

export interface NetworkGrantsProps extends Place, Tagged {
  /** Of the VPC, or "default". */
  readonly vpcId: string;
  /** Whether the stacks look the VPC up, or its subnets. */
  readonly lookups: { readonly vpc: boolean; readonly subnets: boolean };
  /** Groups that exist, into which the stacks put rules. Their tags tell nothing. @default - none */
  readonly keptGroupIds?: readonly string[];
}

/** The VPC, which is read, and the security groups of the stacks, which only their tags tell from others. */
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
      // What still uses a security group that is to be deleted.
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
