import {
  cachesOf,
  databasesOf,
  dataStoresOf,
  partVariables,
  writtenStores,
} from "../../settings/data-stores";
import { type Changes, environmentWith, MINIMAL, problemsWith } from "../minimal-environment";

const NONE: Changes = { database: undefined, cache: undefined };
const database = (identifier: string, more: object = {}) => ({
  ...MINIMAL.database,
  identifier,
  ...more,
});
const cache = (clusterId: string, more: object = {}) => ({ ...MINIMAL.cache, clusterId, ...more });

const TWO_OF_EACH: Changes = {
  ...NONE,
  databases: { orders: database("orders-db"), "hot-reports": database("reports-db") },
  caches: { sessions: cache("sessions"), pages: cache("pages") },
};

const summaries = (changes: Changes) =>
  dataStoresOf(environmentWith(changes)).map(({ settings: _, ...store }) => store);

test("the shorthands define a database and a cache named after their kind", () => {
  expect(summaries({})).toEqual([
    {
      kind: "database",
      name: "database",
      stackId: "news-api-test-database",
      stateKey: "news-api/test/database.tfstate",
      path: "news-api/test/database",
      urlVariable: "DATABASE_URL",
    },
    {
      kind: "cache",
      name: "cache",
      stackId: "news-api-test-cache",
      stateKey: "news-api/test/cache.tfstate",
      path: "news-api/test/cache",
      urlVariable: "REDIS_URL",
    },
  ]);
  const named = {
    ...NONE,
    databases: { database: MINIMAL.database },
    caches: { cache: MINIMAL.cache },
  };
  expect(environmentWith(named)).toEqual(environmentWith());
});

test("each of several stores has its own stack, state and variable", () => {
  expect(
    summaries(TWO_OF_EACH).map(({ stackId, stateKey, urlVariable }) => [
      stackId,
      stateKey,
      urlVariable,
    ]),
  ).toEqual([
    ["news-api-test-orders", "news-api/test/orders.tfstate", "ORDERS_DATABASE_URL"],
    ["news-api-test-hot-reports", "news-api/test/hot-reports.tfstate", "HOT_REPORTS_DATABASE_URL"],
    ["news-api-test-sessions", "news-api/test/sessions.tfstate", "SESSIONS_REDIS_URL"],
    ["news-api-test-pages", "news-api/test/pages.tfstate", "PAGES_REDIS_URL"],
  ]);
});

test("the shorthand and named stores can be combined, and the shorthand keeps its variable", () => {
  const changes = { "databases.orders": database("orders-db"), "caches.pages": cache("pages") };
  expect(summaries(changes).map(({ name, urlVariable }) => [name, urlVariable])).toEqual([
    ["database", "DATABASE_URL"],
    ["orders", "ORDERS_DATABASE_URL"],
    ["cache", "REDIS_URL"],
    ["pages", "PAGES_REDIS_URL"],
  ]);
});

test("the only store of its kind has no prefix, and urlVariable always takes precedence", () => {
  const alone = { ...NONE, "databases.orders": database("orders-db") };
  expect(summaries(alone).map(({ urlVariable }) => urlVariable)).toEqual(["DATABASE_URL"]);
  const own = { ...NONE, "databases.orders": database("orders-db", { urlVariable: "PGURL" }) };
  expect(summaries(own).map(({ urlVariable }) => urlVariable)).toEqual(["PGURL"]);
});

test("an environment may have only databases or only caches", () => {
  const databases = environmentWith({ cache: undefined });
  expect([databasesOf(databases).length, cachesOf(databases).length]).toEqual([1, 0]);
  const caches = environmentWith({ database: undefined });
  expect([databasesOf(caches).length, cachesOf(caches).length]).toEqual([0, 1]);
});

test("the parts of a URL are named after its variable", () => {
  expect(partVariables("ORDERS_DATABASE_URL")).toEqual({
    host: "ORDERS_DATABASE_HOST",
    port: "ORDERS_DATABASE_PORT",
    name: "ORDERS_DATABASE_NAME",
    user: "ORDERS_DATABASE_USER",
    password: "ORDERS_DATABASE_PASSWORD",
  });
  expect(partVariables("PG").host).toBe("PG_HOST");
});

const VARIABLE =
  'must be a variable name: uppercase letters, digits and underscores, starting with a letter; got: %s. Use, for example, "ORDERS_DATABASE_URL".';

test.each<[Changes, string]>([
  [
    NONE,
    "must have at least one data store; got: nothing. Add a `database` or a `cache`, or name several in `databases` and `caches`.",
  ],
  [
    { ...NONE, databases: {}, caches: {} },
    "must have at least one data store; got: nothing. Add a `database` or a `cache`, or name several in `databases` and `caches`.",
  ],
])("without any data store, %j is refused", (changes, message) => {
  expect(problemsWith(changes)).toEqual([`: ${message}`]);
});

test.each<[Changes, string]>([
  [
    { "databases.database": database("other-db") },
    'databases.database: must not be written twice: `database` is short for `databases.database`; got: "database". Keep one of them.',
  ],
  [
    { "caches.cache": cache("other") },
    'caches.cache: must not be written twice: `cache` is short for `caches.cache`; got: "cache". Keep one of them.',
  ],
  [
    { "caches.database": cache("other", { urlVariable: "OTHER_URL" }) },
    'caches.database: must have a unique name, but database has the same name; got: "database". Rename one of them.',
  ],
  [
    { "databases.orders": database("o-db"), "caches.orders": cache("other") },
    'caches.orders: must have a unique name, but databases.orders has the same name; got: "orders". Rename one of them.',
  ],
  [
    { "databases.Orders": database("o-db") },
    'databases.Orders: must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen; got: "Orders". Use, for example, "orders".',
  ],
  [
    { [`databases.${"a".repeat(21)}`]: database("o-db") },
    `databases.${"a".repeat(21)}: must have 1 to 20 characters; got: "${"a".repeat(21)}". Shorten it to 20 characters or fewer.`,
  ],
  [
    { "databases.orders": database("o-db", { urlVariable: "DATABASE_URL" }) },
    'databases.orders.urlVariable: must not use the variable DATABASE_URL, which database already uses; got: "DATABASE_URL". Set urlVariable for one of them.',
  ],
  [
    { "cache.urlVariable": "DATABASE_URL" },
    'cache.urlVariable: must not use the variable DATABASE_URL, which database already uses; got: "DATABASE_URL". Set urlVariable for one of them.',
  ],
  [
    {
      "database.credentials": { kind: "rds-managed" },
      "cache.urlVariable": "DATABASE_HOST",
    },
    'cache.urlVariable: must not use the variable DATABASE_HOST, which database already uses; got: "DATABASE_HOST". Set urlVariable for one of them.',
  ],
  [{ "cache.urlVariable": "redis" }, `cache.urlVariable: ${VARIABLE.replace("%s", '"redis"')}`],
  [
    { "databases.orders": database("news-api-db") },
    'databases.orders.identifier: must be unique in its account and region (database.identifier has the same); got: "news-api-db". Rename one of them.',
  ],
  [
    {
      "database.readReplicas": { orders: {} },
      "databases.orders": database("news-api-db-orders"),
    },
    'databases.orders.identifier: must be unique in its account and region (database.identifier has the same); got: "news-api-db-orders". Rename one of them.',
  ],
  [
    { "caches.pages": cache("news-api-cache") },
    'caches.pages.clusterId: must be unique in its account and region (cache.clusterId has the same); got: "news-api-cache". Rename one of them.',
  ],
  [
    {
      "caches.pages": {
        kind: "replication-group",
        replicationGroupId: "pages",
        nodeType: "cache.t4g.micro",
        engineVersion: "6.x",
      },
      "cache.clusterId": "pages-002",
    },
    'caches.pages.replicationGroupId: must be unique in its account and region (cache.clusterId has the same); got: "pages-002". Rename one of them.',
  ],
  [
    { "caches.pages": cache("pages", { subnetGroupName: "news-api-test-cache" }) },
    'caches.pages.subnetGroupName: must be unique in its account and region (cache.subnetGroupName has the same); got: "news-api-test-cache". Rename one of them.',
  ],
  [
    { "databases.orders": database("orders-db", { port: 1 }) },
    "databases.orders.port: must be a whole number from 1150 to 65535; got: 1. Use 1150 or more.",
  ],
  [
    { "databases.orders": database("orders-db", { deletionProtection: false }) },
    "databases.orders.deletionProtection: requires a reason in production, because one wrong apply deletes the database; got: false. Set it to true, or give the reason in `databases.orders.reasons.deletionProtection`.",
  ],
  [{ databases: [] }, "databases: must be an object; got: []. Use databases, as name: settings."],
])("%j is refused", (changes, message) => {
  expect(problemsWith(changes)).toEqual([message]);
});

test("caches may share the prefix of their parameter groups if the families differ", () => {
  const group = { parameterGroupPrefix: "news", parameters: { timeout: "20" } };
  const two = (more: object) =>
    problemsWith({
      cache: cache("first", group),
      "caches.pages": cache("pages", { ...group, ...more }),
    });
  expect(two({ engineVersion: "7.1", autoMinorVersionUpgrade: false })).toEqual([]);
  expect(two({ parameters: {} })).toEqual([]);
  expect(two({})).toEqual([
    'caches.pages.parameterGroupPrefix: must be unique in its account and region (cache.parameterGroupPrefix has the same); got: "news redis6.x". Rename one of them.',
  ]);
});

test("the problems of all stores are reported together, each at the path in the settings", () => {
  const changes = {
    "database.port": 1,
    "cache.port": 0,
    databases: { orders: database("news-api-db", { port: 2 }) },
    caches: { pages: cache("pages", { port: 0, urlVariable: "REDIS_URL" }) },
  };
  expect(problemsWith(changes).map((problem) => problem.split(":")[0])).toEqual([
    "database.port",
    "cache.port",
    "databases.orders.identifier",
    "databases.orders.port",
    "caches.pages.port",
    "caches.pages.urlVariable",
  ]);
});

test("entries that are not objects or have no valid name are skipped by the rules", () => {
  const stores = { database: 5, databases: { "a.b": {}, orders: [], pages: {} }, caches: null };
  expect(writtenStores(stores as never).map(({ at }) => at)).toEqual(["databases.pages"]);
});

test("a client may connect to the stores that it names, or to all if it names none", () => {
  const { clients } = environmentWith({
    ...TWO_OF_EACH,
    clients: {
      "my-api": { securityGroupId: "sg-01234567" },
      worker: { securityGroupId: "sg-12345678", stores: ["orders", "sessions"] },
    },
  });
  expect(clients["my-api"]?.stores).toEqual(["orders", "hot-reports", "sessions", "pages"]);
  expect(clients.worker?.stores).toEqual(["orders", "sessions"]);
});

test.each<[Changes, string]>([
  [
    { ...TWO_OF_EACH, clients: { api: { vpcCidr: true, stores: ["orders", "session"] } } },
    'clients.api.stores: must name data stores of the environment; got: ["session"]. Did you mean "sessions"?',
  ],
  [
    { ...TWO_OF_EACH, clients: { api: { vpcCidr: true, stores: ["database"] } } },
    'clients.api.stores: must name data stores of the environment; got: ["database"]. Use one of: orders, hot-reports, sessions, pages.',
  ],
  [
    { cache: undefined, clients: { api: { vpcCidr: true, stores: ["cache"] } } },
    'clients.api.stores: must name data stores of the environment; got: ["cache"]. Use one of: database.',
  ],
])("a client of an unknown store is refused: %j", (changes, message) => {
  expect(problemsWith(changes)).toEqual([message]);
});

test("clients whose names result in the same address are refused", () => {
  const problems = problemsWith({
    clients: {
      "my-api": { securityGroupId: "sg-01234567" },
      my_api: { securityGroupId: "sg-12345678" },
    },
  });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(
    "clients: must have names that give unique Terraform addresses; my-api and my_api differ only in hyphens and underscores; got: {",
  );
});

test("two clients may have one source only for different stores", () => {
  const same = { securityGroupId: "sg-01234567" };
  const two = (one: object, other: object) =>
    problemsWith({
      ...TWO_OF_EACH,
      clients: { one: { ...same, ...one }, other: { ...same, ...other } },
    }).length;
  expect(two({ stores: ["orders"] }, { stores: ["pages", "sessions"] })).toBe(0);
  expect(two({ stores: ["orders", "pages"] }, { stores: ["pages"] })).toBe(1);
  expect(two({}, { stores: ["pages"] })).toBe(1);
});
