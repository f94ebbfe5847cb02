import "../../cdktf-matchers";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { CacheStack } from "../../../stacks/cache-stack";
import { DatabaseStack } from "../../../stacks/database-stack";
import type { Changes } from "../../minimal-environment";
import { synthesized } from "../../synthesized";

const rulesOf = (Stack: typeof DatabaseStack | typeof CacheStack, changes: Changes) =>
  synthesized(Stack, changes).resource.aws_vpc_security_group_ingress_rule;
const databaseRule = (source: unknown) =>
  rulesOf(DatabaseStack, { "clients.api": source })?.database_from_api;

const RULE = {
  security_group_id: "${aws_security_group.database_access.id}",
  description: "api to the database",
  ip_protocol: "tcp",
  // A rule with another kind of source is created before the old one is deleted.
  lifecycle: { create_before_destroy: true },
  from_port: 5432,
  to_port: 5432,
};

test.each([
  [{ securityGroupId: "sg-01234567" }, { referenced_security_group_id: "sg-01234567" }],
  [{ cidrIpv4: "10.0.0.0/16" }, { cidr_ipv4: "10.0.0.0/16" }],
  [{ cidrIpv6: "2001:db8::/56" }, { cidr_ipv6: "2001:db8::/56" }],
  [{ prefixListId: "pl-01234567" }, { prefix_list_id: "pl-01234567" }],
  [{ vpcCidr: true }, { cidr_ipv4: "${data.aws_vpc.vpc.cidr_block}" }],
])("a client with the source %j has one rule with that source", (source, attributes) => {
  expect(databaseRule(source)).toEqual({ ...RULE, ...attributes });
});

test("the VPC whose CIDR is a client is looked up by its ID", () => {
  const { data } = synthesized(DatabaseStack, { "clients.api": { vpcCidr: true } });
  expect(data).toEqual({ aws_vpc: { vpc: { id: "vpc-0123456789abcdef0" } } });
});

test("the reason for a wide network is in the rule's description", () => {
  const reason = "the whole office, until the VPN is there";
  expect(databaseRule({ cidrIpv4: "10.0.0.0/12", reason })?.description).toBe(
    `api to the database: ${reason}`,
  );
});

test("AWS accepts the longest possible description", () => {
  const name = "a".repeat(40);
  const source = { cidrIpv4: "10.0.0.0/12", reason: "r".repeat(180) };
  const rules = rulesOf(DatabaseStack, { [`clients.${name}`]: source });
  expect(String(rules?.[`database_from_${name}`]?.description).length).toBeLessThanOrEqual(255);
});

test("each client has its own rule for each store that it names", () => {
  const changes = {
    "clients.api": { securityGroupId: "sg-01234567" },
    "clients.bastion": { securityGroupId: "sg-89abcdef", stores: ["database"] },
    "clients.worker": { securityGroupId: "sg-00000000", stores: ["cache"] },
  };
  expect(Object.keys(rulesOf(DatabaseStack, changes) ?? {})).toEqual([
    "database_from_api",
    "database_from_bastion",
  ]);
  expect(Object.keys(rulesOf(CacheStack, changes) ?? {})).toEqual([
    "cache_from_api",
    "cache_from_worker",
  ]);
});

test("a data store moves to a group after its rules exist there, and before the old ones are deleted", () => {
  const changes = {
    "clients.api": { securityGroupId: "sg-01234567" },
    "database.readReplicas": { reports: {} },
  };
  const { database, database_replica_reports } =
    synthesized(DatabaseStack, changes).resource.aws_db_instance ?? {};
  const rule = "aws_vpc_security_group_ingress_rule.database_from_api";
  expect(database?.depends_on).toContain(rule);
  expect(database_replica_reports?.depends_on).toContain(rule);
  const { cache } = synthesized(CacheStack, changes).resource.aws_elasticache_cluster ?? {};
  expect(cache?.depends_on).toEqual(["aws_vpc_security_group_ingress_rule.cache_from_api"]);
});

test("the rules follow the ports", () => {
  const changes = {
    "clients.api": { securityGroupId: "sg-01234567" },
    "database.port": 5433,
    "cache.port": 6380,
  };
  expect(rulesOf(DatabaseStack, changes)?.database_from_api).toMatchObject({
    from_port: 5433,
    to_port: 5433,
  });
  expect(rulesOf(CacheStack, changes)?.cache_from_api).toMatchObject({
    from_port: 6380,
    to_port: 6380,
  });
});

test("without clients there are no rules, and nobody may connect", () => {
  const stack = synthesized(DatabaseStack);
  expect(stack.resource).not.toHaveProperty("aws_vpc_security_group_ingress_rule");
  expect(stack.addresses).toContain("aws_security_group.database_access");
});

test("the security group has a constant name and description, no inline rules and no egress rules", () => {
  const { json, resource } = synthesized(DatabaseStack);
  expect(json).toHaveResource(SecurityGroup);
  expect(resource.aws_security_group?.database_access).toEqual({
    name: "stack",
    description: "Who may connect to the database",
    vpc_id: "vpc-0123456789abcdef0",
    tags: { Name: "stack" },
    lifecycle: { create_before_destroy: true },
  });
  expect(json).not.toContain("egress");
});

test.each(["group", "constructor"])("a client named %s has a rule like any other", (name) => {
  const rules = rulesOf(DatabaseStack, { [`clients.${name}`]: { cidrIpv4: "10.0.0.0/16" } });
  expect(Object.keys(rules ?? {})).toEqual([`database_from_${name}`]);
});
