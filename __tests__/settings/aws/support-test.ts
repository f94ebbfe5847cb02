import { supportWarnings } from "../../../settings/aws/support";
import { cacheFamily, endOfStandardSupport, postgresFamily } from "../../../settings/aws/version";
import { environmentWith, REPLICATION_GROUP } from "../../minimal-environment";

const on = (today: string, changes = {}) => supportWarnings(environmentWith(changes), today);

const SUPPORTED = {
  "database.engineVersion": "18",
  "cache.engineVersion": "7.1",
  "cache.autoMinorVersionUpgrade": false,
};

test.each<["postgres" | "redis" | "valkey", string, string | undefined]>([
  ["postgres", "13", "2026-02-28"],
  ["postgres", "14", "2027-02-28"],
  ["postgres", "15", "2028-02-29"],
  ["postgres", "15.4", "2028-02-29"],
  ["postgres", "16", "2029-02-28"],
  ["postgres", "17", "2030-02-28"],
  ["postgres", "18", undefined],
  ["postgres", "12", undefined],
  ["redis", "6.x", "2027-01-31"],
  ["redis", "6.2", "2027-01-31"],
  ["redis", "7.1", undefined],
  ["redis", "5.0.6", undefined],
  ["valkey", "7.2", undefined],
  ["valkey", "6.2", undefined],
])("standard support of %s %s ends on %s", (engine, version, end) => {
  expect(endOfStandardSupport(engine, version)).toBe(end);
});

test.each([
  ["15", "postgres15"],
  ["17.4", "postgres17"],
])("PostgreSQL %s has the parameter group family %s", (version, family) => {
  expect(postgresFamily(version)).toBe(family);
});

test.each([
  ["redis", "6.x", "redis6.x"],
  ["redis", "6.0", "redis6.x"],
  ["redis", "6.2", "redis6.x"],
  ["redis", "7.0", "redis7"],
  ["redis", "7.1", "redis7"],
  ["valkey", "7.2", "valkey7"],
  ["valkey", "8.0", "valkey8"],
  ["valkey", "8.2", "valkey8"],
  ["valkey", "9.1", "valkey9"],
] as const)("%s %s has the parameter group family %s", (engine, version, family) => {
  expect(cacheFamily(engine, version)).toBe(family);
});

test("there is no warning while the end is far away or unknown", () => {
  expect(on("2020-01-01")).toEqual([]);
  expect(on("2099-01-01", SUPPORTED)).toEqual([]);
});

test("PostgreSQL has a warning from 180 days before the end", () => {
  const changes = { ...SUPPORTED, "database.engineVersion": "15" };
  expect(on("2027-09-01", changes)).toEqual([]);
  const warning = (when: string) =>
    `environment test: database.engineVersion "15": standard support ${when} on 2028-02-29. RDS then upgrades running instances and creates no new ones with it, because extendedSupport is off. Plan the upgrade.`;
  expect(on("2027-09-02", changes)).toEqual([warning("ends")]);
  expect(on("2028-02-29", changes)).toEqual([warning("ends")]);
  expect(on("2028-03-01", changes)).toEqual([warning("ended")]);
});

test("with extendedSupport, the warning names the bill instead of the upgrade", () => {
  const changes = {
    ...SUPPORTED,
    "database.engineVersion": "15",
    "database.extendedSupport": true,
  };
  expect(on("2028-03-01", changes)).toEqual([
    'environment test: database.engineVersion "15": standard support ended on 2028-02-29. RDS then bills extended support, because extendedSupport is on. Plan the upgrade.',
  ]);
});

test("Redis has a warning too", () => {
  const changes = { ...SUPPORTED, "cache.engineVersion": "6.2" };
  expect(on("2026-11-23", changes)).toEqual([
    'environment test: cache.engineVersion "6.2": standard support ends on 2027-01-31. ElastiCache then bills extended support. Plan the upgrade.',
  ]);
});

test("Valkey has no warning, because no end is announced", () => {
  const cache = { ...REPLICATION_GROUP, engine: "valkey", engineVersion: "7.2" };
  const supported = { "database.engineVersion": "18" };
  expect(
    on("2099-01-01", { ...supported, cache: { ...cache, autoMinorVersionUpgrade: false } }),
  ).toEqual([]);
});

test("the warnings are in the order of the settings", () => {
  expect(on("2029-01-01")).toEqual([
    expect.stringContaining("database.engineVersion"),
    expect.stringContaining("cache.engineVersion"),
  ]);
});
