import { type Check, isNoneOf, isServed, judged, type Outcome, worst } from "./check";
import type { Control, Demand, Filter } from "./control";
import { mayBe, references, Unknown } from "./expression";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

/** Wider is more than any company has: half the internet is two rules of /1. */
const WIDEST_IPV4 = 8;
const WIDEST_IPV6 = 32;
const NOT_EVERYBODY = "not be 0.0.0.0/0 or ::/0";
const HTTPS = 443;
/** Where a data store's security group is named. */
const STORES = [
  ["aws_db_instance", "vpc_security_group_ids"],
  ["aws_elasticache_cluster", "security_group_ids"],
  ["aws_elasticache_replication_group", "security_group_ids"],
] as const;
/** Where a security group is named. */
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

/** What no rule may name. */
interface Refusal {
  readonly direction: Direction;
  readonly must: string;
  readonly refuses: (network: string) => boolean;
  /** Whether a prefix list counts, of whose networks nothing is known. */
  readonly withLists: boolean;
}

const OLD_ATTRIBUTES = ["cidr_blocks", "ipv6_cidr_blocks"];

/** What must hold of a rule in each way that Terraform has to write it. */
interface RuleChecks {
  readonly rule: Check;
  readonly oldRule: Check;
  /** On a security group, for the rules inside. */
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

/** What the rules in a block name: those that are refused are wrong, and those that nobody knows. */
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

/** The ports of the data stores in some stacks. */
export function storePortsIn(stacks: readonly Pick<SynthesizedStack, "ofType">[]): unknown[] {
  return stacks
    .flatMap((stack) => STORES.flatMap(([type]) => stack.ofType(type)))
    .map((store) => store.value("port"));
}

/** The names or ids by which a rule finds the security group of another stack. */
function namesFound(rule: TerraformBlock): unknown[] {
  return references(rule.attributes.security_group_id)
    .map((address) => rule.stack.at(address))
    .filter((found) => found?.type === "data.aws_security_groups")
    .flatMap((found) => found?.blocks("filter") ?? [])
    .filter((filter) => ["group-name", "group-id"].includes(String(filter.value("name"))))
    .flatMap((filter) => filter.list("values"));
}

/** Of the stack, or of the one whose security group the rule finds. */
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

/** HTTPS from an instance, whose agent calls Systems Manager: its addresses are any of AWS's. */
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

/** What the rules in a block open. */
function onlyTheStore(
  protocolAttribute: string,
  rulesIn: (block: TerraformBlock) => TerraformBlock[],
): Check {
  return {
    attribute: `${protocolAttribute}, from_port, to_port`,
    must: "be tcp and the port of the data store, and no other",
    look: (block, stacks) =>
      worst(
        rulesIn(block).map((rule) => opensOnlyTheStore(rule, protocolAttribute, stacks)),
        "the port alone",
      ),
  };
}

const isUsed: Check = isServed(
  USERS.map(([type, attribute]) => `${type}.${attribute}`).join(", "),
  "name it",
  (group) =>
    USERS.some(([type, attribute]) =>
      group.stack.ofType(type).some((store) => store.refersTo(attribute, group)),
    ),
);

/** What no scanner looks for, on a resource that they pass over: who reaches a data store's port. */
export const networkAccessControls: readonly Control[] = [
  {
    id: "MDS.1",
    also: [],
    demands: `No rule lets in more than a /${WIDEST_IPV4} (IPv6: a /${WIDEST_IPV6}): a data store is never open to the internet, or to half of it.`,
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
    demands: "A rule opens the data store's port and no other.",
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
    demands: "No rule lets in everybody, on any port.",
    on: rules({ direction: "ingress", must: NOT_EVERYBODY, refuses: isOpen, withLists: false }),
  },
  {
    id: "CKV_AWS_382",
    also: ["AVD-AWS-0104"],
    demands: "A data store opens no connections to everywhere, and a bastion by HTTPS only.",
    on: rules({ direction: "egress", must: NOT_EVERYBODY, refuses: isOpen, withLists: false }),
  },
  {
    id: "CKV_AWS_23",
    also: ["AVD-AWS-0124"],
    demands: "A rule says what it is for.",
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
    demands: "A security group says what it is for.",
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
    demands: "A security group is used.",
    on: [{ type: "aws_security_group", checks: [isUsed] }],
  },
];
