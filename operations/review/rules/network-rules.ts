import { isValidCIDR, parseCIDR } from "ipaddr.js";
import { actionOf, type Change, deletesFirst, isUnknown } from "../change";
import { cannotTell, type Finding, refused } from "../finding";
import type { Values } from "../plan";

/** Who may connect. */
interface Source {
  readonly cidrs: readonly string[];
  /** Security groups and prefix lists, which are compared by their ID. */
  readonly groups: readonly string[];
  readonly lists: readonly string[];
}

/** Who may connect, and to which ports. */
interface Opening extends Source {
  readonly from: number;
  readonly to: number;
}

/** The attributes that name the source of a rule, by its type. */
const SOURCES: Readonly<Record<string, Readonly<Record<keyof Source, readonly string[]>>>> = {
  aws_vpc_security_group_ingress_rule: {
    cidrs: ["cidr_ipv4", "cidr_ipv6"],
    groups: ["referenced_security_group_id"],
    lists: ["prefix_list_id"],
  },
  aws_security_group_rule: {
    cidrs: ["cidr_blocks", "ipv6_cidr_blocks"],
    groups: ["source_security_group_id"],
    lists: ["prefix_list_ids"],
  },
};

/** The attributes that name the source of a rule of this type; none for other types. */
export function sourceAttributes(type: string): readonly string[] {
  return Object.values(SOURCES[type] ?? {}).flat();
}

const PORTS = ["from_port", "to_port", "ip_protocol", "protocol"];
const ALL_PORTS = { from: 0, to: 65535 };

/** The widest prefixes that a client may have; the settings refuse the same. */
const WIDEST = { ipv4: 8, ipv6: 16 };

function isRule({ type, before, after }: Change): boolean {
  return type in SOURCES && (after ?? before)?.type !== "egress";
}

function list(values: Values, names: readonly string[] = []): string[] {
  return names.flatMap((name) => values[name] ?? []).filter((one) => one !== "") as string[];
}

function openingOf(type: string, values: Values): Opening {
  const protocol = String(values.ip_protocol ?? values.protocol ?? "");
  const ports =
    protocol === "-1" || protocol === "all"
      ? ALL_PORTS
      : { from: Number(values.from_port), to: Number(values.to_port) };
  return {
    cidrs: list(values, SOURCES[type]?.cidrs),
    groups: list(values, SOURCES[type]?.groups),
    lists: list(values, SOURCES[type]?.lists),
    ...ports,
  };
}

/** A reference, such as a VPC's CIDR in synthesized JSON, contains only itself. */
function contains(outer: string, inner: string): boolean {
  if (!isValidCIDR(outer) || !isValidCIDR(inner)) {
    return outer === inner;
  }
  const [[network, length], [address, innerLength]] = [parseCIDR(outer), parseCIDR(inner)];
  return (
    network.kind() === address.kind() && innerLength >= length && address.match([network, length])
  );
}

/** Another kind of source is a new client: it is neither wider nor narrower. */
function isSameKind(one: string, other: string): boolean {
  return one.includes(":") === other.includes(":");
}

function isWide(cidr: string): boolean {
  if (!isValidCIDR(cidr)) {
    return false;
  }
  const [address, length] = parseCIDR(cidr);
  return length < WIDEST[address.kind()];
}

/** Rules of a security group: which clients gain access, and which lose it. */
export function network(change: Change, all: readonly Change[]): Finding[] {
  if (change.type === "aws_security_group") {
    return inline(change);
  }
  if (!isRule(change)) {
    return [];
  }
  const action = actionOf(change);
  if (action === "delete" || action === "forget") {
    return removal(change, all);
  }
  if (action === "replace" && deletesFirst(change)) {
    return [
      refused(
        "replace",
        change.address,
        "Deletes the rule before the new one exists: its clients cannot connect in between.",
      ),
    ];
  }
  return action === "none" || action === "import" || action === "move" ? [] : opening(change);
}

function opening(change: Change): Finding[] {
  const { type, address, before, after = {}, unknown } = change;
  const watched = [...(SOURCES[type]?.cidrs ?? []), ...PORTS].filter((name) =>
    isUnknown(unknown[name]),
  );
  if (watched.length > 0) {
    return [
      cannotTell(
        "open-rule",
        address,
        `The source of the rule is known only after apply: ${watched.join(", ")}.`,
      ),
    ];
  }
  const now = openingOf(type, after);
  const wide = now.cidrs.filter(isWide);
  if (wide.length > 0) {
    return [refused("open-rule", address, `Opens the port to ${wide.join(", ")}.`)];
  }
  const old = before && openingOf(type, before);
  return old ? compared(change, old, now) : allPorts(address, now);
}

function allPorts(address: string, { from, to }: Opening): Finding[] {
  return to > from ? [refused("open-rule", address, `Opens the ports ${from} to ${to}.`)] : [];
}

function compared(change: Change, old: Opening, now: Opening): Finding[] {
  const { address } = change;
  const wider = now.cidrs.filter(
    (cidr) =>
      old.cidrs.some((one) => isSameKind(one, cidr)) &&
      !old.cidrs.some((one) => contains(one, cidr)),
  );
  if (wider.length > 0) {
    return [
      refused(
        "open-rule",
        address,
        `Admits ${wider.join(", ")}, which ${old.cidrs.join(", ")} does not contain.`,
      ),
    ];
  }
  if (now.to - now.from > old.to - old.from) {
    return [
      refused(
        "open-rule",
        address,
        `Opens the ports ${now.from} to ${now.to} instead of ${old.from} to ${old.to}.`,
      ),
    ];
  }
  return [...otherKind(address, old, now), ...swappedSource(change, old, now)];
}

/** Another kind of source. From IPv4 to IPv6, and to a security group, it is a new client: neither wider nor narrower. */
function otherKind(address: string, old: Opening, now: Opening): Finding[] {
  const before = [...old.groups, ...old.lists, ...old.cidrs].join(", ") || "its old source";
  if (now.lists.length > 0 && old.lists.length === 0) {
    const message = `Admits ${now.lists.join(", ")} instead of ${before}. A plan does not contain the networks of a prefix list.`;
    return [cannotTell("open-rule", address, message)];
  }
  if (now.cidrs.length > 0 && old.cidrs.length === 0) {
    const message = `Admits ${now.cidrs.join(", ")} instead of ${before}, which can be narrower.`;
    return [refused("open-rule", address, message)];
  }
  return [];
}

function swappedSource(change: Change, before: Opening, after: Opening): Finding[] {
  const { address } = change;
  const [old, now] = [before, after].map(({ groups, lists }) => [...groups, ...lists]) as [
    string[],
    string[],
  ];
  const isInPlace = actionOf(change) === "update";
  const swapped = now.filter((one) => !old.includes(one));
  return isInPlace && old.length > 0 && swapped.length > 0
    ? [
        refused(
          "change-source",
          address,
          `Admits ${swapped.join(", ")} instead of ${old.join(", ")} in one call: ${old.join(", ")} loses access at the same moment. Add a client for the new one, apply, then remove the old one.`,
        ),
      ]
    : [];
}

/** A client whose rule goes needs another rule that is already applied. */
function removal(change: Change, all: readonly Change[]): Finding[] {
  const rules = all.filter((one) => one !== change && isRule(one));
  const created = rules.find((one) => actionOf(one) === "create");
  if (created) {
    return [
      refused(
        "remove-client",
        change.address,
        `Removes the rule while its successor ${created.address} does not exist yet. Apply the new client first, then remove the old one.`,
      ),
    ];
  }
  const stays = rules.some((one) => one.before && !["delete", "forget"].includes(actionOf(one)));
  return stays
    ? []
    : [
        refused(
          "remove-client",
          change.address,
          "Removes the last rule: no client could connect anymore.",
        ),
      ];
}

type Inline = readonly { readonly cidr_blocks?: string[]; readonly ipv6_cidr_blocks?: string[] }[];

/** Rules inside a security group, which an imported one may have. */
function inline({ address, before, after }: Change): Finding[] {
  const cidrs = (values: Values | undefined) =>
    ((values?.ingress ?? []) as Inline).flatMap(({ cidr_blocks, ipv6_cidr_blocks }) => [
      ...(cidr_blocks ?? []),
      ...(ipv6_cidr_blocks ?? []),
    ]);
  const old = cidrs(before);
  const wider = cidrs(after).filter(
    (cidr) => isWide(cidr) || (before && !old.some((one) => contains(one, cidr))),
  );
  return wider.length > 0 ? [refused("open-rule", address, `Admits ${wider.join(", ")}.`)] : [];
}
