import {
  ElastiCacheClient,
  paginateDescribeCacheEngineVersions,
  paginateDescribeReservedCacheNodesOfferings,
} from "@aws-sdk/client-elasticache";
import {
  paginateDescribeDBEngineVersions,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from "@aws-sdk/client-rds";
import { withAction } from "../../cli/called-action";

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html */
const LARGEST_PAGE = 1000;

/** The offers of AWS in one region. */
export interface RegionOffers {
  readonly region: string;
  /** Exact versions, `15.17`. */
  readonly postgres: readonly { readonly version: string; readonly isAvailable: boolean }[];
  /** `db.m7g.large` */
  readonly dbClasses: readonly string[];
  /** `cache.m7g.large` */
  readonly nodeTypes: readonly string[];
  readonly redis: readonly string[];
  readonly valkey: readonly string[];
}

/**
 * Asks AWS what it offers in a region: which versions of PostgreSQL, the classes for the newest minor version of each major
 * one, and the node types and versions of ElastiCache. It changes nothing.
 * @throws the SDK's error when AWS refuses, such as AccessDenied.
 */
export async function regionOffers(region: string): Promise<RegionOffers> {
  const rds = withAction(new RDSClient({ region }));
  const elasticache = withAction(new ElastiCacheClient({ region }));
  const [postgres, nodeTypes, redis, valkey] = await Promise.all([
    postgresVersions(rds),
    cacheNodeTypes(elasticache),
    cacheVersions(elasticache, "redis"),
    cacheVersions(elasticache, "valkey"),
  ]);
  const available = postgres.filter(({ isAvailable }) => isAvailable).map(({ version }) => version);
  const classes = await Promise.all(newestOfEach(available).map((one) => classesOf(rds, one)));
  return { region, postgres, dbClasses: unique(classes.flat()), nodeTypes, redis, valkey };
}

async function postgresVersions(client: RDSClient): Promise<RegionOffers["postgres"]> {
  const versions: { version: string; isAvailable: boolean }[] = [];
  const pages = paginateDescribeDBEngineVersions(
    { client },
    { Engine: "postgres", IncludeAll: true },
  );
  for await (const { DBEngineVersions = [] } of pages) {
    for (const { EngineVersion: version = "", Status } of DBEngineVersions) {
      versions.push({ version, isAvailable: Status === "available" });
    }
  }
  return versions;
}

/** The newest minor version of each major version. */
function newestOfEach(versions: readonly string[]): string[] {
  const byMajor = new Map<string, string>();
  for (const version of versions) {
    const [major = "", minor = "0"] = version.split(".");
    const [, newest = "-1"] = byMajor.get(major)?.split(".") ?? [];
    if (Number(minor) > Number(newest)) {
      byMajor.set(major, version);
    }
  }
  return [...byMajor.values()];
}

async function classesOf(client: RDSClient, EngineVersion: string): Promise<string[]> {
  const classes: string[] = [];
  const pages = paginateDescribeOrderableDBInstanceOptions(
    { client, pageSize: LARGEST_PAGE },
    { Engine: "postgres", EngineVersion, Vpc: true },
  );
  for await (const { OrderableDBInstanceOptions = [] } of pages) {
    classes.push(...OrderableDBInstanceOptions.map(({ DBInstanceClass = "" }) => DBInstanceClass));
  }
  return unique(classes);
}

async function cacheNodeTypes(client: ElastiCacheClient): Promise<string[]> {
  const types: string[] = [];
  for await (const page of paginateDescribeReservedCacheNodesOfferings({ client }, {})) {
    const offerings = page.ReservedCacheNodesOfferings ?? [];
    types.push(...offerings.map(({ CacheNodeType = "" }) => CacheNodeType));
  }
  return unique(types);
}

async function cacheVersions(client: ElastiCacheClient, Engine: string): Promise<string[]> {
  const versions: string[] = [];
  for await (const page of paginateDescribeCacheEngineVersions({ client }, { Engine })) {
    const found = page.CacheEngineVersions ?? [];
    versions.push(...found.map(({ EngineVersion = "" }) => EngineVersion));
  }
  return unique(versions);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
