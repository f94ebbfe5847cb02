import type { EnvironmentSettings } from "../../settings/environment";
import { tagsSchema } from "../../settings/tags";
import type { Tags } from "../preflight/checks/names";
import { cachePort, translateCache } from "./cache";
import { type Reached, translateClients } from "./clients";
import { portOf, translateDatabase } from "./database";
import {
  cacheGroupIds,
  databaseGroupIds,
  type Existing,
  type Remark,
  type Translated,
} from "./existing";

/** The parts of the environment that the account does not contain. */
export interface Named {
  readonly app: string;
  readonly name: string;
  readonly stateBucket: string;
  readonly profile?: string | undefined;
}

/** The environment that describes what exists. It is not validated yet. */
export function translateEnvironment(
  existing: Existing,
  named: Named,
): Translated<EnvironmentSettings> {
  const database = existing.database && translateDatabase(existing.database);
  const cache = existing.cache && translateCache(existing.cache);
  const { clients, groupIds, adopted, remarks } = translateClients(existing, reached(existing));
  const tags = tagsOf(existing);
  const common = { region: existing.region, account: existing.account };
  const settings = {
    app: named.app,
    name: named.name,
    ...common,
    ...(named.profile ? { profile: named.profile } : {}),
    stateBucket: { name: named.stateBucket },
    network: networkOf(existing),
    clients,
    ...(database ? { database: withRules(database.settings, "database") } : {}),
    ...(cache ? { cache: withRules(cache.settings, "cache") } : {}),
    reasons: { alarms: "Adopted as it is: alarms are one of the next steps" },
    ...(Object.keys(tags.tags).length > 0 ? { tags: tags.tags } : {}),
  };
  return {
    settings: defined(settings) as EnvironmentSettings,
    refusals: [
      ...(database?.refusals ?? []),
      ...(cache?.refusals ?? []),
      ...networkRefusals(existing),
    ],
    remarks: [...(database?.remarks ?? []), ...(cache?.remarks ?? []), ...remarks, ...tags.remarks],
  };

  function withRules(
    store: { readonly kept?: object | undefined; readonly adopted?: object | undefined },
    kind: "database" | "cache",
  ): object {
    return {
      ...store,
      kept: { securityGroupIds: groupIds[kind], ...store.kept },
      adopted: { ...store.adopted, ...adopted[kind] },
    };
  }
}

/** Without what is undefined, at any depth. */
function defined(settings: unknown): unknown {
  return JSON.parse(JSON.stringify(settings));
}

function reached({ database, cache }: Existing): Reached[] {
  return [
    ...(database
      ? [
          {
            kind: "database" as const,
            subject: `database ${database.instance.DBInstanceIdentifier}`,
            port: portOf(database.instance),
            groupIds: databaseGroupIds(database),
          },
        ]
      : []),
    ...(cache
      ? [
          {
            kind: "cache" as const,
            subject: `cache ${cache.group?.ReplicationGroupId ?? cache.cluster.CacheClusterId}`,
            port: cachePort(cache),
            groupIds: cacheGroupIds(cache),
          },
        ]
      : []),
  ];
}

function networkOf({ vpcs, database }: Existing): EnvironmentSettings["network"] {
  const subnets = database?.instance.DBSubnetGroup?.Subnets ?? [];
  const subnetIds = subnets.flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []);
  return {
    vpcId: vpcs[0]?.VpcId ?? "",
    subnetIds: subnetIds.length > 1 ? [...subnetIds].sort() : "all",
  };
}

function networkRefusals({ vpcs }: Existing): Remark[] {
  const ids = vpcs.map(({ VpcId }) => VpcId);
  return vpcs.length === 1
    ? []
    : [
        {
          subject: "network",
          found: `The security groups are in ${ids.length === 0 ? "no VPC" : ids.join(", ")}.`,
          advice:
            "An environment has one VPC. Adopt the database and the cache in separate environments.",
        },
      ];
}

/** Tag keys that these stacks set themselves, and that the environment therefore cannot keep. */
const OWN_KEYS = ["stack", "managed-by"];

/** The tags that the environment can have, so that none is lost when Terraform manages the tags. */
function tagsOf({ database, cache }: Existing): {
  readonly tags: Readonly<Record<string, string>>;
  readonly remarks: readonly Remark[];
} {
  const all = [...tagList(database?.instance.TagList), ...tagList(cache?.tags)];
  const values = new Map<string, Set<string>>();
  for (const [key, value] of all) {
    values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  const entries = [...values].map(([key, [...found]]) => ({ key, found }));
  const isOne = ({ key, found }: { key: string; found: string[] }) =>
    found.length === 1 &&
    !OWN_KEYS.includes(key) &&
    tagsSchema.safeParse({ [key]: found[0] }).success;
  return {
    tags: Object.fromEntries(
      entries.filter(isOne).map(({ key, found: [value = ""] }) => [key, value]),
    ),
    remarks: entries
      .filter((entry) => !isOne(entry))
      .map(({ key, found }) => ({
        subject: "tags",
        found: `The tag ${key} has the values ${found.join(", ")}.`,
        advice:
          "The environment's settings cannot express this tag. It stays until you remove kept.tags. The next apply then removes it.",
      })),
  };
}

/** Without the tags that AWS sets. */
function tagList(tags: Tags = []): (readonly [string, string])[] {
  return tags.flatMap(({ Key, Value = "" }) =>
    Key && !Key.startsWith("aws:") ? [[Key, Value] as const] : [],
  );
}
