import fc from "fast-check";
import { parseEnvironment, parseEnvironments } from "../../settings/environment";
import { SettingsError } from "../../validation/problem";
import { MINIMAL, REPLICATION_GROUP } from "../minimal-environment";
import { validEnvironments } from "../valid-environments";

// More runs by hand: FUZZ_RUNS=50000 npx jest --selectProjects exhaustive --testPathPatterns any-input
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

/** Whatever the input, parsing results in an environment or in readable problems. */
function ends(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems.length > 0;
    }
    throw error;
  }
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function isContainer(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

/** Every place in a value, from the outside in. */
function placesIn(value: Json, path: readonly string[] = []): (readonly string[])[] {
  const inner = isContainer(value)
    ? Object.entries(value).flatMap(([key, one]) => placesIn(one, [...path, key]))
    : [];
  return [path, ...inner];
}

/** The value with a replacement at a place, or without the place if there is no replacement. */
function withAt(value: Json, [key, ...rest]: readonly string[], other: Json | undefined): Json {
  if (key === undefined || !isContainer(value)) {
    return other ?? null;
  }
  const entries = Object.entries(value).flatMap(([name, one]): [string, Json][] => {
    if (name !== key) {
      return [[name, one]];
    }
    return rest.length === 0 && other === undefined ? [] : [[name, withAt(one, rest, other)]];
  });
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

const WORDS = [
  ...["", "redis", "cluster", "replication-group", "clusters", "free-tier", "secret", "snapshot"],
  ...["db.t4g.micro", "cache.t4g.micro", "db.t4g", "7.1", "15.4", "0", "us-east-1", "eu-west-1a"],
  ...["__proto__", "constructor", "a.b", "databases.orders", "${x}", "sg-01234567", "database"],
];

const values = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, {}, [], [[]], [{}]),
  fc.constantFrom(...WORDS),
  fc.jsonValue({ maxDepth: 2 }),
);

const FEWEST: Json[] = [
  MINIMAL,
  { ...MINIMAL, cache: REPLICATION_GROUP },
  { ...MINIMAL, budget: "free-tier", production: false },
  { ...MINIMAL, databases: { orders: MINIMAL.database }, caches: { sessions: MINIMAL.cache } },
].map((settings) => JSON.parse(JSON.stringify(settings)));

const environments = fc.oneof(fc.constantFrom(...FEWEST), validEnvironments as fc.Arbitrary<Json>);

/** A valid environment with other values at one to three places. */
const mutants = fc
  .tuple(
    environments,
    fc.array(fc.tuple(fc.nat(), values), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "kind", "stores", "databases", "caches", "alarms"),
  )
  .map(([settings, changes, added]) =>
    changes.reduce<Json>(
      (mutated, [index, value]) => {
        const places = placesIn(mutated);
        const place = places[index % places.length] ?? [];
        return withAt(mutated, place, value as Json | undefined);
      },
      added === "" ? settings : { ...(settings as object), [added]: {} as Json },
    ),
  );

test(`${RUNS} JSON values result in an environment or in problems`, () => {
  fc.assert(
    fc.property(fc.jsonValue(), (input) => ends(() => parseEnvironment(input))),
    { numRuns: RUNS },
  );
});

test(`${RUNS} valid environments with a mistake result in an environment or in problems`, () => {
  fc.assert(
    fc.property(mutants, (input) => ends(() => parseEnvironment(input))),
    { numRuns: RUNS },
  );
});

test(`${RUNS} pairs of environments with a mistake result in environments or in problems`, () => {
  fc.assert(
    fc.property(mutants, environments, (one, other) => ends(() => parseEnvironments([one, other]))),
    { numRuns: RUNS },
  );
});

test.each<[string, object]>([
  ["without a kind", { cache: {} }],
  ["of a kind that is the engine's", { cache: { kind: "redis" } }],
  [
    "of a misspelt kind in the free tier",
    { budget: "free-tier", production: false, cache: { ...MINIMAL.cache, kind: "clusters" } },
  ],
])("a cache %s is reported at its kind, and no rule between settings reads it", (_, changes) => {
  expect.assertions(1);
  try {
    parseEnvironment({ ...MINIMAL, alarms: {}, reasons: undefined, ...changes });
  } catch (error) {
    const paths = (error as SettingsError).problems.map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith("cache"))).toEqual(["cache.kind"]);
  }
});
