import { engineOf } from "../cache/cache";
import { dataStoresOf } from "../data-stores";
import type { Environment } from "../environment";
import { endOfStandardSupport } from "./version";

/** How long before the end of standard support to start planning the upgrade. */
const NEAR_DAYS = 180;
const MILLISECONDS_PER_DAY = 86_400_000;

const AFTERWARDS = {
  postgres:
    "RDS then creates no new instances with it and upgrades running ones, because extended support is off",
  redis: "ElastiCache then bills extended support",
  valkey: "ElastiCache then bills extended support",
};

/**
 * Warnings about the support of an environment's engine versions on a day. Never an error.
 * @param today the day, `YYYY-MM-DD`
 */
export function supportWarnings(environment: Environment, today: string): string[] {
  return dataStoresOf(environment).flatMap(({ kind, name, settings }) => {
    const engine = kind === "database" ? "postgres" : engineOf(settings);
    const version = settings.engineVersion;
    const end = endOfStandardSupport(engine, version);
    const days = end === undefined ? Number.POSITIVE_INFINITY : daysBetween(today, end);
    if (days > NEAR_DAYS) {
      return [];
    }
    const when = days < 0 ? "ended" : "ends";
    return [
      `environment ${environment.name}: ${name}.engineVersion "${version}": standard support ${when} on ${end}. ${AFTERWARDS[engine]}: plan the upgrade.`,
    ];
  });
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / MILLISECONDS_PER_DAY;
}
