import { partitionOf } from "../../settings/account";
import type { StoreKind } from "../../settings/data-stores";
import { alarmName } from "../../settings/names";

/** An AWS service that publishes to a topic. */
export interface Publisher {
  /** `cloudwatch.amazonaws.com` */
  readonly service: string;
  /** What it publishes, as part of a statement's ID (Sid): `Alarms`. */
  readonly publishes: string;
  /**
   * The names of the alarms that it publishes, with wildcards: `news-api-prod-database-*`.
   * @default - everything that it publishes for the account
   */
  readonly alarmNames?: string;
}

/** The services that publish the alarms and events of a store. */
export function publishersOf(store: StoreKind, stackId: string): readonly Publisher[] {
  const alarms: Publisher = {
    service: "cloudwatch.amazonaws.com",
    publishes: "Alarms",
    alarmNames: alarmName(stackId, "*"),
  };
  const events: Publisher = { service: "events.rds.amazonaws.com", publishes: "Events" };
  return store === "database" ? [alarms, events] : [alarms];
}

/**
 * A publisher and the conditions under which a policy admits it: on its account and, for CloudWatch, on its alarms.
 * Otherwise any alarm of any account could publish through it. RDS documents `aws:SourceArn` for topic policies, but
 * neither for key policies nor for parameter group events. Its condition therefore names the account only.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.GrantingPermissions.html
 */
export function onBehalfOf(
  { service, alarmNames }: Publisher,
  { region, account }: { readonly region: string; readonly account: string },
) {
  const alarms = `arn:${partitionOf(region) ?? "aws"}:cloudwatch:${region}:${account}:alarm:${alarmNames}`;
  return {
    principals: [{ type: "Service", identifiers: [service] }],
    condition: [
      { test: "StringEquals", variable: "aws:SourceAccount", values: [account] },
      ...(alarmNames ? [{ test: "ArnLike", variable: "aws:SourceArn", values: [alarms] }] : []),
    ],
  };
}
