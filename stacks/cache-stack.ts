import { ElasticacheCluster } from "@cdktf/provider-aws/lib/elasticache-cluster";
import { ElasticacheReplicationGroup } from "@cdktf/provider-aws/lib/elasticache-replication-group";
import { ElasticacheSubnetGroup } from "@cdktf/provider-aws/lib/elasticache-subnet-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { CacheParameters } from "../constructs/cache-parameters";
import { CacheUsers } from "../constructs/cache-users";
import { ClientAccess } from "../constructs/client-access";
import { Connection, policyOf } from "../constructs/connection";
import { Network } from "../constructs/network";
import { StateBackend } from "../constructs/state-backend";
import {
  type CacheSettings,
  type ClusterSettings,
  hasTlsMode,
  type ReplicationGroupSettings,
} from "../settings/cache";
import type { Environment } from "../settings/environment";
import { hasDataTiering } from "../settings/instance-class";
import { environmentTags, pathPrefix } from "../settings/names";
import { redisFamily } from "../settings/version";
import { AwsStack } from "./aws-stack";

/** Where a cache is reached, and what else its kind has to say. */
interface CacheOutputs {
  readonly cache_address: string;
  readonly cache_reader_address?: string;
  /** What the application's own role (the task role) must be allowed, to log in by IAM. */
  readonly task_role_policy?: object;
}

/**
 * The ElastiCache for Redis cache of an environment, and everything it needs of its own: subnet group and security
 * group with one rule for each client. A `cluster` has no TLS, no encryption at rest and no authentication, because
 * ElastiCache has none for Redis on that resource; a `replication-group` has TLS and encryption at rest.
 *
 * @example
 * new CacheStack(app, stackId(environment, "cache"), environment);
 */
export class CacheStack extends AwsStack {
  private readonly name: string;

  constructor(scope: Construct, id: string, environment: Environment) {
    const { region, account, cache } = environment;
    super(scope, id, { region, account, tags: environmentTags(environment) });
    this.name = id;
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
      name: this.name,
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
      name: cache.subnetGroupName ?? this.name,
      description: "Subnets of the cache",
      subnetIds: network.subnetIds,
    });
    const parameters = new CacheParameters(this, "parameters", {
      prefix: cache.parameterGroupPrefix ?? this.name,
      family: redisFamily(cache.engineVersion),
      parameters: cache.parameters,
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
      ...commonArguments(cache),
      ...placement,
    });
    return { cache_address: cluster.cacheNodes.get(0).address };
  }

  private replicationGroup(cache: ReplicationGroupSettings, placement: Placement): CacheOutputs {
    const users = cache.iamUser
      ? new CacheUsers(this, "users", {
          groupId: cache.replicationGroupId,
          iamUser: cache.iamUser,
        })
      : undefined;
    const userGroupId = users?.groupId ?? cache.userGroupId;
    const group = new ElasticacheReplicationGroup(this, "cache", {
      replicationGroupId: cache.replicationGroupId,
      description: "The cache and its replicas",
      numCacheClusters: cache.nodes,
      automaticFailoverEnabled: cache.nodes > 1,
      multiAzEnabled: cache.multiAz,
      preferredCacheClusterAzs: cache.availabilityZones,
      dataTieringEnabled: hasDataTiering(cache.nodeType) || undefined,
      userGroupIds: userGroupId ? [userGroupId] : undefined,
      ...encryptionArguments(cache),
      ...commonArguments(cache),
      ...placement,
    });
    if (Object.keys(cache.reasons).length > 0) {
      group.addOverride("//.reasons", cache.reasons);
    }
    return {
      cache_address: group.primaryEndpointAddress,
      cache_reader_address: group.readerEndpointAddress,
      ...(users ? { task_role_policy: policyOf([users.connectTo(group.arn)]) } : {}),
    };
  }
}

interface Placement {
  readonly parameterGroupName: string;
  readonly subnetGroupName: string;
  readonly securityGroupIds: string[];
}

function encryptionArguments(cache: ReplicationGroupSettings) {
  const { engineVersion, transitEncryptionMode, kmsKeyArn } = cache;
  return {
    transitEncryptionEnabled: true,
    transitEncryptionMode: hasTlsMode(engineVersion) ? transitEncryptionMode : undefined,
    // A string in the bindings of provider 6, which both majors read as a boolean.
    atRestEncryptionEnabled: "true",
    kmsKeyId: kmsKeyArn,
  };
}

function commonArguments(cache: ClusterSettings | ReplicationGroupSettings) {
  return {
    engine: "redis",
    engineVersion: cache.engineVersion,
    // A string in the bindings, which Terraform reads as a boolean.
    autoMinorVersionUpgrade: String(cache.autoMinorVersionUpgrade),
    nodeType: cache.nodeType,
    port: cache.port,
    maintenanceWindow: cache.maintenanceWindow,
    snapshotWindow: cache.snapshotWindow,
    snapshotRetentionLimit: cache.snapshotRetentionDays,
    snapshotName: cache.snapshotName,
    applyImmediately: cache.applyImmediately,
  };
}
