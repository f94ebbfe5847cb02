import { type Check, isNoneOf, isServed, judged, type Outcome, worst } from "./check";
import type { Control, Demand, Filter } from "./control";
import { mayBe, references, Unknown } from "./expression";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

/** No company has a wider network. Two rules of /1 open the whole internet. */
const WIDEST_IPV4 = 8;
const WIDEST_IPV6 = 32;
const NOT_EVERYBODY = "not be 0.0.0.0/0 or ::/0";
const HTTPS = 443;
/** The attributes that name a data store's security groups. */
const STORES = [
  ["aws_db_instance", "vpc_security_group_ids"],
  ["aws_elasticache_cluster", "security_group_ids"],
  ["aws_elasticache_replication_group", "security_group_ids"],
] as const;
/** The attribute that names an instance's security groups. */
const INSTANCE = ["aws_instance", "vpc_security_group_ids"] as const;
const USERS = [...STORES, INSTANCE] as const;

const ofType = (type: string): Filter => ({
  says: `of type ${type}`,
  takes: (rule) => mayBe(rule.value("type"), type),
});

/** A VPC is a /16 to a /28: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
function isVpcsOwn(network: unknown): boolean {
  return (
    network instanceof Unknown &&
    /^\$\{data\.aws_vpc\.[\w-]+\.cidr_block\}$/.test(network.expression)
  );
}

function prefixLength(network: string): number {
  return Number(network.split("/")[1] ?? Number.NaN);
}

function isOpen(network: string): boolean {
  return !(prefixLength(network) > 0);
}

function isWide(network: string): boolean {
  return !(prefixLength(network) >= (network.includes(":") ? WIDEST_IPV6 : WIDEST_IPV4));
}

type Direction = "ingress" | "egress";

/** Sources that no rule may have. */
interface Refusal {
  readonly direction: Direction;
  readonly must: string;
  readonly refuses: (network: string) => boolean;
  /** Whether a prefix list counts. Its networks are unknown. */
  readonly withLists: boolean;
}

const OLD_ATTRIBUTES = ["cidr_blocks", "ipv6_cidr_blocks"];

/** The requirements for a rule, in each form that Terraform has for it. */
interface RuleChecks {
  readonly rule: Check;
  readonly oldRule: Check;
  /** On a security group, for inline rules. */
  readonly group: Check;
}

function written(direction: Direction, { rule, oldRule, group }: RuleChecks): Demand[] {
  return [
    { type: `aws_vpc_security_group_${direction}_rule`, checks: [rule] },
    { type: "aws_security_group_rule", only: ofType(direction), checks: [oldRule] },
    { type: "aws_security_group", checks: [group] },
  ];
}

function rules(refusal: Refusal): Demand[] {
  const { direction } = refusal;
  return written(direction, {
    rule: names(["cidr_ipv4", "cidr_ipv6"], refusal, (rule) =>
      direction === "egress" && isToSystemsManager(rule) ? [] : [rule],
    ),
    oldRule: names(OLD_ATTRIBUTES, refusal, (rule) => [rule]),
    group: names(OLD_ATTRIBUTES, refusal, (group) => group.blocks(direction)),
  });
}

/** Checks the sources of the rules in a block. Refused and unknown sources fail. */
function names(
  attributes: readonly string[],
  { must, refuses, withLists }: Refusal,
  rulesIn: (block: TerraformBlock) => TerraformBlock[],
): Check {
  return {
    attribute: attributes.join(", "),
    must,
    look: (block) => {
      const inner = rulesIn(block);
      const networks = inner.flatMap((rule) => attributes.flatMap((name) => rule.list(name)));
      const listed = withLists ? inner.flatMap(contents) : [];
      const outcomes = [...networks, ...listed]
        .filter((network) => !isVpcsOwn(network))
        .map((network) => judged(network, (known) => !refuses(String(known))));
      return worst(outcomes, "no such network");
    },
  };
}

function contents(rule: TerraformBlock): Unknown[] {
  return [...rule.list("prefix_list_id"), ...rule.list("prefix_list_ids")].map((list) => {
    const name = list instanceof Unknown ? list.expression : String(list);
    return new Unknown(`the networks of ${name}, which only AWS knows`);
  });
}

/** The ports of the data stores in the stacks. */
export function storePortsIn(stacks: readonly Pick<SynthesizedStack, "ofType">[]): unknown[] {
  return stacks
    .flatMap((stack) => STORES.flatMap(([type]) => stack.ofType(type)))
    .map((store) => store.value("port"));
}

/** The names or IDs by which a rule finds the security group of another stack. */
function namesFound(rule: TerraformBlock): unknown[] {
  return references(rule.attributes.security_group_id)
    .map((address) => rule.stack.at(address))
    .filter((found) => found?.type === "data.aws_security_groups")
    .flatMap((found) => found?.blocks("filter") ?? [])
    .filter((filter) => ["group-name", "group-id"].includes(String(filter.value("name"))))
    .flatMap((filter) => filter.list("values"));
}

/** The ports of this stack, or of the stack whose security group the rule looks up. */
function storePorts(rule: TerraformBlock, stacks: readonly SynthesizedStack[]): unknown[] {
  const names = namesFound(rule);
  const others = stacks.filter(
    (stack) =>
      stack.ofType("aws_security_group").some((group) => names.includes(group.value("name"))) ||
      STORES.some(([type, attribute]) =>
        stack
          .ofType(type)
          .some((store) => store.list(attribute).some((group) => names.includes(group))),
      ),
  );
  return storePortsIn(names.length > 0 ? others : [rule.stack]);
}

type Uses = readonly (readonly [string, string])[];

/** HTTPS from an instance whose agent calls Systems Manager, at any AWS address. */
function isToSystemsManager(rule: TerraformBlock): boolean {
  const { stack } = rule;
  const groups = stack
    .ofType("aws_security_group")
    .filter((group) => rule.refersTo("security_group_id", group));
  const isOf = (uses: Uses) =>
    groups.some((group) =>
      uses.some(([type, name]) => stack.ofType(type).some((one) => one.refersTo(name, group))),
    );
  return (
    isOf([INSTANCE]) &&
    !isOf(STORES) &&
    rule.value("ip_protocol") === "tcp" &&
    rule.value("from_port") === HTTPS &&
    rule.value("to_port") === HTTPS
  );
}

function opensOnlyTheStore(
  rule: TerraformBlock,
  protocolAttribute: string,
  stacks: readonly SynthesizedStack[],
): Outcome {
  const protocol = rule.value(protocolAttribute);
  const [from, to] = [rule.value("from_port"), rule.value("to_port")];
  return judged(
    [protocol, from, to],
    () =>
      ["tcp", "6"].includes(String(protocol)) &&
      from === to &&
      storePorts(rule, stacks).includes(from),
  );
}

/** Checks the ports that the rules in a block open. */
function onlyTheStore(
  protocolAttribute: string,
  rulesIn: (block: TerraformBlock) => TerraformBlock[],
): Check {
  return {
    attribute: `${protocolAttribute}, from_port, to_port`,
    must: "be tcp and only the port of the data store",
    look: (block, stacks) =>
      worst(
        rulesIn(block).map((rule) => opensOnlyTheStore(rule, protocolAttribute, stacks)),
        "the port alone",
      ),
  };
}

const isUsed: Check = isServed(
  USERS.map(([type, attribute]) => `${type}.${attribute}`).join(", "),
  "refer to it",
  (group) =>
    USERS.some(([type, attribute]) =>
      group.stack.ofType(type).some((store) => store.refersTo(attribute, group)),
    ),
);

/** Access to a data store's port. Scanners ignore the resource that controls it. */
export const networkAccessControls: readonly Control[] = [
  {
    id: "MDS.1",
    also: [],
    demands: `No rule admits a network wider than /${WIDEST_IPV4} (IPv6: /${WIDEST_IPV6}): a data store is never open to the internet.`,
    on: rules({
      direction: "ingress",
      must: "name no wider network",
      refuses: isWide,
      withLists: true,
    }),
  },
  {
    id: "MDS.2",
    also: [],
    demands: "A security group rule opens only the data store's port.",
    on: written("ingress", {
      rule: onlyTheStore("ip_protocol", (rule) => [rule]),
      oldRule: onlyTheStore("protocol", (rule) => [rule]),
      group: onlyTheStore("protocol", (group) => group.blocks("ingress")),
    }),
  },
  {
    id: "EC2.18",
    also: [
      ...["EC2.13", "EC2.14", "EC2.19", "CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_260", "CKV_AWS_277"],
      ...["AVD-AWS-0107", "CIS-5.0.0/5.3", "CIS-5.0.0/5.4"],
    ],
    demands: "No rule admits the whole internet, on any port.",
    on: rules({ direction: "ingress", must: NOT_EVERYBODY, refuses: isOpen, withLists: false }),
  },
  {
    id: "CKV_AWS_382",
    also: ["AVD-AWS-0104"],
    demands: "A data store has no egress to the internet; a bastion has it over HTTPS only.",
    on: rules({ direction: "egress", must: NOT_EVERYBODY, refuses: isOpen, withLists: false }),
  },
  {
    id: "CKV_AWS_23",
    also: ["AVD-AWS-0124"],
    demands: "A security group rule has a description.",
    on: [
      {
        type: "aws_vpc_security_group_ingress_rule",
        checks: [isNoneOf("description", ["", "Managed by Terraform"])],
      },
      {
        type: "aws_vpc_security_group_egress_rule",
        checks: [isNoneOf("description", ["", "Managed by Terraform"])],
      },
    ],
  },
  {
    id: "AVD-AWS-0099",
    also: [],
    demands: "A security group has a description.",
    on: [
      {
        type: "aws_security_group",
        checks: [isNoneOf("description", ["", "Managed by Terraform"])],
      },
    ],
  },
  {
    id: "CKV2_AWS_5",
    also: [],
    demands: "A security group is in use.",
    on: [{ type: "aws_security_group", checks: [isUsed] }],
  },
];
