import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { type Client, clientSlug, clientsSchema } from "../../settings/client";
import type { StoreKind } from "../../settings/data-stores";
import type { Existing, Remark } from "./existing";

/** A data store's port, and its security groups. */
export interface Reached {
  readonly kind: StoreKind;
  /** `database news-api-db` */
  readonly subject: string;
  readonly port: number;
  readonly groupIds: readonly string[];
}

/** A client as the settings name it. */
type Source = Partial<
  Pick<Client, "cidrIpv4" | "cidrIpv6" | "prefixListId" | "securityGroupId" | "vpcCidr" | "reason">
>;

/** A rule that the settings can express. */
interface Expressed {
  readonly ruleId: string;
  readonly groupId: string;
  readonly source: Source;
  /** A name for the client, not yet unique. */
  readonly name: string;
}

/** The rules of one data store. */
interface StoreRules {
  readonly store: Reached;
  /** The group whose rules are the clients, first. */
  readonly groupIds: readonly string[];
  readonly expressed: readonly Expressed[];
}

export interface TranslatedClients {
  readonly clients: Readonly<Record<string, Source & { readonly stores?: string[] }>>;
  /** The security groups of each store; the one with the clients' rules first. */
  readonly groupIds: Readonly<Partial<Record<StoreKind, readonly string[]>>>;
  /** The imports of each store: address → rule's ID. */
  readonly adopted: Readonly<Partial<Record<StoreKind, Readonly<Record<string, string>>>>>;
  readonly remarks: readonly Remark[];
}

const WIDE_REASON = "Adopted as it was: name the networks that really connect";
const LONGEST_NAME = 40;

/** The rules that admit traffic to a port, as clients by rule ID. A rule that the settings cannot express is a remark. */
export function translateClients(
  existing: Existing,
  stores: readonly Reached[],
): TranslatedClients {
  const found = stores.map((store) => rulesOf(existing, store));
  const names = namesOf(found.flatMap(({ expressed }) => expressed));
  const clients = [...names].map(([key, name]) => {
    const source = JSON.parse(key) as Source;
    const kinds = found
      .filter(({ expressed }) => expressed.some((one) => keyOf(one) === key))
      .map(({ store }) => store.kind);
    return [name, kinds.length === stores.length ? source : { ...source, stores: kinds }] as const;
  });
  return {
    clients: Object.fromEntries(clients),
    groupIds: Object.fromEntries(found.map(({ store, groupIds }) => [store.kind, groupIds])),
    adopted: Object.fromEntries(
      found.map(({ store, expressed }) => [store.kind, importsOf(store, expressed, names)]),
    ),
    remarks: found.flatMap((one) => remarksOn(existing, one)),
  };
}

function importsOf(
  { kind }: Reached,
  expressed: readonly Expressed[],
  names: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    expressed.map((one) => {
      const slug = clientSlug(names.get(keyOf(one)) as string);
      return [`aws_vpc_security_group_ingress_rule.${kind}_from_${slug}`, one.ruleId];
    }),
  );
}

/** The group with the most rules that the settings can express is the one whose rules are managed. */
function rulesOf(existing: Existing, store: Reached): StoreRules {
  const expressed = existing.rules
    .filter((rule) => store.groupIds.includes(rule.GroupId ?? "") && reaches(rule, store.port))
    .flatMap((rule) => expressedRule(existing, store, rule));
  const count = (id: string) => expressed.filter(({ groupId }) => groupId === id).length;
  const groupIds = [...store.groupIds].sort((one, other) => count(other) - count(one));
  return {
    store,
    groupIds,
    expressed: expressed.filter(({ groupId }) => groupId === groupIds[0]),
  };
}

const ALL_PROTOCOLS = "-1";

function reaches({ IsEgress, IpProtocol, FromPort, ToPort }: SecurityGroupRule, port: number) {
  const isPort = (FromPort ?? 0) <= port && port <= (ToPort ?? 0);
  return !IsEgress && (IpProtocol === ALL_PROTOCOLS || (IpProtocol === "tcp" && isPort));
}

function expressedRule(
  existing: Existing,
  { port }: Reached,
  rule: SecurityGroupRule,
): Expressed[] {
  const { SecurityGroupRuleId: ruleId, GroupId: groupId } = rule;
  const isPortAlone = rule.IpProtocol === "tcp" && rule.FromPort === port && rule.ToPort === port;
  const source = isPortAlone ? sourceOf(existing, rule) : undefined;
  return ruleId && groupId && source
    ? [{ ruleId, groupId, source, name: nameOf(existing, rule, source) }]
    : [];
}

function sourceOf(existing: Existing, rule: SecurityGroupRule): Source | undefined {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  if (CidrIpv4 !== undefined && isVpcsOwn(existing, rule)) {
    return { vpcCidr: true };
  }
  const { GroupId, UserId = existing.account } = ReferencedGroupInfo ?? {};
  // The provider writes the account only for a security group of another account.
  const securityGroupId = GroupId && UserId !== existing.account ? `${UserId}/${GroupId}` : GroupId;
  const source = {
    ...(CidrIpv4 !== undefined ? { cidrIpv4: CidrIpv4 } : {}),
    ...(CidrIpv6 !== undefined ? { cidrIpv6: CidrIpv6 } : {}),
    ...(PrefixListId !== undefined ? { prefixListId: PrefixListId } : {}),
    ...(securityGroupId !== undefined ? { securityGroupId } : {}),
  };
  return [source, { ...source, reason: WIDE_REASON }].find(
    (one) => clientsSchema.safeParse({ client: one }).success,
  );
}

/** The primary CIDR of the VPC that the rule's group is in. */
function isVpcsOwn({ groups, vpcs }: Existing, { GroupId, CidrIpv4 }: SecurityGroupRule): boolean {
  const vpcId = groups.find((group) => group.GroupId === GroupId)?.VpcId;
  return vpcs.some((vpc) => vpc.VpcId === vpcId && vpc.CidrBlock === CidrIpv4);
}

/** A name for the client, from its security group or description, or else from its network. */
function nameOf({ sources }: Existing, rule: SecurityGroupRule, source: Source): string {
  if (source.vpcCidr) {
    return "vpc";
  }
  const group = sources.find(({ GroupId }) => GroupId === rule.ReferencedGroupInfo?.GroupId);
  const words = [
    group?.GroupName,
    rule.Description,
    rule.ReferencedGroupInfo?.GroupId,
    rule.PrefixListId,
    `net-${rule.CidrIpv4 ?? rule.CidrIpv6}`,
  ];
  return words.map(slug).find((one) => one !== "") ?? "client";
}

function slug(text: string | undefined = ""): string {
  const lower = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return lower
    .replace(/^[^a-z]+/, "")
    .slice(0, LONGEST_NAME - 4)
    .replace(/-+$/, "");
}

/** One name for each source, in all data stores. */
function namesOf(expressed: readonly Expressed[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const one of expressed) {
    const taken = [...names.values()];
    const free = [one.name, ...taken.map((_, index) => `${one.name}-${index + 2}`)];
    const name = free.find((candidate) => !taken.includes(candidate)) ?? one.name;
    names.set(keyOf(one), names.get(keyOf(one)) ?? name);
  }
  return names;
}

function keyOf({ source }: Pick<Expressed, "source">): string {
  return JSON.stringify(source);
}

/** Rules that Terraform does not manage, although they admit traffic to the port or are egress rules. */
function remarksOn(existing: Existing, { store, groupIds, expressed }: StoreRules): Remark[] {
  const { subject, port } = store;
  const [managed = ""] = groupIds;
  const known = expressed.map(({ ruleId }) => ruleId);
  const left = existing.rules.filter(
    (rule) =>
      groupIds.includes(rule.GroupId ?? "") &&
      reaches(rule, port) &&
      !known.includes(rule.SecurityGroupRuleId ?? ""),
  );
  const egress = existing.rules.filter(
    ({ GroupId = "", IsEgress }) => IsEgress && groupIds.includes(GroupId),
  );
  return [
    ...left.map((rule) => ({
      subject,
      found: `The rule ${textOf(rule)} also opens port ${port}.`,
      advice:
        rule.GroupId === managed || expressed.length === 0
          ? "A client's rule opens only this TCP port, to a network no wider than /8. Terraform does not manage this rule. Remove it when a client replaces it."
          : `Terraform manages the rules of ${managed} only. Name the client in clients, then remove this rule.`,
    })),
    ...(egress.length > 0
      ? [
          {
            subject,
            found: `${egress.length} egress rules: ${egress.map(textOf).join(", ")}.`,
            advice: "They stay, but Terraform does not manage them. A data store needs none.",
          },
        ]
      : []),
  ];
}

function textOf(rule: SecurityGroupRule): string {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo, IpProtocol } = rule;
  const source = CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupInfo?.GroupId ?? "?";
  const ports =
    IpProtocol === ALL_PROTOCOLS
      ? "everything"
      : `${IpProtocol} ${rule.FromPort === rule.ToPort ? rule.FromPort : `${rule.FromPort}-${rule.ToPort}`}`;
  return `${rule.SecurityGroupRuleId} of ${rule.GroupId} (${source}, ${ports})`;
}
