import {
  type OrderableDBInstanceOption,
  paginateDescribeDBEngineVersions,
  paginateDescribeOrderableDBInstanceOptions,
} from "@aws-sdk/client-rds";
import type { AwsAccount } from "../../../cli/aws-account";
import type { DatabaseStore } from "../../../settings/data-stores";
import type { DatabaseSettings } from "../../../settings/database/database";
import { type Check, ensure } from "../check";
import { subnetsOf, zonesOf } from "./network";

/** The exact combination of class, version, storage type, zones and Multi-AZ can be ordered in the account. */
export function orderable({ stackId, settings }: DatabaseStore): Check {
  return {
    id: "orderable",
    subject: stackId,
    async run(account) {
      const version = await exactVersion(account, settings);
      const zones = zonesOf(await subnetsOf(account));
      for (const instanceClass of classesOf(settings)) {
        const options = await optionsOf(account, instanceClass, version);
        ensure(
          options.length > 0,
          `${instanceClass} with PostgreSQL ${version} cannot be ordered in ${account.environment.region}.`,
          "Use another instanceClass or engineVersion.",
        );
        checkOptions({ instanceClass, options, settings, zones });
      }
      return `${classesOf(settings).join(", ")} with PostgreSQL ${version} and ${settings.storageType}`;
    },
  };
}

function classesOf({ instanceClass, readReplicas }: DatabaseSettings): string[] {
  const replicas = Object.values(readReplicas).map((replica) => replica.instanceClass);
  return [...new Set([instanceClass, ...replicas.filter((one) => one !== undefined)])];
}

/** `15.17` for `15`: the newest minor version that new instances can have. */
async function exactVersion({ rds }: AwsAccount, settings: DatabaseSettings): Promise<string> {
  const { engineVersion: EngineVersion, existing } = settings;
  const found: string[] = [];
  const pages = paginateDescribeDBEngineVersions(
    { client: rds },
    { Engine: "postgres", EngineVersion, IncludeAll: existing },
  );
  for await (const { DBEngineVersions = [] } of pages) {
    found.push(...DBEngineVersions.map((one) => one.EngineVersion ?? ""));
  }
  const newest = found.sort((one, other) => minorOf(other) - minorOf(one))[0];
  ensure(
    newest !== undefined,
    `RDS does not offer PostgreSQL ${EngineVersion} for new instances.`,
    "Use another engineVersion.",
  );
  return newest;
}

function minorOf(version: string): number {
  return Number(version.split(".")[1] ?? 0);
}

async function optionsOf(
  { rds }: AwsAccount,
  DBInstanceClass: string,
  EngineVersion: string,
): Promise<OrderableDBInstanceOption[]> {
  const options: OrderableDBInstanceOption[] = [];
  const pages = paginateDescribeOrderableDBInstanceOptions(
    { client: rds },
    { Engine: "postgres", EngineVersion, DBInstanceClass, Vpc: true },
  );
  for await (const { OrderableDBInstanceOptions = [] } of pages) {
    options.push(...OrderableDBInstanceOptions);
  }
  return options;
}

interface Asked {
  readonly instanceClass: string;
  readonly options: readonly OrderableDBInstanceOption[];
  readonly settings: DatabaseSettings;
  /** The availability zones of the subnets. */
  readonly zones: readonly string[];
}

/** @throws PreflightFailure for the first part of the order that AWS does not take. */
function checkOptions({ instanceClass, options, settings, zones }: Asked): void {
  const { storageType, multiAz, availabilityZone } = settings;
  const stored = options.filter(({ StorageType }) => StorageType === storageType);
  ensure(
    stored.length > 0,
    `${instanceClass} does not support the storage type ${storageType} in this region.`,
    "Use another storageType.",
  );
  ensure(
    !multiAz || stored.some(({ MultiAZCapable }) => MultiAZCapable),
    `${instanceClass} with ${storageType} does not support Multi-AZ in this region.`,
    "Set multiAz: false, or use another class.",
  );
  const offered = stored.flatMap(({ AvailabilityZones = [] }) =>
    AvailabilityZones.map(({ Name = "" }) => Name),
  );
  ensure(
    availabilityZone === undefined || offered.includes(availabilityZone),
    `${instanceClass} is not offered in ${availabilityZone}.`,
    "Use another availabilityZone, or another class.",
  );
  const usable = zones.filter((zone) => offered.includes(zone));
  const needed = multiAz ? 2 : 1;
  ensure(
    // Subnets in fewer zones are another check's finding.
    usable.length >= needed || zones.length < 2,
    `${instanceClass} is offered in ${[...new Set(offered)].join(", ")}, of which the subnets cover ${usable.length}; it needs ${needed}.`,
    "Add subnets in these zones to network.subnetIds, or use another class.",
  );
}
