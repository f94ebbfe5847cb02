import { ElasticacheCluster } from "@cdktf/provider-aws/lib/elasticache-cluster";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { CacheAlarms } from "../constructs/cache-alarms";
import { commonArguments, replicationGroupArguments } from "../constructs/cache-arguments";
import { CacheParameters } from "../constructs/cache-parameters";
import { CacheUsers } from "../constructs/cache-users";
import { ClientAccess } from "../constructs/client-access";
import { Connection, policyOf } from "../constructs/connection";
import { Network } from "../constructs/network";
import { StateBackend } from "../constructs/state-backend";
import {
  type CacheSettings,
  type ClusterSettings,
  engineOf,
  type ReplicationGroupSettings,
} from "../settings/cache";
import type { Environment } from "../settings/environment";
import { withEviction } from "../settings/eviction";
import { environmentTags, pathPrefix } from "../settings/names";
import { cacheFamily } from "../settings/version";
import { AwsStack } from "./aws-stack";

/** Where a cache is reached, and what else its kind has to say. */
interface CacheOutputs {
  readonly cache_address: string;
  readonly cache_reader_address?: string;
  /** What the application's own role (the task role) must be allowed, to log in by IAM. */
  readonly task_role_policy?: object;
}

/**
 * The ElastiCache cache of an environment, and everything it needs of its own: subnet group, parameter group, log
 * groups, security group with one rule for each client, users, alarms. A `cluster` has no TLS, no encryption at rest
 * and no authentication, because ElastiCache has none for Redis on that resource; a `replication-group` has TLS and
 * encryption at rest.
 *
 * @example
 * new CacheStack(app, stackId(environment, "cache"), environment);
 */
export class CacheStack extends AwsStack {
  private readonly environment: Environment;

  constructor(scope: Construct, id: string, environment: Environment) {
    const { region, account, waivers, cache } = environment;
    super(scope, id, { region, account, tags: environmentTags(environment), waivers });
    this.environment = environment;
    new StateBackend(this, { environment, store: "cache" });
    const network = new Network(this, "network", environment.network);
    const access = new ClientAccess(this, "access", {
      store: "cache",
      name: cache.securityGroupName ?? id,
      port: cache.port,
      clients: environment.clients,
      network,
    });
    const placement = this.placement(cache, network, access);
    const made =
      cache.kind === "cluster"
        ? this.cluster(cache, placement)
        : this.replicationGroup(cache, placement);
    const redisUrl = this.redisUrl(environment, made.cache_address);
    const outputs = {
      ...made,
      cache_port: cache.port,
      cache_security_group_id: access.securityGroupId,
      redis_url: redisUrl.insecureValue,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value });
    }
    this.connection(redisUrl.arn, environment.executionRoleName);
  }

  private connection(urlArn: string, executionRoleName: string | undefined): void {
    new Connection(this, "connection", {
      name: this.node.id,
      secrets: { REDIS_URL: urlArn },
      allowed: [{ Sid: "ReadRedisUrl", Action: ["ssm:GetParameters"], Resource: [urlArn] }],
      executionRoleName,
    });
  }

  /** It holds no secret: an IAM user's token is made when the application connects. */
  private redisUrl(environment: Environment, address: string): SsmParameter {
    const { cache } = environment;
    const scheme = cache.kind === "cluster" ? "redis" : "rediss";
    const user = cache.kind === "replication-group" && cache.iamUser ? `${cache.iamUser}@` : "";
    return new SsmParameter(this, "redis_url_parameter", {
      name: `/${pathPrefix(environment)}/REDIS_URL`,
      description: "REDIS_URL of the application",
      type: "String",
      // `value` would mark the URL as sensitive wherever it is used; for a String both are the same.
      insecureValue: `${scheme}://${user}${address}:${cache.port}`,
    });
  }

  private placement(cache: CacheSettings, network: Network, access: ClientAccess): Placement {
    const subnets = new ElasticacheSubnetGroup(this, "cache_subnets", {
      name: cache.subnetGroupName ?? this.node.id,
      description: "Subnets of the cache",
      subnetIds: network.subnetIds,
    });
    const parameters = new CacheParameters(this, "parameters", {
      prefix: cache.parameterGroupPrefix ?? this.node.id,
      family: cacheFamily(engineOf(cache), cache.engineVersion),
      parameters: withEviction(cache),
    });
    return {
      parameterGroupName: parameters.name,
      subnetGroupName: subnets.name,
      securityGroupIds: [access.securityGroupId],
    };
  }

  private cluster(cache: ClusterSettings, placement: Placement): CacheOutputs {
    const cluster = new ElasticacheCluster(this, "cache", {
      clusterId: cache.clusterId,
      // Redis on this resource has exactly one node: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html
      numCacheNodes: 1,
      availabilityZone: cache.availabilityZone,
      ...commonArguments(this, cache),
      ...placement,
    });
    new CacheAlarms(this, "alarms", { environment: this.environment, cacheId: cluster.clusterId });
    return { cache_address: cluster.cacheNodes.get(0).address };
  }

  private replicationGroup(cache: ReplicationGroupSettings, placement: Placement): CacheOutputs {
    const users = this.users(cache);
    const userGroupId = users?.groupId ?? cache.userGroupId;
    const group = new ElasticacheReplicationGroup(this, "cache", {
      userGroupIds: userGroupId ? [userGroupId] : undefined,
      ...replicationGroupArguments(cache),
      ...commonArguments(this, cache),
      ...placement,
    });
    const { environment } = this;
    new CacheAlarms(this, "alarms", { environment, cacheId: group.replicationGroupId });
    if (Object.keys(cache.reasons).length > 0) {
      group.addOverride("//.reasons", cache.reasons);
    }
    return {
      cache_address: group.primaryEndpointAddress,
      cache_reader_address: group.readerEndpointAddress,
      ...(users ? { task_role_policy: policyOf([users.connectTo(group.arn)]) } : {}),
    };
  }

  private users({ iamUser, replicationGroupId }: ReplicationGroupSettings): CacheUsers | undefined {
    return iamUser
      ? new CacheUsers(this, "users", { groupId: replicationGroupId, iamUser })
      : undefined;
  }
}

interface Placement {
  readonly parameterGroupName: string;
  readonly subnetGroupName: string;
  readonly securityGroupIds: string[];
}
