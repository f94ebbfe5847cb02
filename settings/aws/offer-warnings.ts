import { engineOf } from "../cache/cache";
import { cachesOf, databasesOf } from "../data-stores";
import type { Environment } from "../environment";
import {
  cacheNodeOffer,
  cacheVersionOffer,
  dbClassOfferIn,
  offersDate,
  postgresMinorOffer,
} from "./offers";
import { isWithdrawn, postgresInstead, postgresVersion } from "./version";

/**
 * Warns about settings that are newer than the table of offers, and about withdrawn versions that still run. Never an
 * error, because the table ages.
 */
export function offerWarnings(environment: Environment): string[] {
  const { region, name: environmentName } = environment;
  const newer = (at: string, value: string) =>
    `environment ${environmentName}: ${at} "${value}" is not in the table of AWS offers for ${region} from ${offersDate()}. If the apply fails, use another value. To update the table, run npm run refresh-offers.`;
  const databases = databasesOf(environment).flatMap(({ name, settings }) => {
    const { engineVersion, readReplicas } = settings;
    const { major = 0, minor } = postgresVersion(engineVersion) ?? {};
    const isNewer = minor !== undefined && postgresMinorOffer(major, minor) === "unknown";
    const replicas = Object.entries(readReplicas).map(
      ([replica, { instanceClass }]) =>
        [`${name}.readReplicas.${replica}.instanceClass`, instanceClass] as const,
    );
    const classes = [[`${name}.instanceClass`, settings.instanceClass] as const, ...replicas];
    return [
      ...(isNewer ? [newer(`${name}.engineVersion`, engineVersion)] : []),
      ...(isWithdrawn(engineVersion) ? [withdrawn(environmentName, name, engineVersion)] : []),
      ...classes.flatMap(([at, one]) =>
        one && dbClassOfferIn(region, one) === "unknown" ? [newer(at, one)] : [],
      ),
    ];
  });
  const caches = cachesOf(environment).flatMap(({ name, settings }) => [
    ...(cacheNodeOffer(settings.nodeType) === "unknown"
      ? [newer(`${name}.nodeType`, settings.nodeType)]
      : []),
    ...(cacheVersionOffer(engineOf(settings), settings.engineVersion) === "unknown"
      ? [newer(`${name}.engineVersion`, settings.engineVersion)]
      : []),
  ]);
  return [...databases, ...caches];
}

function withdrawn(environment: string, name: string, version: string): string {
  return `environment ${environment}: ${name}.engineVersion "${version}" was withdrawn by AWS: new instances cannot use it, so a restore or a replacement fails. Plan the upgrade. ${postgresInstead(version)}`;
}
