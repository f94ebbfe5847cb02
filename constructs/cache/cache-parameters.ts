import { ElasticacheParameterGroup } from "@cdktf/provider-aws/lib/elasticache-parameter-group";
import { Construct } from "constructs";

export interface CacheParametersProps {
  /** Prefix of the group's name. */
  readonly prefix: string;
  /** `redis7`, `redis6.x` or `valkey8` */
  readonly family: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The parameter group of a cache. Without parameters it creates nothing and names the engine's default group explicitly:
 * otherwise a cache would keep using the group that Terraform is about to destroy.
 *
 * @example
 * const { name } = new CacheParameters(this, "parameters", {
 *   prefix: "news-api", family: "redis7", parameters: { "maxmemory-policy": "allkeys-lru" },
 * }); // the group news-api-redis7
 */
export class CacheParameters extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { prefix, family, parameters }: CacheParametersProps) {
    super(scope, id);
    const entries = Object.entries(parameters);
    if (entries.length === 0) {
      // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html
      this.name = `default.${family}`;
      return;
    }
    const group = new ElasticacheParameterGroup(this, "group", {
      // A group's name must not contain a dot. A new family needs a new group while the cache still uses the old one.
      name: `${prefix}-${family.replace(".", "-")}`,
      family,
      description: "Parameters of the cache",
      parameter: entries.map(([name, value]) => ({ name, value })),
      lifecycle: { createBeforeDestroy: true },
    });
    group.overrideLogicalId("cache_parameters");
    this.name = group.name;
  }
}
