import { z } from "zod";
import { rule } from "../../validation/rule";
import { didYouMean } from "../../validation/suggestion";
import { latestMinor, postgresMinorOffer } from "./offers";

/** The parts of an engine version. */
export interface EngineVersion {
  readonly major: number;
  /** Undefined when AWS picks the minor version. */
  readonly minor: number | undefined;
}

/** The last day of standard support of each major version; undefined if none is announced. */
interface Major {
  readonly endOfStandardSupport: string | undefined;
}

/**
 * Major versions that RDS for PostgreSQL supports. As of 2026-11-23; no date for 18 was found.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
 */
const POSTGRES_MAJORS: Readonly<Record<number, Major>> = {
  13: { endOfStandardSupport: "2026-02-28" },
  14: { endOfStandardSupport: "2027-02-28" },
  15: { endOfStandardSupport: "2028-02-29" },
  16: { endOfStandardSupport: "2029-02-28" },
  17: { endOfStandardSupport: "2030-02-28" },
  18: { endOfStandardSupport: undefined },
};

/**
 * Major versions of Redis OSS that ElastiCache supports. As of 2026-11-23; no date for 7 is announced.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html#deprecated-engine-versions
 */
const REDIS_MAJORS: Readonly<Record<number, Major>> = {
  6: { endOfStandardSupport: "2027-01-31" },
  7: { endOfStandardSupport: undefined },
};

/**
 * Redis OSS versions that ElastiCache accepts. From 7 on they include the minor version.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
const REDIS_VERSIONS: Readonly<Record<string, EngineVersion>> = {
  "6.x": { major: 6, minor: undefined },
  "6.0": { major: 6, minor: 0 },
  "6.2": { major: 6, minor: 2 },
  "7.0": { major: 7, minor: 0 },
  "7.1": { major: 7, minor: 1 },
};

/** As of 2026-11-23, no end of support is announced for any major version of Valkey. */
const VALKEY_MAJORS: Readonly<Record<number, Major>> = {};

/**
 * Valkey versions that ElastiCache accepts, always with their minor version. As of 2026-11-23.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
const VALKEY_VERSIONS: Readonly<Record<string, EngineVersion>> = {
  "7.2": { major: 7, minor: 2 },
  "8.0": { major: 8, minor: 0 },
  "8.1": { major: 8, minor: 1 },
  "8.2": { major: 8, minor: 2 },
  "9.0": { major: 9, minor: 0 },
  "9.1": { major: 9, minor: 1 },
};

export type CacheEngine = "redis" | "valkey";

const CACHE_VERSIONS = { redis: REDIS_VERSIONS, valkey: VALKEY_VERSIONS };
const MAJORS = { postgres: POSTGRES_MAJORS, redis: REDIS_MAJORS, valkey: VALKEY_MAJORS };

const POSTGRES_VERSION = new RegExp(
  `^(${Object.keys(POSTGRES_MAJORS).join("|")})(?:\\.(0|[1-9][0-9]?))?$`,
);

/** `"15"` or `"15.4"`; undefined if RDS does not offer it. */
export function postgresVersion(version: string): EngineVersion | undefined {
  const [, major, minor] = POSTGRES_VERSION.exec(version) ?? [];
  return major === undefined
    ? undefined
    : { major: Number(major), minor: minor === undefined ? undefined : Number(minor) };
}

/** `"7.1"` or `"6.x"` of Redis, `"8.0"` of Valkey; undefined if ElastiCache does not offer it. */
export function cacheVersion(engine: CacheEngine, version: string): EngineVersion | undefined {
  const versions = CACHE_VERSIONS[engine];
  return Object.hasOwn(versions, version) ? versions[version] : undefined;
}

/**
 * Whether the engine will have no later minor version: automatic minor upgrades then change nothing. After Redis OSS
 * 7.1, ElastiCache continues with Valkey.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
export function isLastMinor(engine: CacheEngine, version: string): boolean {
  return engine === "redis" && version === "7.1";
}

/** The accepted versions of an engine. */
export function versionsOf(engine: CacheEngine): string {
  return Object.keys(CACHE_VERSIONS[engine]).join(", ");
}

/** `postgres15`, the parameter group family of a valid version. */
export function postgresFamily(version: string): string {
  return `postgres${postgresVersion(version)?.major}`;
}

/** `redis7`, `redis6.x` or `valkey8`, the parameter group family of a valid version. */
export function cacheFamily(engine: CacheEngine, version: string): string {
  const major = cacheVersion(engine, version)?.major;
  return `${engine}${major}${major === 6 ? ".x" : ""}`;
}

/** The last day of a version's standard support, `YYYY-MM-DD`; undefined where AWS has announced none. */
export function endOfStandardSupport(
  engine: "postgres" | CacheEngine,
  version: string,
): string | undefined {
  const known = engine === "postgres" ? postgresVersion(version) : cacheVersion(engine, version);
  return known && MAJORS[engine][known.major]?.endOfStandardSupport;
}

/** A version that RDS offers or once offered, or that is newer than the table of offers. */
function isPostgresVersion(version: string): boolean {
  const { major, minor } = postgresVersion(version) ?? {};
  return (
    major !== undefined &&
    (minor === undefined || postgresMinorOffer(major, minor) !== "not offered")
  );
}

/** Whether AWS has withdrawn a minor version: instances keep running it, but new ones cannot use it. */
export function isWithdrawn(version: string): boolean {
  const { major, minor } = postgresVersion(version) ?? {};
  return (
    major !== undefined && minor !== undefined && postgresMinorOffer(major, minor) === "withdrawn"
  );
}

/** The fix for a minor version: its major version, or the newest minor version. */
export function postgresInstead(version: string): string {
  const major = postgresVersion(version)?.major;
  const latest = major === undefined ? undefined : latestMinor(major);
  return latest === undefined
    ? 'Use a major version such as "15": AWS then chooses and upgrades the minor version.'
    : `Use "${major}", so that AWS chooses the minor version, or "${major}.${latest}" with autoMinorVersionUpgrade: false.`;
}

export const postgresVersionSchema = z
  .string()
  .check(
    rule<string>({
      holds: isPostgresVersion,
      must: `must be one of ${Object.keys(POSTGRES_MAJORS).join(", ")}, or one of their minor versions that RDS offers, such as "15.17"`,
      instead: (version) =>
        didYouMean(versionInside(version, isPostgresVersion), postgresInstead(version)),
    }),
  )
  .meta({ pattern: POSTGRES_VERSION.source })
  .describe('a PostgreSQL version in a string, such as "15"');

/** A version of any of the engines. Another rule checks it against the chosen engine. */
function cacheVersionSchema(engines: readonly CacheEngine[], what: string) {
  const offered = (version: string) => engines.some((engine) => cacheVersion(engine, version));
  const versions = engines.map(versionsOf).join(", ");
  return z
    .string()
    .check(
      rule<string>({
        holds: offered,
        must: `must be one of ${versions}`,
        instead: (version) =>
          didYouMean(versionInside(version, offered), "Use one of them as a string."),
      }),
    )
    .meta({ enum: versions.split(", ") })
    .describe(what);
}

export const redisVersionSchema = cacheVersionSchema(
  ["redis"],
  'a Redis version in a string, such as "7.1"',
);

export const redisOrValkeyVersionSchema = cacheVersionSchema(
  ["redis", "valkey"],
  'a version of Redis or Valkey in a string, such as "7.1"',
);

/** `15.4` in `15.4.1`, `7.1` in `v7.1.0`: the version inside a longer text. */
function versionInside(text: string, offered: (version: string) => boolean): string | undefined {
  const [inside = ""] = /[0-9]+(\.[0-9x]+)?/.exec(text) ?? [];
  return offered(inside) ? inside : undefined;
}
