/** The table of AWS offers that `npm run refresh-offers` writes. */
export interface Offers {
  /** The month of the last refresh: `YYYY-MM`. */
  readonly date: string;
  /** The minor versions of each major version of PostgreSQL. */
  readonly postgres: Readonly<Record<string, MinorVersions>>;
  readonly redis: readonly string[];
  readonly valkey: readonly string[];
  /** The sizes of each family of DB instance classes for PostgreSQL. They are the same in every region. */
  readonly dbFamilies: Readonly<Record<string, readonly string[]>>;
  /** The sizes of each family of cache node types. */
  readonly cacheFamilies: Readonly<Record<string, readonly string[]>>;
  /** The families of DB instance classes in each region. */
  readonly regions: Readonly<Record<string, readonly string[]>>;
}

export interface MinorVersions {
  /** Available for new instances. */
  readonly offered: readonly number[];
  /** Not available for new instances. Existing instances keep running. */
  readonly withdrawn: readonly number[];
}

/** `unknown`: newer than the table. AWS may offer it by now. */
export type Offer = "offered" | "withdrawn" | "not offered" | "unknown";

/** A minor version further ahead of the table is a typing error: PostgreSQL releases four a year. */
const NEWEST_MINORS = 10;

/** Loaded on first use, because many commands do not need it. */
function table(): Offers {
  return require("./offers.json");
}

/** `2026-05`: the age of the table. */
export function offersDate(): string {
  return table().date;
}

/** Whether new instances can have a minor version of PostgreSQL. */
export function postgresMinorOffer(major: number, minor: number): Offer {
  const minors = table().postgres[major];
  if (!minors) {
    return "unknown";
  }
  const latest = Math.max(...minors.offered);
  if (minor > latest) {
    return minor <= latest + NEWEST_MINORS ? "unknown" : "not offered";
  }
  if (minors.offered.includes(minor)) {
    return "offered";
  }
  return minors.withdrawn.includes(minor) ? "withdrawn" : "not offered";
}

/** The newest minor version of a major version in the table. */
export function latestMinor(major: number): number | undefined {
  const { offered } = table().postgres[major] ?? { offered: [] };
  return offered.length === 0 ? undefined : Math.max(...offered);
}

/** Whether RDS for PostgreSQL has a class such as `db.m7g.large`, in any region. */
export function dbClassOffer(instanceClass: string): Offer {
  return classOffer(instanceClass, "db", table().dbFamilies);
}

/** Whether RDS for PostgreSQL has a class in a region. */
export function dbClassOfferIn(region: string, instanceClass: string): Offer {
  const offer = dbClassOffer(instanceClass);
  const families = table().regions[region];
  if (offer !== "offered" || !families) {
    return offer === "offered" ? "unknown" : offer;
  }
  return families.includes(familyOf(instanceClass)) ? "offered" : "not offered";
}

/** Whether ElastiCache has a node type such as `cache.m7g.large`. */
export function cacheNodeOffer(nodeType: string): Offer {
  return classOffer(nodeType, "cache", table().cacheFamilies);
}

/** Whether ElastiCache offers a version of an engine; `6.x` stands for the minor versions of 6. */
export function cacheVersionOffer(engine: "redis" | "valkey", version: string): Offer {
  return version.endsWith(".x") || table()[engine].includes(version) ? "offered" : "unknown";
}

/** Every DB instance class that RDS for PostgreSQL has in some region. */
export function dbClasses(): string[] {
  return classesOf("db", table().dbFamilies);
}

/** Every cache node type. */
export function cacheNodeTypes(): string[] {
  return classesOf("cache", table().cacheFamilies);
}

/** A class of the same size and kind in the newest family of a region, or undefined. */
export function similarClassIn(region: string, instanceClass: string): string | undefined {
  const [, family = "", size = ""] = instanceClass.split(".");
  const { dbFamilies, regions } = table();
  const [best] = (regions[region] ?? [])
    .filter((one) => one.charAt(0) === family.charAt(0) && dbFamilies[one]?.includes(size))
    .sort((one, other) => generationOf(other) - generationOf(one) || one.length - other.length);
  return best && `db.${best}.${size}`;
}

function classesOf(prefix: string, families: Offers["dbFamilies"]): string[] {
  return Object.entries(families).flatMap(([family, sizes]) =>
    sizes.map((size) => `${prefix}.${family}.${size}`),
  );
}

function classOffer(name: string, prefix: string, families: Offers["dbFamilies"]): Offer {
  const [, family = "", size = ""] =
    /^([a-z]+[0-9]+[a-z]*)\.([0-9a-z-]+)$/.exec(name.slice(`${prefix}.`.length)) ?? [];
  if (!name.startsWith(`${prefix}.`) || !family) {
    return "not offered";
  }
  const sizes = families[family];
  if (!sizes) {
    return isNewerFamily(family, Object.keys(families)) ? "unknown" : "not offered";
  }
  if (sizes.includes(size)) {
    return "offered";
  }
  return isNewSize(size, families) ? "unknown" : "not offered";
}

/** A generation further ahead of the table is a typing error. */
const NEWEST_GENERATIONS = 2;

/** A later generation than all known ones of its kind: `m9g` after m5 to m8g. */
function isNewerFamily(family: string, families: readonly string[]): boolean {
  const kind = kindOf(family);
  const generations = families.filter((one) => kindOf(one) === kind).map(generationOf);
  const ahead = generationOf(family) - Math.max(...generations);
  return generations.length > 0 && ahead > 0 && ahead <= NEWEST_GENERATIONS;
}

/** A size that no family has: `96xlarge`. */
function isNewSize(size: string, families: Offers["dbFamilies"]): boolean {
  const known = Object.values(families).flat();
  return /^[1-9][0-9]*xlarge$/.test(size) && multiple(size) > Math.max(...known.map(multiple));
}

function multiple(size: string): number {
  return Number.parseInt(size, 10) || 0;
}

function familyOf(instanceClass: string): string {
  return instanceClass.split(".")[1] ?? "";
}

function kindOf(family: string): string {
  return family.replace(/[0-9].*$/, "");
}

function generationOf(family: string): number {
  return Number(/[0-9]+/.exec(family)?.[0] ?? 0);
}
