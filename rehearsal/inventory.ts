import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVpcsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
  type Vpc,
} from "@aws-sdk/client-ec2";
import {
  type CacheCluster,
  DescribeCacheClustersCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeUserGroupsCommand,
  ElastiCacheClient,
} from "@aws-sdk/client-elasticache";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventSubscriptionsCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  RDSClient,
} from "@aws-sdk/client-rds";
import type { Emulator } from "../emulator/emulator";
import type { Client } from "../settings/client";
import { dataStoresOf } from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { expectThat, type Rule } from "./step";

/** The properties that identify a data store. */
export type InventoriedStore =
  | {
      readonly kind: "database";
      readonly name: string;
      readonly settings: { readonly identifier: string; readonly port: number };
    }
  | {
      readonly kind: "cache";
      readonly name: string;
      readonly settings: (
        | { readonly kind: "cluster"; readonly clusterId: string }
        | { readonly kind: "replication-group"; readonly replicationGroupId: string }
      ) & { readonly port: number };
    };

/** The parts of an environment that identify its data stores. */
export interface Inventoried {
  readonly network: Pick<Environment["network"], "vpcId">;
  readonly clients: Environment["clients"];
  readonly stores: readonly InventoriedStore[];
}

/** An environment's data stores, as an inventory finds them. */
export function inventoried(environment: Environment): Inventoried {
  const { network, clients } = environment;
  return { network, clients, stores: dataStoresOf(environment) };
}

type InventoriedCache = Extract<InventoriedStore, { kind: "cache" }>;

/** The data stores of an environment, as the AWS SDK reports them. */
export class Inventory {
  readonly ec2: EC2Client;
  readonly rds: RDSClient;
  readonly elasticache: ElastiCacheClient;

  constructor(
    private readonly emulator: Emulator,
    private readonly environment: Inventoried,
  ) {
    this.ec2 = new EC2Client(emulator.clientConfig);
    this.rds = new RDSClient(emulator.clientConfig);
    this.elasticache = new ElastiCacheClient(emulator.clientConfig);
  }

  async instance(DBInstanceIdentifier: string): Promise<DBInstance> {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier });
    const [instance] = (await this.rds.send(command)).DBInstances ?? [];
    expectThat(instance !== undefined, `AWS has no database ${DBInstanceIdentifier}.`);
    return instance;
  }

  async modifyInstance(
    DBInstanceIdentifier: string,
    change: Omit<ModifyDBInstanceCommandInput, "DBInstanceIdentifier">,
  ): Promise<void> {
    await this.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...change }));
  }

  /** The nodes of a cache: one cluster, or the members of a replication group. */
  async cacheNodes({ settings: cache }: InventoriedCache): Promise<CacheCluster[]> {
    const command = new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true });
    const clusters = (await this.elasticache.send(command)).CacheClusters ?? [];
    return clusters.filter(({ CacheClusterId, ReplicationGroupId }) =>
      cache.kind === "cluster"
        ? CacheClusterId === cache.clusterId
        : ReplicationGroupId === cache.replicationGroupId,
    );
  }

  async databaseSnapshots(
    DBInstanceIdentifier: string,
  ): Promise<{ name: string; isAutomated: boolean }[]> {
    const { DBSnapshots = [] } = await this.rds.send(
      new DescribeDBSnapshotsCommand({ DBInstanceIdentifier }),
    );
    return DBSnapshots.map(({ DBSnapshotIdentifier: name = "", SnapshotType }) => ({
      name,
      isAutomated: SnapshotType === "automated",
    }));
  }

  async cacheSnapshots(): Promise<string[]> {
    const { Snapshots = [] } = await this.elasticache.send(new DescribeSnapshotsCommand());
    return Snapshots.map(({ SnapshotName = "" }) => SnapshotName);
  }

  /** The names of all roles, groups and subscriptions in the account, which its list by tags does not include. */
  async names(): Promise<string[]> {
    const iam = new IAMClient(this.emulator.clientConfig);
    const { Roles = [] } = await iam.send(new ListRolesCommand());
    const parameters = await this.rds.send(new DescribeDBParameterGroupsCommand());
    const subnets = await this.rds.send(new DescribeDBSubnetGroupsCommand());
    const subscriptions = await this.rds.send(new DescribeEventSubscriptionsCommand());
    const caches = await this.elasticache.send(new DescribeCacheParameterGroupsCommand());
    const users = await this.elasticache.send(new DescribeUserGroupsCommand());
    return [
      ...Roles.map(({ RoleName }) => RoleName),
      ...(parameters.DBParameterGroups ?? []).map((group) => group.DBParameterGroupName),
      ...(subnets.DBSubnetGroups ?? []).map((group) => group.DBSubnetGroupName),
      ...(subscriptions.EventSubscriptionsList ?? []).map((one) => one.CustSubscriptionId),
      ...(caches.CacheParameterGroups ?? []).map((group) => group.CacheParameterGroupName),
      ...(users.UserGroups ?? []).map((group) => group.UserGroupId),
    ].filter((name) => name !== undefined);
  }

  /** The security groups of a data store. */
  async securityGroupIds(store: InventoriedStore): Promise<string[]> {
    if (store.kind === "database") {
      const groups = (await this.instance(store.settings.identifier)).VpcSecurityGroups ?? [];
      return groups.map(({ VpcSecurityGroupId = "" }) => VpcSecurityGroupId);
    }
    const nodes = await this.cacheNodes(store);
    const groups = nodes.flatMap(({ SecurityGroups = [] }) => SecurityGroups);
    return [...new Set(groups.map(({ SecurityGroupId = "" }) => SecurityGroupId))];
  }

  /** Every ingress rule of every security group of the data stores. */
  async rules(): Promise<Rule[]> {
    const rules: Rule[] = [];
    for (const { name } of this.environment.stores) {
      rules.push(...(await this.rulesOf(name)));
    }
    return rules;
  }

  /** @param name of a data store. */
  async rulesOf(name: string): Promise<Rule[]> {
    const store = this.environment.stores.find((one) => one.name === name);
    const found = store ? await this.ingress(await this.securityGroupIds(store)) : [];
    return found.map((rule) => asRule(name, rule));
  }

  /** The rules that the environment's clients need. */
  async expectedRules(): Promise<Rule[]> {
    const vpcCidr = (await this.vpc()).CidrBlock ?? "";
    return this.environment.stores.flatMap(({ kind, name: store, settings: { port } }) =>
      Object.entries(this.environment.clients)
        .filter(([, client]) => client.stores.includes(store))
        .map(([name, client]) => ({
          store,
          protocol: "tcp",
          port,
          toPort: port,
          source: sourceOf(client, vpcCidr),
          description: `${name} to the ${kind}${client.reason ? `: ${client.reason}` : ""}`,
        })),
    );
  }

  /** The rules in AWS beyond the environment's clients, and the clients without a rule. */
  async ruleProblems(): Promise<{ foreign: Rule[]; missing: Rule[] }> {
    const [found, expected] = await Promise.all([this.rules(), this.expectedRules()]);
    return {
      foreign: found.filter((rule) => !expected.some((other) => same(rule, other))),
      missing: expected.filter((rule) => !found.some((other) => same(rule, other))),
    };
  }

  async authorize(store: InventoriedStore, rule: { port: number; cidr: string }): Promise<void> {
    const [GroupId] = await this.securityGroupIds(store);
    await this.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission(rule)] }),
    );
  }

  async revoke(store: InventoriedStore, rule: { port: number; cidr: string }): Promise<void> {
    const [GroupId] = await this.securityGroupIds(store);
    await this.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission(rule)] }),
    );
  }

  /** Deletes every ingress rule of a data store, whatever its source. */
  async revokeAll(store: InventoriedStore): Promise<void> {
    for (const GroupId of await this.securityGroupIds(store)) {
      const rules = await this.ingress([GroupId]);
      const SecurityGroupRuleIds = rules.map(({ SecurityGroupRuleId = "" }) => SecurityGroupRuleId);
      await this.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }));
    }
  }

  private async ingress(groupIds: readonly string[]): Promise<SecurityGroupRule[]> {
    const Filters = [{ Name: "group-id", Values: [...groupIds] }];
    const command = new DescribeSecurityGroupRulesCommand({ Filters });
    const { SecurityGroupRules = [] } = await this.ec2.send(command);
    return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
  }

  async vpcId(): Promise<string> {
    return (await this.vpc()).VpcId ?? "";
  }

  private async vpc(): Promise<Vpc> {
    const { vpcId } = this.environment.network;
    const Filters =
      vpcId === "default"
        ? [{ Name: "is-default", Values: ["true"] }]
        : [{ Name: "vpc-id", Values: [vpcId] }];
    const { Vpcs = [] } = await this.ec2.send(new DescribeVpcsCommand({ Filters }));
    return Vpcs[0] ?? {};
  }
}

function permission({ port, cidr }: { port: number; cidr: string }) {
  const IpRanges = [{ CidrIp: cidr }];
  return { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges };
}

function sourceOf(client: Client, vpcCidr: string): string {
  const { cidrIpv4, cidrIpv6, prefixListId, securityGroupId } = client;
  return (
    (client.vpcCidr ? vpcCidr : (cidrIpv4 ?? cidrIpv6 ?? prefixListId ?? securityGroupId)) ?? ""
  );
}

function asRule(store: string, rule: SecurityGroupRule): Rule {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  return {
    store,
    protocol: rule.IpProtocol ?? "",
    port: rule.FromPort ?? 0,
    toPort: rule.ToPort ?? 0,
    source: CidrIpv4 ?? CidrIpv6 ?? PrefixListId ?? ReferencedGroupInfo?.GroupId ?? "",
    description: rule.Description ?? "",
  };
}

/** Compares rules without their descriptions. */
function same(one: Rule, other: Rule): boolean {
  return ruleText(one) === ruleText(other);
}

/** `sg-0a1b → database 5432` */
export function ruleText(rule: Rule): string {
  return `${rule.source} → ${rule.store} ${portsText(rule)}`;
}

/** `5432`, `5432-5433`, `udp 53`, `everything` */
export function portsText({ protocol, port, toPort }: Rule): string {
  if (protocol === "-1") {
    return "everything";
  }
  const ports = port === toPort ? `${port}` : `${port}-${toPort}`;
  return protocol === "tcp" ? ports : `${protocol} ${ports}`;
}
