import {
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  paginateDescribeSecurityGroupRules,
  type SecurityGroup,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import {
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-elasticache";
import { DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ClientOverrides } from "../../cli/aws-account";
import { credentialsOf } from "../../cli/aws-credentials";
import { explained, withAction } from "../../cli/called-action";
import { CommandError } from "../../cli/command-error";
import { ifThere } from "../../cli/if-there";
import { type Existing, type ExistingCache, type ExistingDatabase, groupIdsOf } from "./existing";

/** What to look for, and where. */
export interface Sought {
  readonly region: string;
  /** @default - the credentials of the environment variables, or the default profile */
  readonly profile?: string | undefined;
  /** The identifier of a DB instance. */
  readonly database?: string | undefined;
  /** The ID of a replication group or a cache cluster. */
  readonly cache?: string | undefined;
}

interface Clients {
  readonly ec2: EC2Client;
  readonly elasticache: ElastiCacheClient;
  readonly rds: RDSClient;
  readonly sts: STSClient;
}

/**
 * Reads the data stores to adopt from an account. It calls only actions that read.
 * @param overrides of the clients' configuration. @default - none: the credentials of the profile or the variables
 * @throws CommandError when something does not exist, or a call fails.
 */
export async function readAccount(
  sought: Sought,
  overrides: ClientOverrides = {},
): Promise<Existing> {
  const credentials = credentialsOf({ profile: sought.profile });
  const config = { credentials, ...overrides, region: sought.region };
  const clients: Clients = {
    ec2: withAction(new EC2Client(config)),
    elasticache: withAction(new ElastiCacheClient(config)),
    rds: withAction(new RDSClient(config)),
    sts: withAction(new STSClient(config)),
  };
  try {
    return await existingIn(clients, sought);
  } catch (error) {
    throw explained(error, sought.region);
  }
}

async function existingIn(clients: Clients, sought: Sought): Promise<Existing> {
  const { region } = sought;
  const [{ Account: account = "" }, database, cache] = await Promise.all([
    clients.sts.send(new GetCallerIdentityCommand({})),
    sought.database ? databaseIn(clients, sought.database) : undefined,
    sought.cache ? cacheIn(clients, sought.cache) : undefined,
  ]);
  const missing = [
    ...(sought.database && !database ? [`DB instance ${sought.database}`] : []),
    ...(sought.cache && !cache ? [`cache ${sought.cache}`] : []),
  ];
  if (missing.length > 0) {
    throw new CommandError(
      `There is no ${missing.join(" and no ")} in ${region} of account ${account}. Correct the ID, or set the region with --region.`,
    );
  }
  const network = await networkOf(clients, groupIdsOf({ database, cache }));
  return { account, region, database, cache, ...network };
}

async function databaseIn({ rds }: Clients, name: string): Promise<ExistingDatabase | undefined> {
  const instance = await instanceIn(rds, name);
  const names = instance?.ReadReplicaDBInstanceIdentifiers ?? [];
  // A replica in another region is named by its ARN.
  const local = names.filter((one) => !one.startsWith("arn:"));
  const replicas = await Promise.all(local.map((one) => instanceIn(rds, one)));
  return instance && { instance, replicas: replicas.filter((one) => one !== undefined) };
}

async function instanceIn(rds: RDSClient, DBInstanceIdentifier: string) {
  const found = await ifThere(rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })));
  return found?.DBInstances?.[0];
}

async function cacheIn({ elasticache }: Clients, id: string): Promise<ExistingCache | undefined> {
  const groups = await ifThere(
    elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })),
  );
  const group = groups?.ReplicationGroups?.[0];
  const command = { CacheClusterId: group?.MemberClusters?.[0] ?? id, ShowCacheNodeInfo: true };
  const clusters = await ifThere(elasticache.send(new DescribeCacheClustersCommand(command)));
  const cluster = clusters?.CacheClusters?.[0];
  const ResourceName = group?.ARN ?? cluster?.ARN;
  if (!cluster || !ResourceName) {
    return undefined;
  }
  const { TagList = [] } = await elasticache.send(new ListTagsForResourceCommand({ ResourceName }));
  return { group, cluster, tags: TagList };
}

async function networkOf(
  { ec2 }: Clients,
  groupIds: readonly string[],
): Promise<Pick<Existing, "groups" | "rules" | "sources" | "vpcs">> {
  const Values = [...new Set(groupIds)];
  if (Values.length === 0) {
    return { groups: [], rules: [], sources: [], vpcs: [] };
  }
  const Filters = [{ Name: "group-id", Values }];
  const groups = await groupsIn(ec2, Values);
  const rules: SecurityGroupRule[] = [];
  for await (const page of paginateDescribeSecurityGroupRules({ client: ec2 }, { Filters })) {
    rules.push(...(page.SecurityGroupRules ?? []));
  }
  const VpcIds = [...new Set(groups.flatMap(({ VpcId }) => VpcId ?? []))];
  const { Vpcs: vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds }));
  const named = rules.flatMap(({ ReferencedGroupInfo }) => ReferencedGroupInfo?.GroupId ?? []);
  const sources = await groupsIn(ec2, [...new Set(named)]);
  return { groups, rules, sources, vpcs };
}

/** Those of the IDs that are groups of the account and region. */
async function groupsIn(ec2: EC2Client, ids: string[]): Promise<SecurityGroup[]> {
  if (ids.length === 0) {
    return [];
  }
  const Filters = [{ Name: "group-id", Values: ids }];
  return (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups ?? [];
}
