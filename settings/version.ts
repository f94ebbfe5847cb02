/** What a configured engine version means for upgrades and for the parameter-group family. */
export interface EngineVersion {
  readonly major: number;
  /** Undefined when AWS picks the minor version. */
  readonly minor: number | undefined;
}

/**
 * Majors that RDS for PostgreSQL supports.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
 */
const POSTGRES_MAJORS = [13, 14, 15, 16, 17, 18];

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

export const POSTGRES_VERSIONS_TEXT = `${POSTGRES_MAJORS.join(", ")}, or a minor of one such as "15.4"`;
export const REDIS_VERSIONS_TEXT = Object.keys(REDIS_VERSIONS).join(", ");

/** `"15"` or `"15.4"`; undefined for what RDS does not offer. */
export function postgresVersion(version: string): EngineVersion | undefined {
  const [, major, , minor] = /^([1-9][0-9])(\.([1-9]?[0-9]))?$/.exec(version) ?? [];
  return POSTGRES_MAJORS.includes(Number(major))
    ? { major: Number(major), minor: minor === undefined ? undefined : Number(minor) }
    : undefined;
}

/** `"7.1"` or `"6.x"`; undefined for what ElastiCache does not offer. */
export function redisVersion(version: string): EngineVersion | undefined {
  return Object.hasOwn(REDIS_VERSIONS, version) ? REDIS_VERSIONS[version] : undefined;
}

/** `postgres15`, the parameter-group family of a version that the settings accepted. */
export function postgresFamily(version: string): string {
  return `postgres${postgresVersion(version)?.major}`;
}
