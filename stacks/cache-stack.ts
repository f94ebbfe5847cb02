import { ElasticacheCluster } from "@cdktf/provider-aws/lib/elasticache-cluster";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { type ITerraformDependable, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { ClientAccess } from "../constructs/access/client-access";
import { Connection, policyOf } from "../constructs/access/connection";
import { Network } from "../constructs/access/network";
import { CacheAlarms } from "../constructs/cache/cache-alarms";
import { commonArguments, replicationGroupArguments } from "../constructs/cache/cache-arguments";
import { CacheLogs } from "../constructs/cache/cache-logs";
import { CacheParameters } from "../constructs/cache/cache-parameters";
import { CacheSnapshots } from "../constructs/cache/cache-snapshots";
import { CacheUsers } from "../constructs/cache/cache-users";
import { StateBackend } from "../constructs/state-backend";
import { cacheFamily } from "../settings/aws/version";
import {
  type CacheSettings,
  type ClusterSettings,
  cacheIdOf,
  engineOf,
  type ReplicationGroupSettings,
} from "../settings/cache/cache";
import { withEviction } from "../settings/cache/eviction";
import type { CacheStore } from "../settings/data-stores";
import type { Environment } from "../settings/environment";
import { subnetGroupArgument } from "../settings/kept";
import { AwsStack } from "./aws-stack";
import { backendProps, cacheWithKey, clientsOf, keyArnOf, stackProps } from "./data-store";

/** The cache's ID and addresses, known after apply. */
interface MadeCache {
  readonly id: string;
  readonly address: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The arguments that come from other resources of the stack. */
type Surroundings = CacheSnapshots["cacheArguments"] & {
  readonly parameterGroupName: string;
  readonly subnetGroupName: string | undefined;
  readonly securityGroupIds: string[];
  readonly dependsOn?: ITerraformDependable[];
  readonly logDeliveryConfiguration: CacheLogs["deliveries"];
};

interface Placement {
  readonly network: Network;
  readonly access: ClientAccess;
  /** Encrypts the logs. @default - a key of CloudWatch Logs */
  readonly keyArn: string | undefined;
}

export interface CacheStackProps {
  readonly environment: Environment;
  readonly store: CacheStore;
}

/**
 * An ElastiCache cache of an environment with its own subnet group, parameter group, log
 * groups, security group with one rule for each client, users and alarms. A `cluster` has no TLS, no encryption at rest
 * and no authentication, because ElastiCache offers none for Redis on that resource; a `replication-group` has TLS and
 * encryption at rest.
 *
 * @example
 * for (const store of cachesOf(environment)) {
 *   new CacheStack(app, store.stackId, { environment, store });
 * }
 */
export class CacheStack extends AwsStack {
  constructor(scope: Construct, id: string, { environment, store }: CacheStackProps) {
    super(scope, id, stackProps(environment, store.settings.kept));
    new StateBackend(this, backendProps(environment, store));
    const keyArn = keyArnOf(this, environment, store);
    const cache = cacheWithKey(store.settings, keyArn);
    const network = new Network(this, "network", environment.network);
    const access = new ClientAccess(this, "access", {
      store: "cache",
      name: cache.securityGroupName ?? id,
      port: cache.port,
      clients: clientsOf(environment, store),
      network,
      kept: cache.kept,
    });
    const surroundings = this.surroundings(cache, { network, access, keyArn });
    const made =
      cache.kind === "cluster"
        ? this.cluster(cache, surroundings)
        : this.replicationGroup(cache, surroundings);
    if (environment.alarms) {
      const { region, account, alarms } = environment;
      new CacheAlarms(this, "alarms", {
        cacheId: made.id,
        cache,
        alarms,
        stackId: id,
        region,
        account,
        kmsKeyArn: keyArn,
      });
    }
    this.outputs(store, made, access.securityGroupId);
    this.adopt(cache.adopted ?? {});
  }

  private outputs({ settings, urlVariable }: CacheStore, made: MadeCache, groupId: string): void {
    const url = urlOf(settings, made.address);
    const outputs = {
      cache_address: made.address,
      ...made.outputs,
      cache_port: settings.port,
      cache_security_group_id: groupId,
      redis_url: url,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
    // No secret: the application generates the IAM user's token when it connects.
    new Connection(this, "connection", {
      name: this.node.id,
      secrets: {},
      environment: { [urlVariable]: url },
      allowed: [],
    });
  }

  private surroundings(cache: CacheSettings, { network, access, keyArn }: Placement): Surroundings {
    const logs = new CacheLogs(this, "logs", {
      cacheId: cacheIdOf(cache),
      logs: cache.logExports,
      retentionDays: cache.logRetentionDays,
      kmsKeyArn: keyArn,
      existing: cache.kept?.logGroups,
    });
    return {
      parameterGroupName: cache.kept?.parameterGroupName ?? this.parameterGroup(cache).name,
      subnetGroupName: this.subnetGroupName(cache, network),
      securityGroupIds: access.securityGroupIds,
      ...(access.rules.length > 0 ? { dependsOn: [...access.rules] } : {}),
      logDeliveryConfiguration: logs.deliveries,
      ...new CacheSnapshots(this, "snapshots", cache).cacheArguments,
    };
  }

  private parameterGroup(cache: CacheSettings): CacheParameters {
    return new CacheParameters(this, "parameters", {
      prefix: cache.parameterGroupPrefix ?? this.node.id,
      family: cacheFamily(engineOf(cache), cache.engineVersion),
      parameters: withEviction(cache),
    });
  }

  private subnetGroupName(cache: CacheSettings, network: Network): string | undefined {
    const kept = cache.kept?.subnetGroupName;
    return kept === undefined ? this.subnetGroup(cache, network).name : subnetGroupArgument(kept);
  }

  private subnetGroup(cache: CacheSettings, network: Network): ElasticacheSubnetGroup {
    return new ElasticacheSubnetGroup(this, "cache_subnets", {
      name: cache.subnetGroupName ?? this.node.id,
      description: "Subnets of the cache",
      subnetIds: network.subnetIds,
    });
  }

  private cluster(cache: ClusterSettings, surroundings: Surroundings): MadeCache {
    const cluster = new ElasticacheCluster(this, "cache", {
      clusterId: cache.clusterId,
      // Redis on this resource has exactly one node: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html
      numCacheNodes: 1,
      availabilityZone: cache.availabilityZone,
      ...commonArguments(cache),
      ...surroundings,
    });
    return { id: cluster.clusterId, address: cluster.cacheNodes.get(0).address, outputs: {} };
  }

  private replicationGroup(cache: ReplicationGroupSettings, surroundings: Surroundings): MadeCache {
    const users = this.users(cache);
    const userGroupId = users?.groupId ?? cache.userGroupId;
    const group = new ElasticacheReplicationGroup(this, "cache", {
      userGroupIds: userGroupId ? [userGroupId] : undefined,
      ...replicationGroupArguments(cache),
      ...commonArguments(cache),
      ...surroundings,
    });
    if (Object.keys(cache.reasons).length > 0) {
      group.addOverride("//.reasons", cache.reasons);
    }
    return {
      id: group.replicationGroupId,
      address: group.primaryEndpointAddress,
      outputs: {
        cache_reader_address: group.readerEndpointAddress,
        // The permissions that the application's task role needs for IAM authentication.
        ...(users && { task_role_policy: policyOf([users.connectTo(group.arn)]) }),
      },
    };
  }

  private users({ iamUser, replicationGroupId }: ReplicationGroupSettings): CacheUsers | undefined {
    return iamUser
      ? new CacheUsers(this, "users", { groupId: replicationGroupId, iamUser })
      : undefined;
  }
}

function urlOf(cache: CacheSettings, address: string): string {
  const scheme = cache.kind === "cluster" ? "redis" : "rediss";
  const user = cache.kind === "replication-group" && cache.iamUser ? `${cache.iamUser}@` : "";
  return `${scheme}://${user}${address}:${cache.port}`;
}
