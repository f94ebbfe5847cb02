import { IPv4, IPv6 } from "ipaddr.js";
import { z } from "zod";
import { reasonSchema } from "../validation/exception";
import { text } from "../validation/pattern-string";
import { fieldsRule, rule } from "../validation/rule";
import { resourceId } from "./aws/identifier";

/** The widest IPv4 source that needs no reason: a whole VPC is at most a /16. */
const WIDEST_WITHOUT_REASON = 16;
const WIDEST_IPV4 = 8;
/** The widest IPv6 source: a /32 is a whole provider's allocation. */
const WIDEST_IPV6 = 32;

const IPV4_SHAPE = /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\/(0|[1-9][0-9]?)$/;

/** The canonical spelling of a CIDR, or undefined if it is not a CIDR of the address family. */
function canonical(cidr: string, family: typeof IPv4 | typeof IPv6): string | undefined {
  return family.isValidCIDR(cidr)
    ? `${family.networkAddressFromCIDR(cidr).toString()}/${prefixLength(cidr)}`
    : undefined;
}

function prefixLength(cidr: string): number {
  return Number(cidr.split("/")[1]);
}

function canonicalIpv4(cidr: string): string | undefined {
  return IPV4_SHAPE.test(cidr) ? canonical(cidr, IPv4) : undefined;
}

const cidrIpv4Schema = z
  .string()
  .check(
    rule<string>({
      holds: (cidr) => canonicalIpv4(cidr) !== undefined,
      must: "must be an IPv4 network, a.b.c.d/length, without leading zeros",
      instead: 'Use a network such as "10.0.0.0/16".',
    }),
    rule<string>({
      holds: (cidr) => (canonicalIpv4(cidr) ?? cidr) === cidr || prefixLength(cidr) < WIDEST_IPV4,
      must: "must name the network itself, without host bits (AWS would store a different value)",
      instead: (cidr) => `Use ${JSON.stringify(canonicalIpv4(cidr))}.`,
    }),
    rule<string>({
      holds: (cidr) => !canonicalIpv4(cidr) || prefixLength(cidr) >= WIDEST_IPV4,
      must: `must not be wider than /${WIDEST_IPV4}: a data store is never open to the internet`,
      instead: "Add a client for each of your networks that connects.",
    }),
  )
  .meta({ pattern: IPV4_SHAPE.source })
  .describe('an IPv4 network, such as "10.0.0.0/16"');

const cidrIpv6Schema = z
  .string()
  .check(
    rule<string>({
      holds: (cidr) => canonical(cidr, IPv6) !== undefined,
      must: "must be an IPv6 network, address/length",
      instead: 'Use a network such as "2001:db8::/56".',
    }),
    rule<string>({
      holds: (cidr) => (canonical(cidr, IPv6) ?? cidr) === cidr || prefixLength(cidr) < WIDEST_IPV6,
      must: "must be in its canonical spelling, lower case and without host bits (AWS would store a different value)",
      instead: (cidr) => `Use ${JSON.stringify(canonical(cidr, IPv6))}.`,
    }),
    rule<string>({
      holds: (cidr) => !canonical(cidr, IPv6) || prefixLength(cidr) >= WIDEST_IPV6,
      must: `must not be wider than /${WIDEST_IPV6}: a data store is never open to the internet`,
      instead: "Add a client for each of your networks that connects.",
    }),
  )
  .describe('an IPv6 network, such as "2001:db8::/56"');

/** A security group of the VPC or, with its account, of a peered VPC in another account. */
const securityGroupSchema = text({
  pattern: /^([0-9]{12}\/)?sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
  what: "a security group ID",
  must: 'must be "sg-" followed by 8 or 17 hexadecimal digits, preceded by the account ID and a slash if the group is in another account',
  instead: 'Use a security group ID, such as "sg-0123456789abcdef0".',
});

/** The kinds of source; each client has exactly one. */
export const CLIENT_SOURCES = [
  "vpcCidr",
  "securityGroupId",
  "cidrIpv4",
  "cidrIpv6",
  "prefixListId",
] as const;

interface SourceFields {
  readonly vpcCidr?: true | undefined;
  readonly securityGroupId?: string | undefined;
  readonly cidrIpv4?: string | undefined;
  readonly cidrIpv6?: string | undefined;
  readonly prefixListId?: string | undefined;
  readonly reason?: string | undefined;
}

function sourcesOf(client: SourceFields): string[] {
  return CLIENT_SOURCES.filter((source) => client[source] !== undefined);
}

/** The data stores that a client or the bastion may connect to. */
export const reachableStoresSchema = z
  .array(z.string().describe("the name of a data store"))
  .check(
    rule<string[]>({
      holds: (stores) => stores.length > 0 && new Set(stores).size === stores.length,
      must: "must name at least one data store, without duplicates",
      instead: "Name the data stores, or remove the setting to allow all of them.",
    }),
  )
  .optional()
  .meta({
    purpose: "The names of the data stores that it may connect to.",
    absent: "all data stores of the environment",
  });

/** A client: one source of connections to the named data stores. */
export const clientSchema = z
  .strictObject({
    vpcCidr: z.literal(true).describe("true, for everything in the VPC").optional().meta({
      purpose: "Everything in the VPC: its primary IPv4 CIDR.",
      absent: "this client has another source",
    }),
    securityGroupId: securityGroupSchema.optional().meta({
      purpose:
        "Every resource with this security group: the narrowest source. For a group of a peered VPC in another account, prefix its account: `123456789012/sg-…`.",
      absent: "this client has another source",
    }),
    cidrIpv4: cidrIpv4Schema.optional().meta({
      purpose: "An IPv4 network. Wider than /16 requires `reason`; wider than /8 is refused.",
      absent: "this client has another source",
    }),
    cidrIpv6: cidrIpv6Schema.optional().meta({
      purpose: "An IPv6 network. Wider than /32 is refused.",
      absent: "this client has another source",
    }),
    prefixListId: resourceId("pl", "a prefix list ID").optional().meta({
      purpose: "The networks of a managed prefix list.",
      absent: "this client has another source",
    }),
    stores: reachableStoresSchema,
    /** Why a network wider than /16 may connect. Reviewers see it in the rule's description. */
    reason: reasonSchema.optional(),
  })
  .check(
    fieldsRule<SourceFields>({
      fields: [...CLIENT_SOURCES],
      at: "",
      holds: (client) => sourcesOf(client).length === 1,
      must: `must have exactly one of ${CLIENT_SOURCES.join(", ")}`,
      got: sourcesOf,
      instead: "Give each source its own client.",
    }),
    fieldsRule<SourceFields>({
      fields: ["cidrIpv4", "reason"],
      holds: ({ cidrIpv4, reason }) =>
        cidrIpv4 === undefined || prefixLength(cidrIpv4) >= WIDEST_WITHOUT_REASON || !!reason,
      must: `must not be wider than /${WIDEST_WITHOUT_REASON} without a reason`,
      instead: "Use a narrower network, or give the reason in this client's `reason`.",
    }),
  );

/** A client's name becomes part of the rule's Terraform address. */
const CLIENT_NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const clientNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => CLIENT_NAME.test(name),
      must: "must have a name of 1 to 40 lowercase letters, digits, hyphens and underscores, starting with a letter: it becomes part of the rule's Terraform address",
      instead: "Rename the client.",
    }),
  )
  .meta({ pattern: CLIENT_NAME.source });

/** `my_api`: how a rule's Terraform address names the client `my-api`. */
export function clientSlug(name: string): string {
  return name.replaceAll("-", "_");
}

/** Two clients with the same rule address, `my-api` and `my_api`. */
function sameSlug(clients: Readonly<Record<string, unknown>>): [string, string] | undefined {
  const bySlug = new Map<string, string>();
  for (const name of Object.keys(clients)) {
    const other = bySlug.get(clientSlug(name));
    if (other !== undefined) {
      return [other, name];
    }
    bySlug.set(clientSlug(name), name);
  }
  return undefined;
}

/** Two clients with the same rule, which AWS refuses. */
function sameSource(clients: Readonly<Record<string, Client>>): [string, string] | undefined {
  const bySource = new Map<string, [string, Client][]>();
  for (const [name, client] of Object.entries(clients)) {
    const text = sourceText(client);
    const others = bySource.get(text) ?? [];
    const [other] = others.find(([, one]) => shareStore(one, client)) ?? [];
    if (other !== undefined) {
      return [other, name];
    }
    bySource.set(text, [...others, [name, client]]);
  }
  return undefined;
}

/** Without `stores`, a client may connect to all data stores. */
function shareStore({ stores: some }: Client, { stores: others }: Client): boolean {
  return !some || !others || some.some((store) => others.includes(store));
}

/** `cidrIpv4 10.0.0.0/16`: identifies a source. */
export function sourceText(client: Client): string {
  return sourcesOf(client)
    .map((source) => `${source} ${client[source as keyof Client]}`)
    .join();
}

export const clientsSchema = z
  .record(clientNameSchema, clientSchema)
  .check(
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (InvalidPermission.Duplicate)
    rule<Record<string, Client>>({
      holds: (clients) => sameSource(clients) === undefined,
      must: (clients) =>
        `must not name one source twice for a data store, as ${sameSource(clients)?.join(" and ")} do: AWS refuses the second rule`,
      instead: "Keep one of them.",
    }),
    rule<Record<string, Client>>({
      holds: (clients) => sameSlug(clients) === undefined,
      must: (clients) =>
        `must have names that give unique Terraform addresses; ${sameSlug(clients)?.join(" and ")} differ only in hyphens and underscores`,
      instead: "Rename one of them.",
    }),
  )
  .describe("the clients that may connect, as name: source ({} for none)");

export type Client = z.output<typeof clientSchema>;
export type Clients = z.output<typeof clientsSchema>;
