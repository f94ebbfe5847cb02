import {
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand as ListLogTags,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import {
  DescribeCacheClustersCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeCacheSubnetGroupsCommand,
  DescribeReplicationGroupsCommand,
  ListTagsForResourceCommand as ListCacheTags,
} from "@aws-sdk/client-elasticache";
import {
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  ListTagsForResourceCommand as ListDatabaseTags,
} from "@aws-sdk/client-rds";
import type { AwsAccount } from "../../../cli/aws-account";
import { ifThere } from "../../../cli/if-there";
import { cacheFamily } from "../../../settings/aws/version";
import { cacheIdOf, engineOf } from "../../../settings/cache/cache";
import { withEviction } from "../../../settings/cache/eviction";
import type { CacheStore, DatabaseStore, DataStore } from "../../../settings/data-stores";
import { instanceIdentifiers } from "../../../settings/names";
import { type Check, PreflightFailure } from "../check";

/** Tags of a resource, in the form of any service. */
export type Tags = readonly {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}[];

/** A name that a stack needs, and how to find its current owner. */
interface Name {
  readonly id: string;
  /** In words: "DB instance". */
  readonly what: string;
  readonly name: string;
  /** The setting that changes it. */
  readonly setting: string;
  /** The tags of the resource with the name; undefined when the name is free. */
  readonly tagsOf: (account: AwsAccount) => Promise<Tags | undefined>;
}

/** The names that a database's stack uses, except generated ones. */
export function databaseNames(store: DatabaseStore): Check[] {
  const { identifier, logExports, kept } = store.settings;
  const group = store.settings.subnetGroupName ?? store.stackId;
  return [
    ...(isAdopted(store)
      ? []
      : instanceIdentifiers(store.settings).map((name) =>
          check(store, { ...NAMES.instance, name, tagsOf: instanceTags(name) }),
        )),
    ...(kept?.subnetGroupName
      ? []
      : [check(store, { ...NAMES.subnetGroup, name: group, tagsOf: subnetGroupTags(group) })]),
    ...securityGroupName(store),
    ...(kept?.logGroups ? [] : logExports).map((log) =>
      logGroup(store, `/aws/rds/instance/${identifier}/${log}`),
    ),
  ];
}

/** Whether an adopted store exists without the tag of its stack. */
function isAdopted({ settings: { kept, adopted = {} } }: DataStore): boolean {
  return kept?.tags === true || Object.keys(adopted).length > 0;
}

/** The names that a cache's stack uses. */
export function cacheNames(store: CacheStore): Check[] {
  const { settings, stackId } = store;
  const id = cacheIdOf(settings);
  const group = settings.subnetGroupName ?? stackId;
  const family = cacheFamily(engineOf(settings), settings.engineVersion);
  const parameters = `${settings.parameterGroupPrefix ?? stackId}-${family.replace(".", "-")}`;
  const hasParameters = Object.keys(withEviction(settings)).length > 0;
  const { kept } = settings;
  return [
    ...(isAdopted(store)
      ? []
      : [check(store, { ...NAMES.cache, name: id, tagsOf: cacheTags(settings.kind, id) })]),
    ...(kept?.subnetGroupName
      ? []
      : [
          check(store, {
            ...NAMES.cacheSubnetGroup,
            name: group,
            tagsOf: cacheSubnetGroupTags(group),
          }),
        ]),
    ...(hasParameters
      ? [
          check(store, {
            ...NAMES.cacheParameterGroup,
            name: parameters,
            tagsOf: cacheParameterGroupTags(parameters),
          }),
        ]
      : []),
    ...securityGroupName(store),
    ...settings.logExports
      .filter((log) => kept?.logGroups?.[log] === undefined)
      .map((log) => logGroup(store, `/aws/elasticache/${id}/${log}`)),
  ];
}

const NAMES = {
  instance: { id: "identifier", what: "DB instance", setting: "identifier" },
  subnetGroup: { id: "subnet-group", what: "DB subnet group", setting: "subnetGroupName" },
  cache: { id: "cache-id", what: "cache", setting: "its ID" },
  cacheSubnetGroup: {
    id: "subnet-group",
    what: "cache subnet group",
    setting: "subnetGroupName",
  },
  cacheParameterGroup: {
    id: "parameter-group",
    what: "cache parameter group",
    setting: "parameterGroupPrefix",
  },
};

/** A name must be free or belong to the stack, as its tag `stack` shows. */
function check({ stackId }: DataStore, { id, what, name, setting, tagsOf }: Name): Check {
  return {
    id,
    subject: stackId,
    async run(account) {
      const tags = await tagsOf(account);
      if (tags === undefined) {
        return `${name} is free`;
      }
      const owner = tags.find(({ Key }) => Key === "stack")?.Value;
      if (owner === stackId) {
        return `${name} is this stack's`;
      }
      throw new PreflightFailure(
        `The ${what} ${name} already exists${owner ? ` in the stack ${owner}` : ", and no stack created it"}.`,
        `Change ${setting}, or delete the existing resource if it is unused.`,
      );
    },
  };
}

function instanceTags(DBInstanceIdentifier: string): Name["tagsOf"] {
  return async ({ rds }) => {
    const found = await ifThere(rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })));
    const [instance] = found?.DBInstances ?? [];
    return instance && (instance.TagList ?? []);
  };
}

function subnetGroupTags(DBSubnetGroupName: string): Name["tagsOf"] {
  return async ({ rds }) => {
    const found = await ifThere(rds.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName })));
    const [group] = found?.DBSubnetGroups ?? [];
    if (!group) {
      return undefined;
    }
    const ResourceName = group.DBSubnetGroupArn ?? "";
    return (await rds.send(new ListDatabaseTags({ ResourceName }))).TagList ?? [];
  };
}

function cacheTags(kind: "cluster" | "replication-group", id: string): Name["tagsOf"] {
  return async (account) => {
    const { elasticache } = account;
    const clusters = await ifThere(
      elasticache.send(new DescribeCacheClustersCommand({ CacheClusterId: id })),
    );
    const groups = await ifThere(
      elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })),
    );
    const arn = clusters?.CacheClusters?.[0]?.ARN ?? groups?.ReplicationGroups?.[0]?.ARN;
    const isOther = kind === "cluster" ? groups?.ReplicationGroups?.[0] : undefined;
    return isOther ? [] : cacheTagList(account, arn);
  };
}

function cacheSubnetGroupTags(CacheSubnetGroupName: string): Name["tagsOf"] {
  return async (account) => {
    const command = new DescribeCacheSubnetGroupsCommand({ CacheSubnetGroupName });
    const found = await ifThere(account.elasticache.send(command));
    return cacheTagList(account, found?.CacheSubnetGroups?.[0]?.ARN);
  };
}

function cacheParameterGroupTags(CacheParameterGroupName: string): Name["tagsOf"] {
  return async (account) => {
    const command = new DescribeCacheParameterGroupsCommand({ CacheParameterGroupName });
    const found = await ifThere(account.elasticache.send(command));
    return cacheTagList(account, found?.CacheParameterGroups?.[0]?.ARN);
  };
}

async function cacheTagList(
  { elasticache }: AwsAccount,
  ResourceName: string | undefined,
): Promise<Tags | undefined> {
  return ResourceName === undefined
    ? undefined
    : ((await elasticache.send(new ListCacheTags({ ResourceName }))).TagList ?? []);
}

function securityGroupName(store: DataStore): Check[] {
  if (store.settings.kept?.securityGroupIds) {
    return [];
  }
  const name = store.settings.securityGroupName ?? store.stackId;
  const free = check(store, {
    id: "security-group",
    what: "security group",
    name,
    setting: "securityGroupName",
    tagsOf: async (account) => {
      const vpcId = (await account.findVpc()) ?? "none";
      const Filters = [
        { Name: "group-name", Values: [name] },
        { Name: "vpc-id", Values: [vpcId] },
      ];
      const command = new DescribeSecurityGroupsCommand({ Filters });
      const [group] = (await account.ec2.send(command)).SecurityGroups ?? [];
      return group && (group.Tags ?? []);
    },
  });
  return [free];
}

function logGroup(store: DataStore, name: string): Check {
  return check(store, {
    id: "log-group",
    what: "log group",
    name,
    setting: "the identifier or logExports",
    tagsOf: async ({ logs }) => {
      const { logGroups = [] } = await logs.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: name }),
      );
      const group = logGroups.find(({ logGroupName }) => logGroupName === name);
      if (!group) {
        return undefined;
      }
      const resourceArn = group.arn?.replace(/:\*$/, "") ?? "";
      const { tags = {} } = await logs.send(new ListLogTags({ resourceArn }));
      return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    },
  });
}
