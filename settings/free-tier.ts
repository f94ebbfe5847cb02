import { type FieldsRule, valueAt } from "../validation/rule";
import { partitionOf } from "./account";
import {
  type WrittenStore,
  type WrittenStores,
  writtenCaches,
  writtenDatabases,
} from "./data-stores";
import { FREE_INSIGHTS_DAYS } from "./database/monitoring";

// Before 2025-07-15: https://aws.amazon.com/rds/free/ and https://aws.amazon.com/elasticache/pricing/.
// Since then: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html

const FREE_CLASSES = ["db.t3.micro", "db.t4g.micro"];
const FREE_NODE_TYPES = ["cache.t2.micro", "cache.t3.micro"];
const FREE_STORAGE_GIB = 20;
const FREE_STORAGE_TYPES = ["gp2", "gp3"];
/** AWS documents no number. Free plans are known to refuse more with FreeTierRestrictionError. */
const FREE_RETENTION_DAYS = 1;
/** The storage of one snapshot per cache is free. */
const FREE_SNAPSHOTS = 1;

/** A limit of the free tier. */
interface Limit {
  readonly at: string;
  readonly within: (value: never) => boolean;
  readonly must: string;
  readonly instead: string;
}

function limit<Value>(
  at: string,
  within: (value: Value) => boolean,
  must: string,
  instead: string,
): Limit {
  return { at, within, must, instead };
}

function atMost(at: string, most: number, unit: string): Limit {
  return limit<number>(
    at,
    (value) => value <= most,
    `must be at most ${most} ${unit}`,
    `Set it to ${most}.`,
  );
}

function oneOf(at: string, free: readonly string[]): Limit {
  const names = free.map((name) => JSON.stringify(name)).join(" or ");
  return limit<string>(at, (value) => free.includes(value), `must be ${names}`, "Use one of them.");
}

function absent(at: string, why: string): Limit {
  return limit<unknown>(at, (value) => value === undefined, `must be absent: ${why}`, "Remove it.");
}

const KEY = "a customer managed key is billed monthly";

const ENVIRONMENT_LIMITS: readonly Limit[] = [
  limit<string>(
    "region",
    (region) => partitionOf(region) === "aws",
    "must be outside China and GovCloud: they have no free tier",
    "Choose another region.",
  ),
  absent("stateBucket.kmsKeyArn", KEY),
  limit<{ readonly kind: string }>(
    "encryption",
    ({ kind }) => kind === "aws-managed",
    `must be of kind "aws-managed": ${KEY}`,
    'Set it to { kind: "aws-managed" }.',
  ),
  limit<{ readonly topicArn?: string } | undefined>(
    "alarms",
    (alarms) => alarms === undefined || alarms.topicArn !== undefined,
    "must have a topicArn: the key of a topic that the stacks create is billed monthly",
    "Set topicArn to an existing topic.",
  ),
  absent("bastion", "the instance is billed by the hour"),
];

const DATABASE_LIMITS: readonly Limit[] = [
  oneOf("instanceClass", FREE_CLASSES),
  atMost("allocatedStorageGib", FREE_STORAGE_GIB, "GiB"),
  absent("maxAllocatedStorageGib", "storage beyond 20 GiB is billed"),
  oneOf("storageType", FREE_STORAGE_TYPES),
  absent("kmsKeyArn", KEY),
  limit<boolean>(
    "multiAz",
    (multiAz) => !multiAz,
    "must be false (the default is true): a standby is billed as a second instance",
    "Set multiAz: false.",
  ),
  atMost("backupRetentionDays", FREE_RETENTION_DAYS, "day"),
  limit<object>(
    "readReplicas",
    (replicas) => Object.keys(replicas).length === 0,
    "must be empty: each replica is billed as an instance",
    "Remove them.",
  ),
  limit<boolean>(
    "blueGreenUpdate",
    (blueGreen) => !blueGreen,
    "must be false: the copy is billed as a second instance",
    "Set it to false.",
  ),
  absent("enhancedMonitoring", "its metrics are billed as logs"),
  limit<number | undefined>(
    "performanceInsights.retentionDays",
    (days = FREE_INSIGHTS_DAYS) => days <= FREE_INSIGHTS_DAYS,
    `must be ${FREE_INSIGHTS_DAYS}`,
    `Set it to ${FREE_INSIGHTS_DAYS}.`,
  ),
  absent("performanceInsights.kmsKeyArn", KEY),
];

const CACHE_LIMITS: readonly Limit[] = [
  oneOf("nodeType", FREE_NODE_TYPES),
  limit<number | undefined>(
    "nodes",
    (nodes = 1) => nodes === 1,
    "must be 1 (the default is 2): the 750 free hours are enough for one node in a month",
    "Set nodes: 1 and multiAz: false.",
  ),
  absent("kmsKeyArn", KEY),
  limit<readonly string[]>(
    "logExports",
    (logs) => logs.length === 0,
    "must be empty: their delivery is billed",
    "Remove them.",
  ),
  atMost("snapshotRetentionDays", FREE_SNAPSHOTS, "day"),
];

interface Environment extends WrittenStores {
  readonly budget?: string | undefined;
}

/** `must be false with budget "free-tier": the copy is billed`: the reason stays last. */
function withBudget(must: string): string {
  const [demand, ...reason] = must.split(": ");
  return [`${demand} with budget "free-tier"`, ...reason].join(": ");
}

function limitRule({ at, within, must, instead }: Limit, container = ""): FieldsRule<Environment> {
  const path = container === "" ? at : `${container}.${at}`;
  return {
    fields: [path, "budget"],
    holds: (environment) =>
      environment.budget !== "free-tier" || within(valueAt(environment, path.split(".")) as never),
    must: withBudget(must),
    instead: `${instead.slice(0, -1)}, or remove budget.`,
  };
}

/** All instances share 750 hours a month, and so do all nodes: enough for one instance and one node. */
function hoursRules([first, ...others]: readonly WrittenStore[]): FieldsRule<Environment>[] {
  return others.map(({ at, kind, name }) => ({
    fields: ["budget"],
    at,
    holds: ({ budget }) => budget !== "free-tier",
    must: `must be absent with budget "free-tier": ${first?.at} uses up the 750 hours a month that all ${kind}s share`,
    got: () => name,
    instead: "Remove it, or remove budget.",
  }));
}

/** One rule for each limit, for an environment with the free-tier budget. */
export function freeTierRules(environment: WrittenStores): readonly FieldsRule<Environment>[] {
  const databases = writtenDatabases(environment);
  const caches = writtenCaches(environment);
  return [
    ...ENVIRONMENT_LIMITS.map((one) => limitRule(one)),
    ...databases.flatMap(({ at }) => DATABASE_LIMITS.map((one) => limitRule(one, at))),
    ...caches.flatMap(({ at }) => CACHE_LIMITS.map((one) => limitRule(one, at))),
    ...hoursRules(databases),
    ...hoursRules(caches),
  ];
}
