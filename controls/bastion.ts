import {
  type Check,
  checkOn,
  inside,
  isFalse,
  isOneOf,
  isSet,
  isTrue,
  judged,
  type Outcome,
  worst,
} from "./check";
import type { Control, Filter } from "./control";
import { references } from "./expression";
import { ignoresOnly } from "./ignored-changes";
import { storePortsIn } from "./network-access";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

const INSTANCE = "aws_instance";
const GROUP = "aws_security_group";
const HTTPS = 443;
const AGENT_POLICY = /^arn:[^:]+:iam::aws:policy\/AmazonSSMManagedInstanceCore$/;
const AMAZONS_IMAGES = /^\/aws\/service\/ami-amazon-linux-latest\//;
/** A new image or a new subnet in the VPC must not replace an instance. */
const IGNORED = ["ami", "subnet_id"];

const besideAnInstance: Filter = {
  says: "of a stack with an instance",
  takes: ({ stack }) => stack.ofType(INSTANCE).length > 0,
};

/** The blocks that an attribute refers to. */
function referred(block: TerraformBlock, attribute: string, type: string): TerraformBlock[] {
  return references(block.attributes[attribute])
    .map((address) => block.stack.at(address))
    .filter((found) => found?.type === type) as TerraformBlock[];
}

/** Whether a role is for instances: an instance profile names it. */
export function isInstanceRole(role: TerraformBlock): boolean {
  return role.stack
    .ofType("aws_iam_instance_profile")
    .some((profile) => profile.refersTo("role", role));
}

/** Whether an attachment gives the agent's policy to a role for instances. */
export function isAgentsPolicy(attachment: TerraformBlock): boolean {
  return (
    AGENT_POLICY.test(String(attachment.value("policy_arn"))) &&
    referred(attachment, "role", "aws_iam_role").some(isInstanceRole)
  );
}

function rulesInto(group: TerraformBlock): string[] {
  const rules = [
    ...group.stack.ofType("aws_vpc_security_group_ingress_rule"),
    ...group.stack.ofType("aws_security_group_rule"),
  ].filter((rule) => rule.refersTo("security_group_id", group));
  return [...rules, ...(group.has("ingress") ? [group] : [])].map(({ address }) => address);
}

const admitsNobody: Check = {
  attribute: "vpc_security_group_ids",
  must: "be security groups of the stack without ingress rules",
  look: (instance) => {
    const groups = referred(instance, "vpc_security_group_ids", GROUP);
    const rules = groups.flatMap(rulesInto);
    if (groups.length === 0) {
      return { verdict: "fails", got: "no security group of the stack" };
    }
    return rules.length === 0
      ? { verdict: "holds", got: "such groups" }
      : { verdict: "fails", got: rules.join(", ") };
  },
};

const admitsTheInstance: Check = {
  attribute: "referenced_security_group_id",
  must: "be only the security group of the instance",
  look: (rule): Outcome => {
    const groups = referred(rule, "referenced_security_group_id", GROUP);
    const isInstances = groups.some((group) =>
      rule.stack.ofType(INSTANCE).some((one) => one.refersTo("vpc_security_group_ids", group)),
    );
    const others = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id"].filter((name) => rule.has(name));
    const got = String(rule.attributes.referenced_security_group_id ?? "nothing");
    return isInstances && others.length === 0
      ? { verdict: "holds", got }
      : { verdict: "fails", got: [got, ...others].join(", ") };
  },
};

function leavesFor(rule: TerraformBlock, stacks: readonly SynthesizedStack[]): Outcome {
  const ports = [HTTPS, ...storePortsIn(stacks)];
  const [from, to] = [rule.value("from_port"), rule.value("to_port")];
  return judged(
    [rule.value("ip_protocol"), from, to],
    () => rule.value("ip_protocol") === "tcp" && from === to && ports.includes(from),
  );
}

const onlyStoresAndHttps: Check = {
  attribute: "ip_protocol, from_port, to_port",
  must: `be tcp and the port of a data store, or ${HTTPS}`,
  look: leavesFor,
};

const isAmazonsImage: Check = {
  attribute: "ami",
  must: "be an Amazon image from a public SSM parameter",
  look: (instance) => {
    const [parameter] = referred(instance, "ami", "data.aws_ssm_parameter");
    return parameter
      ? { verdict: "holds", got: parameter.address }
      : { verdict: "unknown", got: String(instance.attributes.ami ?? "nothing") };
  },
};

/** The permissions that a stack gives a role, except the agent's policy. */
function otherPolicies(role: TerraformBlock): string[] {
  const attached = role.stack
    .ofType("aws_iam_role_policy_attachment")
    .filter((one) => one.refersTo("role", role) && !isAgentsPolicy(one));
  const inline = role.stack
    .ofType("aws_iam_role_policy")
    .filter((one) => one.refersTo("role", role));
  return [...attached, ...inline].map(({ address }) => address);
}

const isForTheAgent: Check = {
  attribute: "role",
  must: "be a role of the stack whose only policy is the AWS managed policy AmazonSSMManagedInstanceCore",
  look: (profile) => {
    const roles = referred(profile, "role", "aws_iam_role");
    const outcomes = roles.map((role): Outcome => {
      const others = otherPolicies(role);
      return others.length === 0
        ? { verdict: "holds", got: role.address }
        : { verdict: "fails", got: others.join(", ") };
    });
    return roles.length === 0
      ? { verdict: "unknown", got: String(profile.attributes.role ?? "nothing") }
      : worst(outcomes, "such a role");
  },
};

/** The instance that forwards ports to the data stores. */
export const bastionControls: readonly Control[] = [
  {
    id: "EC2.8",
    also: ["CKV_AWS_79", "AVD-AWS-0028"],
    demands: "An instance requires IMDSv2.",
    on: [
      {
        type: INSTANCE,
        checks: [inside("metadata_options", isOneOf("http_tokens", ["required"]))],
      },
    ],
  },
  {
    id: "EC2.3",
    also: ["CKV_AWS_8", "AVD-AWS-0131"],
    demands: "The volume of an instance is encrypted.",
    on: [{ type: INSTANCE, checks: [inside("root_block_device", isTrue("encrypted"))] }],
  },
  {
    id: "EC2.9",
    also: ["CKV_AWS_88"],
    demands: "An instance has no public IPv4 address.",
    on: [{ type: INSTANCE, checks: [isFalse("associate_public_ip_address", true)] }],
  },
  {
    id: "CKV_AWS_135",
    also: [],
    demands: "An instance is EBS-optimized.",
    on: [{ type: INSTANCE, checks: [isTrue("ebs_optimized")] }],
  },
  {
    id: "SSM.1",
    also: ["CKV2_AWS_41"],
    demands: "AWS Systems Manager manages an instance through its role.",
    on: [{ type: INSTANCE, checks: [isSet("iam_instance_profile")] }],
  },
  {
    id: "MDS.26",
    also: [],
    demands:
      "A bastion accepts no connections, and its stack lets only the bastion connect to a data store.",
    on: [
      { type: INSTANCE, checks: [admitsNobody] },
      {
        type: "aws_vpc_security_group_ingress_rule",
        only: besideAnInstance,
        checks: [admitsTheInstance],
      },
    ],
  },
  {
    id: "MDS.27",
    also: [],
    demands: "A bastion connects only to the ports of data stores and over HTTPS.",
    on: [{ type: "aws_vpc_security_group_egress_rule", checks: [onlyStoresAndHttps] }],
  },
  {
    id: "MDS.28",
    also: [],
    demands:
      "A bastion runs an unmodified Amazon image, with only the permissions its agent needs.",
    on: [
      { type: INSTANCE, checks: [isAmazonsImage, ignoresOnly(IGNORED)] },
      {
        type: "data.aws_ssm_parameter",
        checks: [
          checkOn("name", "be a public parameter of Amazon's images", (name) =>
            AMAZONS_IMAGES.test(String(name)),
          ),
        ],
      },
      { type: "aws_iam_instance_profile", checks: [isForTheAgent] },
    ],
  },
];
