import { Construct } from "constructs";
import type { Environment } from "../settings/environment";
import { Alarm } from "./alarm";
import { alarmTarget } from "./alarm-target";
import { cacheAlarms } from "./cache-thresholds";

export interface CacheAlarmsProps {
  readonly environment: Environment;
  /** The cluster's or the replication group's id, read from it: there are no alarms before it is there. */
  readonly cacheId: string;
}

/**
 * The alarms of each node of a cache and, where the settings do not name one, the topic that they go to. Nothing in an
 * environment without alarms; the reason then stands in the stack's JSON.
 *
 * A replication group's nodes are clusters that ElastiCache numbers from 001. Events of ElastiCache are not sent: it
 * publishes to no encrypted topic.
 *
 * @example
 * new CacheAlarms(this, "alarms", { environment, cacheId: group.replicationGroupId });
 * // aws_cloudwatch_metric_alarm.cache_memory_001, …_002
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
 */
export class CacheAlarms extends Construct {
  constructor(scope: Construct, id: string, { environment, cacheId }: CacheAlarmsProps) {
    super(scope, id);
    const { alarms, cache } = environment;
    const target = alarmTarget(this, environment, "cache");
    if (!alarms || !target) {
      return;
    }
    for (const member of membersOf(cache)) {
      for (const definition of cacheAlarms(cache, alarms.cache)) {
        new Alarm(this, [definition.name, member].join("_"), {
          environment,
          store: "cache",
          definition,
          dimensions: { CacheClusterId: member ? `${cacheId}-${member}` : cacheId },
          topicArn: target.topicArn,
          member,
        });
      }
    }
  }
}

/** `001` and so on; one without a number for a cluster, which has no members. */
function membersOf(cache: Environment["cache"]): (string | undefined)[] {
  return cache.kind === "cluster"
    ? [undefined]
    : Array.from({ length: cache.nodes }, (_, index) => String(index + 1).padStart(3, "0"));
}
