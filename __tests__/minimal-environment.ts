import { type Environment, parseEnvironment } from "../settings/environment";
import { SettingsError } from "../validation/problem";

/** The fewest settings that make a valid environment. */
export const MINIMAL = {
  app: "news-api",
  name: "test",
  region: "us-east-1",
  stateBucket: { name: "news-api-test-state" },
  network: { vpcId: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456a", "subnet-0123456b"] },
  clients: {},
  database: {
    identifier: "news-api-db",
    engineVersion: "15",
    instanceClass: "db.t4g.micro",
    allocatedStorageGib: 20,
    username: "newsadmin",
  },
  cache: {
    kind: "cluster",
    clusterId: "news-api-cache",
    nodeType: "cache.t4g.micro",
    engineVersion: "6.x",
  },
  reasons: { alarms: "the fewest settings, which nobody deploys" },
};

/** A cache of the other kind, for `{ cache: REPLICATION_GROUP }`. */
export const REPLICATION_GROUP = {
  kind: "replication-group",
  replicationGroupId: "news-api-cache",
  nodeType: "cache.t4g.micro",
  engineVersion: "6.x",
};

/** The settings by dotted path: `{ "database.port": 5433 }`; undefined takes a setting away. */
export type Changes = Readonly<Record<string, unknown>>;

/** The minimal environment with some settings changed, as an operator would write it. */
export function settingsWith(changes: Changes): unknown {
  const settings = structuredClone(MINIMAL) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(".");
    const last = keys.pop() as string;
    const container = keys.reduce<Record<string, unknown>>((inner, key) => {
      inner[key] ??= {};
      return inner[key] as Record<string, unknown>;
    }, settings);
    if (value === undefined) {
      delete container[last];
    } else {
      container[last] = value;
    }
  }
  return settings;
}

/** The minimal environment with some settings changed, validated. */
export function environmentWith(changes: Changes = {}): Environment {
  return parseEnvironment(settingsWith(changes));
}

/** What validation says about the minimal environment with some settings changed, as `path: message`. */
export function problemsWith(changes: Changes): string[] {
  return problemsOf(settingsWith(changes));
}

/** What validation says about an input, as `path: message`. */
export function problemsOf(input: unknown): string[] {
  try {
    parseEnvironment(input);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    }
    throw error;
  }
}
