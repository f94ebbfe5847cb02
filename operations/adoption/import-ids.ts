import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeSecurityGroupsCommand,
  paginateDescribeSecurityGroupRules,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import {
  DescribeCacheClustersCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
} from "@aws-sdk/client-elasticache";
import { GetRoleCommand, paginateListAttachedRolePolicies } from "@aws-sdk/client-iam";
import { paginateListAliases } from "@aws-sdk/client-kms";
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventSubscriptionsCommand,
} from "@aws-sdk/client-rds";
import { paginateGetResources } from "@aws-sdk/client-resource-groups-tagging-api";
import { paginateListSecrets } from "@aws-sdk/client-secrets-manager";
import { paginateListSubscriptionsByTopic, paginateListTopics } from "@aws-sdk/client-sns";
import type { AwsAccount } from "../../cli/aws-account";
import { explained } from "../../cli/called-action";
import { ifThere } from "../../cli/if-there";
import type { Adopted } from "../../settings/adopted";

type Arguments = Readonly<Record<string, unknown>>;

/** The `resource` block of a stack's JSON: arguments by type and name. */
export type StackResources = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

/** What Terraform can import into the empty state of a stack. */
export interface ImportIds {
  readonly adopted: Adopted;
  /** The addresses of resources that are not found. The next apply would create them. */
  readonly missing: readonly string[];
  readonly ambiguous: readonly AmbiguousId[];
}

/** An address with more than one possible import ID. */
export interface AmbiguousId {
  readonly address: string;
  readonly ids: readonly string[];
}

/** Resources that Terraform creates again, because it cannot or must not import them. */
export const NOT_IMPORTED: readonly string[] = [
  "terraform_data",
  "aws_secretsmanager_secret_version",
];

/**
 * Finds the import ID of each resource of a data store's stack, as the state had it. It calls only actions that read.
 * @throws CommandError when a call fails.
 */
export async function importIds(
  account: AwsAccount,
  stackId: string,
  resources: StackResources,
): Promise<ImportIds> {
  const search = new Search(account, stackId, resources);
  const unknown = unknownTypes(resources);
  if (unknown.length > 0) {
    throw new Error(`No import IDs are known for ${unknown.join(", ")}.`);
  }
  try {
    await search.run();
  } catch (error) {
    throw explained(error, account.environment.region);
  }
  const all = [...search.ids];
  const { ambiguous } = search;
  const missing = all
    .filter(([at, id]) => id === undefined && !ambiguous.some(({ address }) => address === at))
    .map(([at]) => at);
  return {
    adopted: Object.fromEntries(all.flatMap(([at, id]) => (id ? [[at, id] as const] : []))),
    missing,
    ambiguous,
  };
}

/** The types of resources that nothing here finds: a defect, because a stack has none. */
export function unknownTypes(resources: StackResources): string[] {
  return Object.keys(resources).filter(
    (type) => !(type in FINDERS) && !NOT_IMPORTED.includes(type),
  );
}

class Search {
  /** The import IDs found so far, by address. */
  readonly ids = new Map<string, string | undefined>();
  readonly ambiguous: AmbiguousId[] = [];
  private alarms: Promise<ReadonlySet<string>> | undefined;

  constructor(
    readonly account: AwsAccount,
    private readonly stackId: string,
    private readonly resources: StackResources,
  ) {}

  async run(): Promise<void> {
    for (const [type, find] of Object.entries(FINDERS)) {
      for (const [name, args] of Object.entries(this.resources[type] ?? {})) {
        const address = `${type}.${name}`;
        this.ids.set(address, await find(args, this, address));
      }
    }
  }

  /** A literal, or the import ID of the resource that a reference names. */
  valueOf(argument: unknown): string | undefined {
    const [, address] = /^\$\{(aws_\w+\.\w+)\.\w+\}$/.exec(String(argument)) ?? [];
    return address === undefined ? String(argument) : this.ids.get(address);
  }

  /** The arguments of the resource of a type with one argument that refers to an address. */
  referring(type: string, argument: string, address: string): Arguments | undefined {
    return Object.values(this.resources[type] ?? {}).find((args) =>
      String(args[argument]).startsWith(`\${${address}.`),
    );
  }

  /** The ID, unless there are several. */
  only(address: string, ids: readonly string[]): string | undefined {
    if (ids.length > 1) {
      this.ambiguous.push({ address, ids });
    }
    return ids.length === 1 ? ids[0] : undefined;
  }

  /** The sources of a rule's arguments, the VPC's CIDR for a reference to it. */
  async sourcesOf(args: Arguments): Promise<readonly unknown[]> {
    const { cidr_ipv4: cidr } = args;
    const isVpcs = String(cidr).startsWith("${data.aws_vpc.");
    return [
      isVpcs ? (await this.account.describeVpc())?.CidrBlock : cidr,
      ...[args.cidr_ipv6, args.prefix_list_id, args.referenced_security_group_id],
    ];
  }

  /** The names of the stack's alarms. */
  alarmNames(): Promise<ReadonlySet<string>> {
    this.alarms ??= this.listAlarms();
    return this.alarms;
  }

  private async listAlarms(): Promise<ReadonlySet<string>> {
    const arns = await every(
      paginateGetResources(
        { client: this.account.tagging },
        {
          ResourceTypeFilters: ["cloudwatch:alarm"],
          TagFilters: [{ Key: "stack", Values: [this.stackId] }],
        },
      ),
      ({ ResourceTagMappingList = [] }) => ResourceTagMappingList,
    );
    return new Set(arns.map(({ ResourceARN = "" }) => ResourceARN.split(":alarm:")[1] ?? ""));
  }
}

type Find = (args: Arguments, search: Search, address: string) => Promise<string | undefined>;

/** By type, in the order in which one needs another. The provider's documentation names the ID of each. */
const FINDERS: Readonly<Record<string, Find>> = {
  aws_db_instance: async ({ identifier }, { account }) =>
    (await instanceOf(account, String(identifier)))?.DBInstanceIdentifier,

  aws_db_subnet_group: async ({ name }, { account: { rds } }) => {
    const command = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: String(name) });
    return (await ifThere(rds.send(command)))?.DBSubnetGroups?.[0]?.DBSubnetGroupName;
  },

  // AWS completes its name, so an instance tells which one it uses.
  aws_db_parameter_group: async ({ name_prefix: prefix }, search, address) => {
    const user = search.referring("aws_db_instance", "parameter_group_name", address);
    const instance = await instanceOf(search.account, String(user?.identifier));
    const [group] = instance?.DBParameterGroups ?? [];
    const name = group?.DBParameterGroupName;
    return name?.startsWith(String(prefix)) ? name : undefined;
  },

  aws_db_event_subscription: async ({ name }, { account: { rds } }) => {
    const command = new DescribeEventSubscriptionsCommand({ SubscriptionName: String(name) });
    return (await ifThere(rds.send(command)))?.EventSubscriptionsList?.[0]?.CustSubscriptionId;
  },

  aws_elasticache_cluster: async ({ cluster_id: id }, { account: { elasticache } }) => {
    const command = new DescribeCacheClustersCommand({ CacheClusterId: String(id) });
    return (await ifThere(elasticache.send(command)))?.CacheClusters?.[0]?.CacheClusterId;
  },

  aws_elasticache_replication_group: async (
    { replication_group_id: id },
    { account: { elasticache } },
  ) => {
    const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: String(id) });
    const found = await ifThere(elasticache.send(command));
    return found?.ReplicationGroups?.[0]?.ReplicationGroupId;
  },

  aws_elasticache_subnet_group: async ({ name }, { account: { elasticache } }) => {
    const command = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName: String(name) });
    return (await ifThere(elasticache.send(command)))?.CacheSubnetGroups?.[0]?.CacheSubnetGroupName;
  },

  aws_elasticache_parameter_group: async ({ name }, { account: { elasticache } }) => {
    const command = new DescribeCacheParameterGroupsCommand({
      CacheParameterGroupName: String(name),
    });
    const [group] = (await ifThere(elasticache.send(command)))?.CacheParameterGroups ?? [];
    return group?.CacheParameterGroupName;
  },

  aws_elasticache_user: async ({ user_id: id }, { account: { elasticache } }) => {
    const command = new DescribeUsersCommand({ UserId: String(id) });
    return (await ifThere(elasticache.send(command)))?.Users?.[0]?.UserId;
  },

  aws_elasticache_user_group: async ({ user_group_id: id }, { account: { elasticache } }) => {
    const command = new DescribeUserGroupsCommand({ UserGroupId: String(id) });
    return (await ifThere(elasticache.send(command)))?.UserGroups?.[0]?.UserGroupId;
  },

  aws_security_group: async ({ name }, { account }) => {
    const Filters = [
      { Name: "group-name", Values: [String(name)] },
      { Name: "vpc-id", Values: [(await account.findVpc()) ?? "none"] },
    ];
    const { SecurityGroups } = await account.ec2.send(
      new DescribeSecurityGroupsCommand({ Filters }),
    );
    return SecurityGroups?.[0]?.GroupId;
  },

  aws_vpc_security_group_ingress_rule: async (args, search) => {
    const groupId = search.valueOf(args.security_group_id);
    if (groupId === undefined) {
      return undefined;
    }
    const rules = await every(
      paginateDescribeSecurityGroupRules(
        { client: search.account.ec2 },
        { Filters: [{ Name: "group-id", Values: [groupId] }] },
      ),
      ({ SecurityGroupRules = [] }) => SecurityGroupRules,
    );
    const sources = await search.sourcesOf(args);
    return rules.find((rule) => isRule(rule, args, sources))?.SecurityGroupRuleId;
  },

  // AWS completes its name.
  aws_secretsmanager_secret: async ({ name_prefix: prefix }, search, address) => {
    const found = await every(
      paginateListSecrets(
        { client: search.account.secrets },
        { Filters: [{ Key: "name", Values: [String(prefix)] }] },
      ),
      ({ SecretList = [] }) => SecretList,
    );
    const candidates = found.filter(
      ({ Name = "" }) =>
        Name.startsWith(String(prefix)) && !Name.slice(String(prefix).length).includes("/"),
    );
    const arns = candidates.flatMap(({ ARN }) => ARN ?? []);
    return search.only(address, arns);
  },

  aws_cloudwatch_log_group: async ({ name }, { account: { logs } }) => {
    const { logGroups = [] } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: String(name) }),
    );
    return logGroups.find(({ logGroupName }) => logGroupName === name)?.logGroupName;
  },

  aws_cloudwatch_metric_alarm: async ({ alarm_name: name }, search) =>
    (await search.alarmNames()).has(String(name)) ? String(name) : undefined,

  aws_iam_role: async ({ name }, { account: { iam } }) =>
    (await ifThere(iam.send(new GetRoleCommand({ RoleName: String(name) })), /NoSuchEntity/))?.Role
      ?.RoleName,

  aws_iam_role_policy_attachment: async ({ role, policy_arn: arn }, search) => {
    const RoleName = search.valueOf(role);
    if (RoleName === undefined) {
      return undefined;
    }
    const attached = await every(
      paginateListAttachedRolePolicies({ client: search.account.iam }, { RoleName }),
      ({ AttachedPolicies = [] }) => AttachedPolicies,
    );
    const isAttached = attached.some(({ PolicyArn }) => PolicyArn === arn);
    return isAttached ? `${RoleName}/${arn}` : undefined;
  },

  aws_kms_alias: async ({ name }, { account }) => (await aliasOf(account, name))?.AliasName,

  aws_kms_key: async (_, search, address) => {
    const alias = search.referring("aws_kms_alias", "target_key_id", address);
    return (await aliasOf(search.account, alias?.name))?.TargetKeyId;
  },

  aws_sns_topic: async ({ name }, { account: { sns } }) => {
    const topics = await every(
      paginateListTopics({ client: sns }, {}),
      ({ Topics = [] }) => Topics,
    );
    return topics.find(({ TopicArn }) => TopicArn?.endsWith(`:${name}`))?.TopicArn;
  },

  // Every topic has a policy.
  aws_sns_topic_policy: async ({ arn }, search) => search.valueOf(arn),

  aws_sns_topic_subscription: async (args, search) => {
    const TopicArn = search.valueOf(args.topic_arn);
    if (TopicArn === undefined) {
      return undefined;
    }
    const subscriptions = await every(
      paginateListSubscriptionsByTopic({ client: search.account.sns }, { TopicArn }),
      ({ Subscriptions = [] }) => Subscriptions,
    );
    const subscription = subscriptions.find(
      ({ Protocol, Endpoint }) => Protocol === args.protocol && Endpoint === args.endpoint,
    );
    // An unconfirmed subscription has no ARN yet.
    return subscription?.SubscriptionArn?.startsWith("arn:")
      ? subscription.SubscriptionArn
      : undefined;
  },
};

/** AWS has no two rules of a group with the same protocol, ports and source. */
function isRule(
  { IsEgress, IpProtocol, FromPort, ToPort, ...rule }: SecurityGroupRule,
  args: Arguments,
  sources: readonly unknown[],
): boolean {
  const { GroupId, UserId } = rule.ReferencedGroupInfo ?? {};
  const all = [rule.CidrIpv4, rule.CidrIpv6, rule.PrefixListId, GroupId, `${UserId}/${GroupId}`];
  const isOnPort =
    IpProtocol === args.ip_protocol && FromPort === args.from_port && ToPort === args.to_port;
  return !IsEgress && isOnPort && all.some((one) => one !== undefined && sources.includes(one));
}

async function instanceOf(
  { rds }: AwsAccount,
  DBInstanceIdentifier: string,
): Promise<DBInstance | undefined> {
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier });
  return (await ifThere(rds.send(command)))?.DBInstances?.[0];
}

async function aliasOf({ kms }: AwsAccount, name: unknown) {
  const aliases = await every(
    paginateListAliases({ client: kms }, {}),
    ({ Aliases = [] }) => Aliases,
  );
  return aliases.find(({ AliasName }) => AliasName === name);
}

/** The items of all pages. */
async function every<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) {
    items.push(...itemsOf(page));
  }
  return items;
}
