import { Construct } from "constructs";
import { type AlarmsSettings, cacheThresholds } from "../../settings/alarms";
import type { CacheSettings } from "../../settings/cache/cache";
import { Alarm } from "../alarms/alarm";
import { AlarmTarget } from "../alarms/alarm-target";
import { cacheAlarms } from "./cache-thresholds";

export interface CacheAlarmsProps {
  /** The cluster's or the replication group's ID, read from it: the alarms wait until it exists. */
  readonly cacheId: string;
  readonly cache: CacheSettings;
  readonly alarms: AlarmsSettings;
  /** Prefix of the names. */
  readonly stackId: string;
  readonly region: string;
  /** @default - looked up: the account of the credentials */
  readonly account?: string | undefined;
  /** Encrypts the created topic, unless the settings name a key. @default - the topic gets its own key */
  readonly kmsKeyArn?: string | undefined;
}

/**
 * The alarms of each node of a cache. They notify the topic in the settings, or one that this construct creates.
 *
 * A replication group's nodes are clusters that ElastiCache numbers from 001. There are no ElastiCache events:
 * ElastiCache cannot publish to an encrypted topic.
 *
 * @example
 * new CacheAlarms(this, "alarms", {
 *   cacheId: group.replicationGroupId, cache, alarms, stackId: "news-api-prod-cache", region: "us-east-1",
 * }); // aws_cloudwatch_metric_alarm.cache_memory_001, …_002
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
 */
export class CacheAlarms extends Construct {
  constructor(scope: Construct, id: string, props: CacheAlarmsProps) {
    super(scope, id);
    const { cacheId, cache, ...rest } = props;
    const { stackId, alarms } = rest;
    const { topicArn } = new AlarmTarget(this, "target", { store: "cache", ...rest });
    for (const member of membersOf(cache)) {
      for (const definition of cacheAlarms(cache, cacheThresholds(alarms, cache))) {
        new Alarm(this, [definition.name, member].join("_"), {
          store: "cache",
          stackId,
          definition,
          dimensions: { CacheClusterId: member ? `${cacheId}-${member}` : cacheId },
          topicArn,
          member,
        });
      }
    }
  }
}

/** `001` and so on; a single undefined for a cluster, which has no members. */
function membersOf(cache: CacheSettings): (string | undefined)[] {
  return cache.kind === "cluster"
    ? [undefined]
    : Array.from({ length: cache.nodes }, (_, index) => String(index + 1).padStart(3, "0"));
}
