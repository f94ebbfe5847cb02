import { dev } from "../../../environments/dev";
import type { EnvironmentSettings } from "../../../settings/environment";

const database = (identifier: string) => ({ ...dev.database, identifier }) as typeof dev.database;
const cache = (clusterId: string) => ({ ...dev.cache, clusterId }) as typeof dev.cache;
const { database: _, cache: __, ...common } = dev;

/** Environments with other data stores than one of each kind, by their names. */
export const SEVERAL_STORES: Readonly<Record<string, EnvironmentSettings>> = {
  several: {
    ...common,
    name: "several",
    stateBucket: { name: "news-api-several-terraform-state" },
    databases: { orders: database("several-orders"), reports: database("several-reports") },
    caches: { sessions: cache("several-sessions"), pages: cache("several-pages") },
    clients: {
      "my-api": { vpcCidr: true },
      batch: { cidrIpv4: "10.9.0.0/16", stores: ["reports"] },
    },
  } as EnvironmentSettings,
  databases: {
    ...common,
    name: "databases",
    stateBucket: { name: "news-api-databases-terraform-state" },
    databases: { orders: database("only-orders"), reports: database("only-reports") },
    waivers: {},
  } as EnvironmentSettings,
  cache: {
    ...common,
    name: "cache",
    stateBucket: { name: "news-api-cache-terraform-state" },
    cache: cache("only-cache"),
  } as EnvironmentSettings,
};
