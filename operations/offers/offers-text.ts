import type { Offers } from "../../settings/aws/offers";

const NOTE =
  "What AWS offers, by its own APIs; in May 2026 by way of cfn-lint 1.51.0 (MIT-0). Without the classes that RDS has deprecated for PostgreSQL.";

/** `offers.json`: sorted, with one line for each key, so that a diff shows what AWS changed. */
export function offersText(offers: Offers): string {
  const { date, postgres, redis, valkey, dbFamilies, cacheFamilies, regions } = offers;
  const parts = [
    `  "//": ${inline(NOTE)}`,
    `  "date": ${inline(date)}`,
    block("postgres", postgres, byNumber),
    `  "redis": ${inline([...redis].sort(byNumber))}`,
    `  "valkey": ${inline([...valkey].sort(byNumber))}`,
    block("dbFamilies", mapValues(dbFamilies, sortedSizes)),
    block("cacheFamilies", mapValues(cacheFamilies, sortedSizes)),
    block(
      "regions",
      mapValues(regions, (families) => [...families].sort()),
    ),
  ];
  return `{\n${parts.join(",\n")}\n}\n`;
}

function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}

const SMALL_SIZES = ["micro", "small", "medium", "large", "xlarge"];

/** `micro` before `large` before `2xlarge` before `10xlarge`. */
function sortedSizes(sizes: readonly string[]): string[] {
  const rank = (size: string) =>
    SMALL_SIZES.includes(size) ? SMALL_SIZES.indexOf(size) : 100 + Number.parseInt(size, 10);
  return [...sizes].sort((one, other) => rank(one) - rank(other));
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function block(
  name: string,
  record: Readonly<Record<string, unknown>>,
  order: (one: string, other: string) => number = (one, other) => (one < other ? -1 : 1),
): string {
  const lines = Object.keys(record)
    .sort(order)
    .map((key) => `    ${inline(key)}: ${inline(record[key])}`);
  return `  ${inline(name)}: {\n${lines.join(",\n")}\n  }`;
}

/** JSON on one line, with spaces. */
function inline(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(inline).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).map(([key, inner]) => `${inline(key)}: ${inline(inner)}`);
    return `{${pairs.join(", ")}}`;
  }
  return JSON.stringify(value);
}
