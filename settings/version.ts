import { z } from "zod";
import { rule } from "./rule";
import { didYouMean } from "./suggestion";

/** What a configured engine version means for upgrades and for the parameter-group family. */
export interface EngineVersion {
  readonly major: number;
  /** Undefined when AWS picks the minor version. */
  readonly minor: number | undefined;
}

/** A major version of an engine, and the last day of its standard support; undefined where none is announced. */
interface Major {
  readonly endOfStandardSupport: string | undefined;
}

/**
 * Majors that RDS for PostgreSQL supports. Looked up on 2026-11-23; no date for 18 was found.
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
 * Majors of Redis OSS that ElastiCache supports. Looked up on 2026-11-23; no date for 7 is announced.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html#deprecated-engine-versions
 */
const REDIS_MAJORS: Readonly<Record<number, Major>> = {
  6: { endOfStandardSupport: "2027-01-31" },
  7: { endOfStandardSupport: undefined },
};

/**
 * Redis OSS versions that ElastiCache takes, by how they are written; from 7 on the minor is always written.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
 */
const REDIS_VERSIONS: Readonly<Record<string, EngineVersion>> = {
  "6.x": { major: 6, minor: undefined },
  "6.0": { major: 6, minor: 0 },
  "6.2": { major: 6, minor: 2 },
  "7.0": { major: 7, minor: 0 },
  "7.1": { major: 7, minor: 1 },
};

const POSTGRES_VERSION = new RegExp(
  `^(${Object.keys(POSTGRES_MAJORS).join("|")})(?:\\.(0|[1-9][0-9]?))?$`,
);

/** `"15"` or `"15.4"`; undefined for what RDS does not offer. */
export function postgresVersion(version: string): EngineVersion | undefined {
  const [, major, minor] = POSTGRES_VERSION.exec(version) ?? [];
  return major === undefined
    ? undefined
    : { major: Number(major), minor: minor === undefined ? undefined : Number(minor) };
}

/** `"7.1"` or `"6.x"`; undefined for what ElastiCache does not offer. */
export function redisVersion(version: string): EngineVersion | undefined {
  return Object.hasOwn(REDIS_VERSIONS, version) ? REDIS_VERSIONS[version] : undefined;
}

/** `postgres15`, the parameter-group family of a version that the settings accepted. */
export function postgresFamily(version: string): string {
  return `postgres${postgresVersion(version)?.major}`;
}

/** `redis7` or `redis6.x`, the parameter-group family of a version that the settings accepted. */
export function redisFamily(version: string): string {
  return redisVersion(version)?.major === 6 ? "redis6.x" : "redis7";
}

/** The last day of a version's standard support, `YYYY-MM-DD`; undefined where AWS has announced none. */
export function endOfStandardSupport(
  engine: "postgres" | "redis",
  version: string,
): string | undefined {
  const [majors, known] =
    engine === "postgres"
      ? [POSTGRES_MAJORS, postgresVersion(version)]
      : [REDIS_MAJORS, redisVersion(version)];
  return known && majors[known.major]?.endOfStandardSupport;
}

export const postgresVersionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (version) => postgresVersion(version) !== undefined,
      must: `must be one of ${Object.keys(POSTGRES_MAJORS).join(", ")}, or a minor of one such as "15.4"`,
      instead: (version) =>
        didYouMean(
          versionInside(version, (inside) => postgresVersion(inside) !== undefined),
          'Write a major such as "15": AWS then picks and upgrades the minor.',
        ),
    }),
  )
  .meta({ pattern: POSTGRES_VERSION.source })
  .describe('a PostgreSQL version in a string, such as "15"');

export const redisVersionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (version) => redisVersion(version) !== undefined,
      must: `must be one of ${Object.keys(REDIS_VERSIONS).join(", ")}`,
      instead: (version) =>
        didYouMean(
          versionInside(version, (inside) => redisVersion(inside) !== undefined),
          "Write one of them, in quotes.",
        ),
    }),
  )
  .meta({ enum: Object.keys(REDIS_VERSIONS) })
  .describe('a Redis version in a string, such as "7.1"');

/** `15.4` in `15.4.1`, `7.1` in `v7.1.0`: the version that somebody wrote too much around. */
function versionInside(text: string, offered: (version: string) => boolean): string | undefined {
  const [inside = ""] = /[0-9]+(\.[0-9x]+)?/.exec(text) ?? [];
  return offered(inside) ? inside : undefined;
}
