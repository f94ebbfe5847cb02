import { z } from "zod";
import { type FieldsRule, isObject } from "../validation/rule";
import { identifier } from "./aws/identifier";
import { type CacheSettings, cacheSchema } from "./cache/cache";
import { urlCredentials } from "./database/credentials";
import { type DatabaseSettings, databaseSchema } from "./database/database";
import { stackId, stateKey, storePath } from "./names";
import { variablePrefix } from "./url-variable";

/** A database is an RDS for PostgreSQL instance, a cache an ElastiCache cache. */
export type StoreKind = "database" | "cache";

interface StoreOf<Kind extends StoreKind, Settings> {
  readonly kind: Kind;
  /** Unique in the environment. */
  readonly name: string;
  readonly settings: Settings;
  /** `news-api-dev-orders` */
  readonly stackId: string;
  /** `news-api/dev/orders.tfstate` */
  readonly stateKey: string;
  /** `news-api/dev/orders`: the prefix of its secrets' names. */
  readonly path: string;
  /** The variable in which the application finds its URL. */
  readonly urlVariable: string;
}

export type DatabaseStore = StoreOf<"database", DatabaseSettings>;
export type CacheStore = StoreOf<"cache", CacheSettings>;
/** A data store of an environment: an RDS for PostgreSQL instance or an ElastiCache cache. */
export type DataStore = DatabaseStore | CacheStore;

const nameSchema = identifier(20, 'the name of the data store, such as "orders"');

/** The settings of the data stores: one of each kind without a name, or any number with names. */
export const dataStoreFields = {
  database: databaseSchema.optional().meta({
    purpose:
      "The only database, or the one named `database`. Short for `databases: { database: … }`.",
    absent: "no such database",
  }),
  cache: cacheSchema.optional().meta({
    purpose: "The only cache, or the one named `cache`. Short for `caches: { cache: … }`.",
    absent: "no such cache",
  }),
  databases: z
    .record(nameSchema, databaseSchema)
    .describe("databases, as name: settings")
    .default({})
    .meta({
      purpose:
        "Databases by name. The name is part of the stack ID, the state key and the secrets' names. If you rename a database, Terraform plans a second one under the new name: move the state first.",
    }),
  caches: z.record(nameSchema, cacheSchema).describe("caches, as name: settings").default({}).meta({
    purpose:
      "Caches by name, like `databases`. A name is unique in the environment, whatever its kind.",
  }),
};

/** The data stores as written in the settings. */
export interface WrittenStores {
  readonly database?: DatabaseSettings | undefined;
  readonly cache?: CacheSettings | undefined;
  readonly databases: Readonly<Record<string, DatabaseSettings>>;
  readonly caches: Readonly<Record<string, CacheSettings>>;
}

/** A data store, and its path in the settings. */
interface Written<Kind extends StoreKind, Settings> {
  readonly kind: Kind;
  readonly name: string;
  /** `database` or `databases.orders` */
  readonly at: string;
  /** May be invalid while the rules are built. */
  readonly settings: Settings;
}

export type WrittenDatabase = Written<"database", DatabaseSettings>;
export type WrittenCache = Written<"cache", CacheSettings>;
export type WrittenStore = WrittenDatabase | WrittenCache;

export function writtenDatabases({ database, databases }: WrittenStores): WrittenDatabase[] {
  return written("database", database, databases);
}

export function writtenCaches({ cache, caches }: WrittenStores): WrittenCache[] {
  return written("cache", cache, caches);
}

export function writtenStores(stores: WrittenStores): WrittenStore[] {
  return [...writtenDatabases(stores), ...writtenCaches(stores)];
}

/** Skips entries that are not objects or have no valid name: they have other problems, and no rule can read them. */
function written<Kind extends StoreKind, Settings>(
  kind: Kind,
  unnamed: Settings | undefined,
  named: Readonly<Record<string, Settings>>,
): Written<Kind, Settings>[] {
  const all = Object.entries(isObject(named) ? named : {})
    .filter(([name]) => nameSchema.safeParse(name).success)
    .map(([name, settings]) => ({ kind, name, at: `${kind}s.${name}`, settings }));
  return [{ kind, name: kind, at: kind, settings: unnamed as Settings }, ...all].filter(
    ({ settings }) => isObject(settings),
  );
}

/** The settings needed to list the data stores of an environment. */
interface Environment {
  readonly app: string;
  readonly name: string;
  readonly databases: Readonly<Record<string, DatabaseSettings>>;
  readonly caches: Readonly<Record<string, CacheSettings>>;
}

/** The databases of an environment, in the order of its settings. */
export function databasesOf(environment: Environment): DatabaseStore[] {
  return storesOf("database", environment, environment.databases);
}

/** The caches of an environment, in the order of its settings. */
export function cachesOf(environment: Environment): CacheStore[] {
  return storesOf("cache", environment, environment.caches);
}

/** All data stores of an environment: databases, then caches. */
export function dataStoresOf(environment: Environment): DataStore[] {
  return [...databasesOf(environment), ...cachesOf(environment)];
}

function storesOf<Kind extends StoreKind, Settings extends DatabaseSettings | CacheSettings>(
  kind: Kind,
  environment: Environment,
  named: Readonly<Record<string, Settings>>,
): StoreOf<Kind, Settings>[] {
  const isAlone = Object.keys(named).length === 1;
  return Object.entries(named).map(([name, settings]) => ({
    kind,
    name,
    settings,
    stackId: stackId(environment, name),
    stateKey: stateKey(environment, name),
    path: storePath(environment, name),
    urlVariable: urlVariableOf({ kind, name, settings }, isAlone),
  }));
}

const URL_VARIABLES: Readonly<Record<StoreKind, string>> = {
  database: "DATABASE_URL",
  cache: "REDIS_URL",
};

function urlVariableOf(
  {
    kind,
    name,
    settings,
  }: { kind: StoreKind; name: string; settings: DatabaseSettings | CacheSettings },
  isAlone: boolean,
): string {
  const plain = isAlone || name === kind;
  const standard = URL_VARIABLES[kind];
  const prefix = name.toUpperCase().replaceAll("-", "_");
  return settings.urlVariable ?? (plain ? standard : `${prefix}_${standard}`);
}

/** The variables with the parts of the URL, which the application reads when RDS keeps the password. */
export function partVariables(urlVariable: string) {
  const prefix = variablePrefix(urlVariable);
  return {
    host: `${prefix}_HOST`,
    port: `${prefix}_PORT`,
    name: `${prefix}_NAME`,
    user: `${prefix}_USER`,
    password: `${prefix}_PASSWORD`,
  };
}

type Variables = readonly { readonly at: string; readonly name: string }[];

/** Every variable of the application, with its data store. */
function variablesOf(stores: WrittenStores): Variables {
  const databases = writtenDatabases(stores);
  const caches = writtenCaches(stores);
  return [
    ...databases.flatMap((store) => {
      const url = urlVariableOf(store, databases.length === 1);
      const isWhole = urlCredentials(store.settings.credentials) !== undefined;
      const names = isWhole ? [url] : Object.values(partVariables(url));
      return names.map((name) => ({ at: store.at, name }));
    }),
    ...caches.map((store) => ({ at: store.at, name: urlVariableOf(store, caches.length === 1) })),
  ];
}

/** The first variable of a store that an earlier store uses too. */
function sharedVariable(stores: WrittenStores, at: string) {
  const all = variablesOf(stores);
  return all.find((one, index) => {
    const first = all.findIndex(({ name }) => name === one.name);
    return one.at === at && all[first]?.at !== at && first < index;
  });
}

function variableRule<Fields extends WrittenStores>(
  store: WrittenStore,
  all: readonly WrittenStore[],
): FieldsRule<Fields> {
  return {
    fields: all.flatMap(({ at }) => [`${at}.urlVariable`, `${at}.credentials`]),
    at: `${store.at}.urlVariable`,
    holds: (fields) => sharedVariable(fields, store.at) === undefined,
    must: (fields) => {
      const name = sharedVariable(fields, store.at)?.name;
      const other = variablesOf(fields).find((variable) => variable.name === name)?.at;
      return `must not use the variable ${name}, which ${other} already uses`;
    },
    got: (fields) => sharedVariable(fields, store.at)?.name,
    instead: "Set urlVariable for one of them.",
  };
}

/** An environment has at least one data store, and no two share a name or a variable. */
export function dataStoreRules<Fields extends WrittenStores>(
  fields: Fields,
): readonly FieldsRule<Fields>[] {
  const stores = writtenStores(fields);
  return [
    {
      fields: ["database", "cache", "databases", "caches"],
      at: "",
      holds: () => stores.length > 0,
      must: "must have at least one data store",
      got: () => undefined,
      instead: "Add a `database` or a `cache`, or name several in `databases` and `caches`.",
    },
    ...stores.flatMap((store, index) => [
      nameRule<Fields>(store, stores.slice(0, index)),
      variableRule<Fields>(store, stores),
    ]),
  ];
}

function nameRule<Fields>(
  { name, at, kind }: WrittenStore,
  earlier: readonly WrittenStore[],
): FieldsRule<Fields> {
  const same = earlier.find((other) => other.name === name);
  const isShorthand = same?.kind === kind;
  return {
    fields: [],
    at,
    holds: () => same === undefined,
    must: isShorthand
      ? `must not be written twice: \`${same.at}\` is short for \`${at}\``
      : `must have a unique name, but ${same?.at} has the same name`,
    got: () => name,
    instead: isShorthand ? "Keep one of them." : "Rename one of them.",
  };
}
