import { paginateDescribeCacheClusters } from "@aws-sdk/client-elasticache";
import { DescribeAccountAttributesCommand, paginateDescribeDBInstances } from "@aws-sdk/client-rds";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
} from "@aws-sdk/client-service-quotas";
import type { AwsAccount } from "../../../cli/aws-account";
import type { CacheStore, DatabaseStore } from "../../../settings/data-stores";
import type { Environment } from "../../../settings/environment";
import { groupNodeIds, instanceIdentifiers } from "../../../settings/names";
import { type Check, ensure } from "../check";

interface QuotaId {
  readonly ServiceCode: string;
  readonly QuotaCode: string;
}

/** The account's quota, or AWS's default if the account has none. */
export async function quotaOf({ quotas }: AwsAccount, id: QuotaId): Promise<number> {
  const { Quota } = await quotas.send(new GetServiceQuotaCommand(id)).catch((error) => {
    if ((error as Error).name === "NoSuchResourceException") {
      return quotas.send(new GetAWSDefaultServiceQuotaCommand(id));
    }
    throw error;
  });
  return Quota?.Value ?? Number.POSITIVE_INFINITY;
}

/** RDS's quotas leave room for the instances and the storage that do not exist yet. */
export function databaseQuotas(
  environment: Environment,
  stores: readonly DatabaseStore[],
): Check[] {
  return stores.length === 0
    ? []
    : [
        {
          id: "rds-quotas",
          subject: environment.name,
          async run(account) {
            const there = await instancesOf(account);
            const missing = stores.map(({ settings }) => ({
              gib: settings.allocatedStorageGib,
              count: instanceIdentifiers(settings).filter((name) => !there.includes(name)).length,
            }));
            const instances = missing.reduce((sum, { count }) => sum + count, 0);
            const storage = missing.reduce((sum, { count, gib }) => sum + count * gib, 0);
            const found = [
              await room(account, "DBInstances", instances),
              await room(account, "AllocatedStorage", storage),
            ];
            return found.join(", ");
          },
        },
      ];
}

async function instancesOf({ rds: client }: AwsAccount): Promise<string[]> {
  const found: string[] = [];
  for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {})) {
    found.push(...DBInstances.map(({ DBInstanceIdentifier = "" }) => DBInstanceIdentifier));
  }
  return found;
}

/** @param needed instances, or GiB. */
async function room({ rds }: AwsAccount, name: string, needed: number): Promise<string> {
  const { AccountQuotas = [] } = await rds.send(new DescribeAccountAttributesCommand({}));
  const quota = AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === name);
  const { Used = 0, Max = Number.POSITIVE_INFINITY } = quota ?? {};
  ensure(
    Used + needed <= Max,
    `RDS's quota ${name} is ${Max}: ${Used} are used, and the environment needs ${needed} more.`,
    "Request a higher quota from Service Quotas, or delete what is not used.",
  );
  return `${name}: ${Used} used, ${needed} more, ${Max} allowed`;
}

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html (nodes per region) */
const NODES_QUOTA = { ServiceCode: "elasticache", QuotaCode: "L-DFE45DF3" };

/** ElastiCache's quota of nodes leaves room for those that do not exist yet. */
export function cacheQuotas(environment: Environment, stores: readonly CacheStore[]): Check[] {
  return stores.length === 0
    ? []
    : [
        {
          id: "elasticache-quotas",
          subject: environment.name,
          async run(account) {
            const nodes = await nodesOf(account);
            const ids = stores.flatMap(({ settings }) =>
              settings.kind === "cluster"
                ? [settings.clusterId]
                : groupNodeIds(settings.replicationGroupId, settings.nodes),
            );
            const needed = ids.filter((id) => !nodes.includes(id)).length;
            const most = await quotaOf(account, NODES_QUOTA);
            ensure(
              nodes.length + needed <= most,
              `ElastiCache allows ${most} nodes: ${nodes.length} exist, and the environment needs ${needed} more.`,
              "Request a higher quota for nodes per region, or delete what is not used.",
            );
            return `${nodes.length} nodes, ${needed} more, ${most} allowed`;
          },
        },
      ];
}

async function nodesOf({ elasticache: client }: AwsAccount): Promise<string[]> {
  const ids: string[] = [];
  for await (const { CacheClusters = [] } of paginateDescribeCacheClusters({ client }, {})) {
    ids.push(...CacheClusters.map(({ CacheClusterId = "" }) => CacheClusterId));
  }
  return ids;
}
