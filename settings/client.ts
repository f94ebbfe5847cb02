import { IPv4, IPv6 } from "ipaddr.js";
import { z } from "zod";
import { resourceId } from "./identifier";
import { fieldsRule, rule } from "./rule";
import { reasonSchema } from "./weakening";

/** The widest IPv4 source that needs no reason: a whole VPC is at most a /16. */
const WIDEST_WITHOUT_REASON = 16;
const WIDEST_IPV4 = 8;
/** The widest IPv6 source: a /32 is a whole provider's allocation. */
const WIDEST_IPV6 = 32;

const IPV4_SHAPE = /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}\/(0|[1-9][0-9]?)$/;

/** The canonical spelling of a CIDR of one address family, or undefined if it is none. */
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
      instead: 'Write a network such as "10.0.0.0/16".',
    }),
    rule<string>({
      holds: (cidr) => (canonicalIpv4(cidr) ?? cidr) === cidr,
      must: "must name the network itself, without host bits (AWS would store another text than yours)",
      instead: (cidr) => `Write ${JSON.stringify(canonicalIpv4(cidr))}.`,
    }),
    rule<string>({
      holds: (cidr) => !canonicalIpv4(cidr) || prefixLength(cidr) >= WIDEST_IPV4,
      must: `must not be wider than /${WIDEST_IPV4}: a data store is never open to the internet`,
      instead: "Name the networks of your own that connect, each as a client.",
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
      instead: 'Write a network such as "2001:db8::/56".',
    }),
    rule<string>({
      holds: (cidr) => (canonical(cidr, IPv6) ?? cidr) === cidr,
      must: "must be in its canonical spelling, lower case and without host bits (AWS would store another text than yours)",
      instead: (cidr) => `Write ${JSON.stringify(canonical(cidr, IPv6))}.`,
    }),
    rule<string>({
      holds: (cidr) => !canonical(cidr, IPv6) || prefixLength(cidr) >= WIDEST_IPV6,
      must: `must not be wider than /${WIDEST_IPV6}: a data store is never open to the internet`,
      instead: "Name the networks of your own that connect, each as a client.",
    }),
  )
  .describe('an IPv6 network, such as "2001:db8::/56"');

/** The ways to say who a client is; each client has exactly one. */
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

/** Somebody who may connect: one source of connections, to the named data stores. */
export const clientSchema = z
  .strictObject({
    /** The primary IPv4 CIDR of the environment's VPC: whatever runs in it may connect. */
    vpcCidr: z.literal(true).describe("true, for everything in the VPC").optional(),
    /** What carries this security group may connect: the tightest source. */
    securityGroupId: resourceId("sg", "a security group's id").optional(),
    cidrIpv4: cidrIpv4Schema.optional(),
    cidrIpv6: cidrIpv6Schema.optional(),
    /** A managed prefix list: a network list that somebody keeps in one place. */
    prefixListId: resourceId("pl", "a prefix list's id").optional(),
    /** Which data stores it may connect to. */
    stores: z
      .array(z.enum(["database", "cache"]))
      .check(
        rule<string[]>({
          holds: (stores) => stores.length > 0 && new Set(stores).size === stores.length,
          must: "must name at least one data store, each once",
          instead: 'Write ["database"], ["cache"] or both, or leave it out for both.',
        }),
      )
      .default(["database", "cache"]),
    /** Why a network wider than /16 may connect; it ends up in the rule's description for a reviewer. */
    reason: reasonSchema.optional(),
  })
  .check(
    fieldsRule<SourceFields>({
      fields: [...CLIENT_SOURCES],
      at: "",
      holds: (client) => sourcesOf(client).length === 1,
      must: `must have exactly one of ${CLIENT_SOURCES.join(", ")}`,
      got: sourcesOf,
      instead: "Give each source a client of its own.",
    }),
    fieldsRule<SourceFields>({
      fields: ["cidrIpv4", "reason"],
      holds: ({ cidrIpv4, reason }) =>
        cidrIpv4 === undefined || prefixLength(cidrIpv4) >= WIDEST_WITHOUT_REASON || !!reason,
      must: `must not be wider than /${WIDEST_WITHOUT_REASON} without a reason`,
      instead: "Name a smaller network, or say why in this client's `reason`.",
    }),
  );

/** A client's name becomes part of the rule's Terraform address. */
const CLIENT_NAME = /^[a-z][a-z0-9_]{0,39}$/;
const clientNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => CLIENT_NAME.test(name),
      must: "must have a name of 1 to 40 lower-case letters, digits and underscores, a letter first: it becomes part of the rule's address",
      instead: "Rename the client.",
    }),
  )
  .meta({ pattern: CLIENT_NAME.source });

interface NamedSource {
  readonly name: string;
  readonly text: string;
}

/** The first two clients whose rules AWS would call one and the same. */
function sameSource(
  clients: Readonly<Record<string, Client>>,
): readonly [NamedSource, NamedSource] | undefined {
  const sources = Object.entries(clients).flatMap(([name, client]) =>
    [...new Set(client.stores)].map((store) => ({
      name,
      text: JSON.stringify([store, sourceText(client)]),
    })),
  );
  for (const [index, later] of sources.entries()) {
    const earlier = sources.slice(0, index).find(({ text }) => text === later.text);
    if (earlier) {
      return [earlier, later];
    }
  }
  return undefined;
}

function sourceText(client: Client): unknown {
  return CLIENT_SOURCES.map((source) => client[source] ?? null);
}

export const clientsSchema = z
  .record(clientNameSchema, clientSchema)
  .check(
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (InvalidPermission.Duplicate)
    rule<Record<string, Client>>({
      holds: (clients) => sameSource(clients) === undefined,
      must: (clients) =>
        `must not name one source twice for a data store, as ${sameSource(clients)
          ?.map(({ name }) => name)
          .join(" and ")} do: AWS refuses the second rule`,
      instead: "Keep one of them.",
    }),
  )
  .describe("who may connect, as name: source ({} means nobody)");

export type Client = z.output<typeof clientSchema>;
export type Clients = z.output<typeof clientsSchema>;
export type DataStore = Client["stores"][number];
