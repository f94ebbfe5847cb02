import { engineOf } from "../cache/cache";
import { type DataStore, dataStoresOf } from "../data-stores";
import type { Environment } from "../environment";
import { endOfStandardSupport } from "./version";

/** How long before the end of standard support to start planning the upgrade. */
const NEAR_DAYS = 180;
const MILLISECONDS_PER_DAY = 86_400_000;

/** What AWS does after the end of standard support. */
function afterwards(store: DataStore): string {
  if (store.kind === "cache") {
    return "ElastiCache then bills extended support";
  }
  return store.settings.extendedSupport
    ? "RDS then bills extended support, because extendedSupport is on"
    : "RDS then upgrades running instances and creates no new ones with it, because extendedSupport is off";
}

/**
 * Warnings about the support of an environment's engine versions on a day. Never an error.
 * @param today the day, `YYYY-MM-DD`
 */
export function supportWarnings(environment: Environment, today: string): string[] {
  return dataStoresOf(environment).flatMap((store) => {
    const engine = store.kind === "database" ? "postgres" : engineOf(store.settings);
    const version = store.settings.engineVersion;
    const end = endOfStandardSupport(engine, version);
    const days = end === undefined ? Number.POSITIVE_INFINITY : daysBetween(today, end);
    if (days > NEAR_DAYS) {
      return [];
    }
    const when = days < 0 ? "ended" : "ends";
    return [
      `environment ${environment.name}: ${store.name}.engineVersion "${version}": standard support ${when} on ${end}. ${afterwards(store)}. Plan the upgrade.`,
    ];
  });
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / MILLISECONDS_PER_DAY;
}
