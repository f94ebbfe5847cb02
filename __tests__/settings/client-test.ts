import { problemsWith } from "../minimal-environment";

const REASON = "the whole office network, until the VPN is there";
const client = (source: unknown) => problemsWith({ "clients.api": source });

test.each([
  { vpcCidr: true },
  { securityGroupId: "sg-01234567" },
  { securityGroupId: "sg-0123456789abcdef0" },
  { securityGroupId: "123456789012/sg-0123456789abcdef0" },
  { prefixListId: "pl-01234567" },
  { cidrIpv4: "10.0.0.0/16" },
  { cidrIpv4: "192.0.2.7/32" },
  { cidrIpv4: "10.0.0.0/15", reason: REASON },
  { cidrIpv4: "10.0.0.0/8", reason: REASON },
  { cidrIpv6: "2001:db8::/32" },
  { cidrIpv6: "2001:db8::1/128" },
  { vpcCidr: true, stores: ["database"] },
])("%j may connect", (source) => {
  expect(client(source)).toEqual([]);
});

const NOBODY_ELSE =
  "must not be wider than /8: a data store is never open to the internet; got: %s. Add a client for each of your networks that connects.";
const NO_NETWORK =
  'must be an IPv4 network, a.b.c.d/length, without leading zeros; got: %s. Use a network such as "10.0.0.0/16".';
const HOST_BITS =
  "must name the network itself, without host bits (AWS would store a different value); got: %s.";

test.each([
  ["0.0.0.0/0", NOBODY_ELSE],
  ["0.0.0.0/1", NOBODY_ELSE],
  ["128.0.0.0/1", NOBODY_ELSE],
  ["10.0.0.0/7", NOBODY_ELSE],
  ["10.1.2.3/16", `${HOST_BITS} Use "10.1.0.0/16".`],
  // No message advises to open everything.
  ["10.0.0.1/0", NOBODY_ELSE],
  ["1.2.3.4/7", NOBODY_ELSE],
  ["10.0.00.0/16", NO_NETWORK],
  ["010.0.0.0/16", NO_NETWORK],
  ["10.0.0.0/33", NO_NETWORK],
  ["10.0.0.0/016", NO_NETWORK],
  ["10.0.0/16", NO_NETWORK],
  ["10.0.0.0", NO_NETWORK],
  ["256.0.0.0/16", NO_NETWORK],
  ["::ffff:10.0.0.0/104", NO_NETWORK],
])("the IPv4 network %s is refused", (cidrIpv4, message) => {
  expect(client({ cidrIpv4 })).toContain(
    `clients.api.cidrIpv4: ${message.replace("%s", JSON.stringify(cidrIpv4))}`,
  );
});

test.each([
  [
    "::/0",
    "must not be wider than /32: a data store is never open to the internet; got: %s. Add a client for each of your networks that connects.",
  ],
  [
    "2001:db8::/31",
    "must not be wider than /32: a data store is never open to the internet; got: %s. Add a client for each of your networks that connects.",
  ],
  [
    "2001:DB8::/56",
    'must be in its canonical spelling, lower case and without host bits (AWS would store a different value); got: %s. Use "2001:db8::/56".',
  ],
  [
    "2001:db8::1/56",
    'must be in its canonical spelling, lower case and without host bits (AWS would store a different value); got: %s. Use "2001:db8::/56".',
  ],
  [
    "2001:db8::/129",
    'must be an IPv6 network, address/length; got: %s. Use a network such as "2001:db8::/56".',
  ],
])("the IPv6 network %s is refused", (cidrIpv6, message) => {
  expect(client({ cidrIpv6 })).toContain(
    `clients.api.cidrIpv6: ${message.replace("%s", JSON.stringify(cidrIpv6))}`,
  );
});

test.each([
  [
    { cidrIpv4: "10.0.0.0/15" },
    'clients.api.cidrIpv4: must not be wider than /16 without a reason; got: "10.0.0.0/15". Use a narrower network, or give the reason in this client\'s `reason`.',
  ],
  [
    {},
    "clients.api: must have exactly one of vpcCidr, securityGroupId, cidrIpv4, cidrIpv6, prefixListId; got: []. Give each source its own client.",
  ],
  [
    { vpcCidr: true, securityGroupId: "sg-01234567" },
    'clients.api: must have exactly one of vpcCidr, securityGroupId, cidrIpv4, cidrIpv6, prefixListId; got: ["vpcCidr","securityGroupId"]. Give each source its own client.',
  ],
  [
    { securityGroupId: "sg-0123456" },
    'clients.api.securityGroupId: must be "sg-" followed by 8 or 17 hexadecimal digits, preceded by the account ID and a slash if the group is in another account; got: "sg-0123456". Use a security group ID, such as "sg-0123456789abcdef0".',
  ],
  [
    { prefixListId: "sg-01234567" },
    'clients.api.prefixListId: must be "pl-" followed by 8 or 17 hexadecimal digits; got: "sg-01234567". Use a prefix list ID, such as "pl-0123456789abcdef0".',
  ],
  [
    { vpcCidr: false },
    "clients.api.vpcCidr: must be true; got: false. Use true, for everything in the VPC.",
  ],
  [
    { vpcCidr: true, stores: [] },
    "clients.api.stores: must name at least one data store, without duplicates; got: []. Name the data stores, or remove the setting to allow all of them.",
  ],
  [
    { vpcCidr: true, stores: ["database", "database"] },
    'clients.api.stores: must name at least one data store, without duplicates; got: ["database","database"]. Name the data stores, or remove the setting to allow all of them.',
  ],
  [
    { cidrIpv4: "10.0.0.0/15", reason: "because" },
    'clients.api.reason: must be a sentence of 10 to 180 characters; got: "because". Explain to the reviewer why this is acceptable.',
  ],
  [
    { cidrIpv4: "10.0.0.0/15", reason: "the office’s network" },
    'clients.api.reason: must contain only letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, which AWS accepts in a rule\'s description; got: "the office’s network". Replace the other characters.',
  ],
])("%j is refused", (source, message) => {
  expect(client(source)).toEqual([message]);
});

test.each(["a", "ecs_service_2", "my-api", "a".repeat(40)])(
  "the client name %s is accepted",
  (name) => {
    expect(problemsWith({ clients: { [name]: { vpcCidr: true } } })).toEqual([]);
  },
);

test.each(["", "Api", "2api", "ecs.service", "_api", "a".repeat(41)])(
  "the client name %j is refused",
  (name) => {
    expect(problemsWith({ clients: { [name]: { vpcCidr: true } } })).toEqual([
      `clients.${name}: must have a name of 1 to 40 lowercase letters, digits, hyphens and underscores, starting with a letter: it becomes part of the rule's Terraform address; got: ${JSON.stringify(name)}. Rename the client.`,
    ]);
  },
);

test("one source has one client in each data store", () => {
  const message = (names: string) =>
    `must not name one source twice for a data store, as ${names} do: AWS refuses the second rule`;
  const same = { securityGroupId: "sg-01234567" };
  const problems = problemsWith({ clients: { api: same, worker: same } });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`clients: ${message("api and worker")}; got: {`);
  expect(
    problemsWith({
      clients: { api: { ...same, stores: ["database"] }, worker: { ...same, stores: ["cache"] } },
    }),
  ).toEqual([]);
});

test.each(["group", "constructor"])("the client name %s is accepted", (name) => {
  expect(problemsWith({ clients: { [name]: { vpcCidr: true } } })).toEqual([]);
});
