import type { MinorVersions, Offers } from "../../settings/aws/offers";
import type { RegionOffers } from "./region-offers";

/** A plain class, without the variants of Oracle (`db.r5.large.tpc1.mem2x`) and Aurora (`db.serverless`). */
const CLASS = /^(?:db|cache)\.([a-z]+[0-9]+[a-z]*)\.([0-9]*x?large|micro|small|medium)$/;

/**
 * The table with new answers from some regions. Other regions keep their rows, because credentials reach only one
 * partition. A minor version that AWS no longer offers is withdrawn.
 */
export function mergeOffers(old: Offers, found: readonly RegionOffers[], date: string): Offers {
  const regions = { ...old.regions };
  for (const { region, dbClasses } of found) {
    regions[region] = Object.keys(familiesOf(dbClasses));
  }
  const inUse = new Set(Object.values(regions).flat());
  const dbFamilies = { ...old.dbFamilies, ...familiesOf(found.flatMap((one) => one.dbClasses)) };
  return {
    date,
    postgres: postgresOf(old.postgres, found),
    redis: versionsOf(found.flatMap(({ redis }) => redis)).filter((one) => Number(one) >= 6),
    valkey: versionsOf(found.flatMap(({ valkey }) => valkey)),
    dbFamilies: Object.fromEntries(
      Object.entries(dbFamilies).filter(([family]) => inUse.has(family)),
    ),
    cacheFamilies: familiesOf(found.flatMap(({ nodeTypes }) => nodeTypes)),
    regions,
  };
}

/** The sizes of each family among some classes. */
function familiesOf(classes: readonly string[]): Record<string, string[]> {
  const families: Record<string, string[]> = {};
  for (const one of classes) {
    const [, family, size] = CLASS.exec(one) ?? [];
    if (family && size && !families[family]?.includes(size)) {
      families[family] = [...(families[family] ?? []), size];
    }
  }
  return families;
}

/** `7.1` for `7.1.0`. */
function versionsOf(versions: readonly string[]): string[] {
  const short = versions.map((version) => version.split(".").slice(0, 2).join("."));
  return [...new Set(short)];
}

function postgresOf(
  old: Offers["postgres"],
  found: readonly RegionOffers[],
): Record<string, MinorVersions> {
  const all = found.flatMap(({ postgres }) => postgres);
  const majors = new Set(Object.keys(old));
  const available = new Map<string, Set<number>>();
  const known = new Map<string, Set<number>>();
  for (const { version, isAvailable } of all) {
    const [major = "", minor] = version.split(".");
    if (minor === undefined || Number(major) < Math.min(...[...majors].map(Number))) {
      continue;
    }
    known.set(major, (known.get(major) ?? new Set()).add(Number(minor)));
    if (isAvailable) {
      available.set(major, (available.get(major) ?? new Set()).add(Number(minor)));
    }
  }
  return Object.fromEntries(
    [...new Set([...majors, ...known.keys()])].map((major) => {
      const before = old[major] ?? { offered: [], withdrawn: [] };
      const offered = sorted(available.get(major) ?? []);
      const ever = [...before.offered, ...before.withdrawn, ...(known.get(major) ?? [])];
      return [major, { offered, withdrawn: sorted(ever.filter((one) => !offered.includes(one))) }];
    }),
  );
}

function sorted(minors: Iterable<number>): number[] {
  return [...new Set(minors)].sort((one, other) => one - other);
}
