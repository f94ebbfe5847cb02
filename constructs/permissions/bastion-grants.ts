import { serviceDomain } from "../../settings/account";
import { arnOf, EVERYTHING, grant, type Place, type RoleGrants, together } from "./grant";
import { requested, tagged } from "./tagged";

export interface BastionGrantsProps extends Place {
  /** The name of its role and instance profile, and the value of the tag `stack`. */
  readonly stackId: string;
  /** The value of the tag `stack`. */
  readonly stackTag: string;
  /** @default - any subnet of the account: it is looked up */
  readonly subnetId?: string | undefined;
  /** The prefix of the image's public parameter. */
  readonly imageParameters: string;
  /** The name of the policy of its role. */
  readonly agentPolicy: string;
}

/** The stack of a bastion: image, instance, role, egress rules. */
export function bastionGrants(props: BastionGrantsProps): RoleGrants {
  return together([
    imageGrants(props),
    instanceGrants(props),
    egressGrants(props),
    roleGrants(props),
  ]);
}

/** Public parameters and Amazon's images belong to no account. */
function imageGrants({ imageParameters, ...place }: BastionGrantsProps): RoleGrants {
  const amazons = { ...place, account: "" };
  const parameters = [arnOf(amazons, "ssm", `parameter${imageParameters}/*`)];
  const images = [arnOf(amazons, "ec2", "image/*")];
  const owner = { StringEquals: { "ec2:Owner": ["amazon"] } };
  return {
    plan: [grant("ssm", "GetParameter", parameters)],
    apply: [grant("ec2", "RunInstances", images, owner)],
  };
}

function instanceGrants(props: BastionGrantsProps): RoleGrants {
  const own = { stackTags: [props.stackTag] };
  const ec2 = (...names: readonly string[]) => names.map((name) => arnOf(props, "ec2", name));
  const instances = ec2("instance/*");
  const parts = ec2("instance/*", "volume/*");
  const created = {
    StringEquals: { ...requested(own).StringEquals, "ec2:CreateAction": ["RunInstances"] },
  };
  return {
    plan: [
      grant(
        "ec2",
        "DescribeInstances DescribeInstanceTypes DescribeInstanceCreditSpecifications DescribeTags DescribeVolumes DescribeVpcs",
        EVERYTHING,
      ),
      grant("ec2", "DescribeInstanceAttribute", instances),
    ],
    apply: [
      grant("ec2", "DescribeImages", EVERYTHING),
      grant("ec2", "RunInstances", instances, requested(own)),
      grant("ec2", "RunInstances", ec2("security-group/*"), tagged(own)),
      grant(
        "ec2",
        "RunInstances",
        ec2("volume/*", "network-interface/*", `subnet/${props.subnetId ?? "*"}`),
      ),
      grant("ec2", "CreateTags", parts, created),
      grant(
        "ec2",
        "ModifyInstanceAttribute StartInstances StopInstances TerminateInstances",
        instances,
        tagged(own),
      ),
      grant("ec2", "CreateTags DeleteTags", parts, tagged(own)),
    ],
  };
}

/** Only the bastion's security group has egress rules. */
function egressGrants(props: BastionGrantsProps): RoleGrants {
  const own = { stackTags: [props.stackTag] };
  const rules = [arnOf(props, "ec2", "security-group-rule/*")];
  const created = {
    StringEquals: {
      ...requested(own).StringEquals,
      "ec2:CreateAction": ["AuthorizeSecurityGroupEgress"],
    },
  };
  return {
    plan: [],
    apply: [
      grant(
        "ec2",
        "AuthorizeSecurityGroupEgress",
        [arnOf(props, "ec2", "security-group/*")],
        tagged(own),
      ),
      grant("ec2", "AuthorizeSecurityGroupEgress", rules),
      grant("ec2", "CreateTags", rules, created),
    ],
  };
}

function roleGrants(props: BastionGrantsProps): RoleGrants {
  const role = [arnOf(props, "iam", `role/${props.stackId}`)];
  const profile = [arnOf(props, "iam", `instance-profile/${props.stackId}`)];
  const partition = role[0]?.split(":")[1];
  const policy = `arn:${partition}:iam::aws:policy/${props.agentPolicy}`;
  return {
    plan: [
      grant("iam", "GetRole ListRolePolicies ListAttachedRolePolicies", role),
      grant("iam", "GetInstanceProfile", profile),
    ],
    apply: [
      grant(
        "iam",
        "CreateRole DeleteRole UpdateRole UpdateAssumeRolePolicy TagRole UntagRole ListInstanceProfilesForRole",
        role,
      ),
      grant("iam", "AttachRolePolicy DetachRolePolicy", role, {
        ArnEquals: { "iam:PolicyARN": [policy] },
      }),
      grant("iam", "PassRole", role, {
        StringEquals: { "iam:PassedToService": [`ec2.${serviceDomain(props.region)}`] },
      }),
      grant(
        "iam",
        "CreateInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
        profile,
      ),
    ],
  };
}
