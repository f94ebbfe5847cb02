import { type Problem, problem } from "../validation/problem";
import type { FieldsRule } from "../validation/rule";
import type { AssumeRole } from "./account";
import { cacheFamily } from "./aws/version";
import { type BastionSettings, bastionsOf } from "./bastion";
import { type CacheSettings, engineOf } from "./cache/cache";
import { withEviction } from "./cache/eviction";
import { type Client, sourceText } from "./client";
import { type WrittenStores, writtenCaches, writtenDatabases, writtenStores } from "./data-stores";
import type { DatabaseSettings } from "./database/database";
import {
  BASTION,
  groupNodeIds,
  instanceIdentifiers,
  PERMISSIONS,
  roleName,
  stackId,
  stateBucketStackId,
} from "./names";
import type { PipelineSettings } from "./pipeline";
import { bucketAccount, providerAccess, type TerraformAccess } from "./terraform-access";

// Names that AWS or Terraform require to be unique, in one environment and between environments.

interface Environment extends WrittenStores {
  readonly app: string;
  readonly name: string;
  readonly region: string;
  readonly account?: string | undefined;
  readonly assumeRole?: AssumeRole | undefined;
  readonly network: { readonly vpcId: string };
  readonly clients: Readonly<Record<string, Client>>;
  readonly pipeline?: PipelineSettings | undefined;
  readonly bastion?: BastionSettings | undefined;
  readonly stateBucket: TerraformAccess & {
    readonly name: string;
    readonly region?: string | undefined;
  };
}

/** A region of an account, or a VPC. */
type Place = "region" | "vpc";

/** The names of one sort that a data store of one kind uses. */
interface Taking<Settings> {
  /** Names of different sorts do not clash. */
  readonly sort: string;
  /** The settings that make up the names, relative to the store. A clash is reported at the first. */
  readonly fields: readonly string[];
  readonly names: (settings: Settings, stack: string) => readonly (string | undefined)[];
  /** The scope in which they must be unique. @default "region" */
  readonly within?: Place;
}

const DATABASE_NAMES: readonly Taking<DatabaseSettings>[] = [
  {
    sort: "DB instance",
    fields: ["identifier", "readReplicas"],
    names: instanceIdentifiers,
  },
  {
    sort: "DB subnet group",
    fields: ["subnetGroupName", "kept"],
    names: ({ subnetGroupName, kept }, stack) =>
      kept?.subnetGroupName ? [] : [subnetGroupName ?? stack],
  },
  {
    sort: "security group",
    fields: ["securityGroupName", "kept"],
    names: ({ securityGroupName, kept }, stack) =>
      kept?.securityGroupIds ? [] : [securityGroupName ?? stack],
    within: "vpc",
  },
];

const CACHE_NAMES: readonly Taking<CacheSettings>[] = [
  {
    sort: "cache",
    fields: ["clusterId"],
    names: (cache) => (cache.kind === "cluster" ? [cache.clusterId] : []),
  },
  {
    sort: "cache",
    fields: ["replicationGroupId", "nodes"],
    names: (cache) =>
      cache.kind === "cluster"
        ? []
        : [cache.replicationGroupId, ...groupNodeIds(cache.replicationGroupId, cache.nodes)],
  },
  {
    sort: "cache user",
    fields: ["iamUser"],
    names: (cache) => (cache.kind === "cluster" ? [] : [cache.iamUser]),
  },
  {
    sort: "cache subnet group",
    fields: ["subnetGroupName", "kept"],
    names: ({ subnetGroupName, kept }, stack) =>
      kept?.subnetGroupName ? [] : [subnetGroupName ?? stack],
  },
  {
    sort: "cache parameter group",
    fields: ["parameterGroupPrefix", "engine", "engineVersion", "parameters", "eviction"],
    names: (cache, stack) =>
      Object.keys(withEviction(cache)).length === 0
        ? []
        : [
            `${cache.parameterGroupPrefix ?? stack} ${cacheFamily(engineOf(cache), cache.engineVersion)}`,
          ],
  },
  {
    sort: "security group",
    fields: ["securityGroupName", "kept"],
    names: ({ securityGroupName, kept }, stack) =>
      kept?.securityGroupIds ? [] : [securityGroupName ?? stack],
    within: "vpc",
  },
];

const MUST: Readonly<Record<Place, string>> = {
  region: "must be unique in its account and region",
  vpc: "must be unique in its VPC",
};

/** The names of one sort that one store uses. */
interface Claim {
  readonly sort: string;
  readonly within: Place;
  /** The paths of the settings. A clash is reported at the first. */
  readonly fields: readonly string[];
  /** Readable when the fields are valid. */
  readonly names: () => readonly string[];
  /** @default - unique in the place */
  readonly must?: string;
  /** @default - to rename one */
  readonly instead?: string;
}

function claimsOf(environment: Environment): Claim[] {
  return [
    ...writtenDatabases(environment).flatMap((store) =>
      DATABASE_NAMES.map((taking) => claim(environment, store, taking)),
    ),
    ...writtenCaches(environment).flatMap((store) =>
      CACHE_NAMES.map((taking) => claim(environment, store, taking)),
    ),
    ...writtenStores(environment).map((store) => keptGroupClaim(environment, store)),
    ...bastionsOf(environment).map(
      (bastion): Claim => ({
        sort: "security group",
        within: "vpc",
        fields: ["bastion"],
        names: () => [bastion.stackId],
      }),
    ),
  ];
}

/** The rules in a kept security group. Another data store may keep the same group. */
function keptGroupClaim(
  environment: Environment,
  { at, name, settings }: ReturnType<typeof writtenStores>[number],
): Claim {
  return {
    sort: "security group rule",
    within: "region",
    fields: [`${at}.kept`, `${at}.port`, "clients"],
    names: () => {
      const [group] = settings.kept?.securityGroupIds ?? [];
      const reaching = group === undefined ? [] : clientsOf(environment, name);
      return reaching.map(
        (client) => `${group}, port ${settings.port}, from ${sourceText(client)}`,
      );
    },
    must: "must not need the same security group rule as another data store, because AWS refuses a duplicate",
    instead: "Name the data stores of each client in `stores`, or keep another group.",
  };
}

/** The clients of a data store. */
function clientsOf({ clients }: Environment, store: string): Client[] {
  return Object.values(clients).filter(({ stores }) => stores?.includes(store) ?? true);
}

function claim<Settings>(
  environment: Environment,
  { at, name, settings }: { at: string; name: string; settings: Settings },
  { sort, fields, names, within = "region" }: Taking<Settings>,
): Claim {
  return {
    sort,
    within,
    fields: fields.map((field) => `${at}.${field}`),
    names: () => names(settings, stackId(environment, name)).filter((taken) => taken !== undefined),
  };
}

/** The rules for unique names among the data stores of one environment. */
export function uniquenessRules(environment: Environment): readonly FieldsRule<Environment>[] {
  const claims = claimsOf(environment);
  return [
    ...claims.flatMap((later, index) =>
      claims
        .slice(0, index)
        .filter(({ sort }) => sort === later.sort)
        .map((earlier) => claimRule(earlier, later)),
    ),
    bucketStackRule,
  ];
}

function claimRule(earlier: Claim, later: Claim): FieldsRule<Environment> {
  const shared = () => later.names().find((name) => earlier.names().includes(name));
  return {
    fields: [...later.fields, ...earlier.fields, "app", "name"],
    holds: () => shared() === undefined,
    must: `${later.must ?? MUST[later.within]} (${earlier.fields[0]} has the same)`,
    got: shared,
    instead: later.instead ?? "Rename one of them.",
  };
}

const BUCKET_STACK = "must give the bucket's stack an ID that no data store's stack has";
const RENAME = "Rename the bucket, the app, the environment or the data store.";

const bucketStackRule: FieldsRule<Environment> = {
  fields: ["stateBucket.name", "app", "name"],
  holds: (environment) => !stackIdsOf(environment).includes(bucketStackOf(environment)),
  must: BUCKET_STACK,
  got: bucketStackOf,
  instead: RENAME,
};

function stackIdsOf(environment: Environment): string[] {
  const names = writtenStores(environment).map(({ name }) => name);
  const all = [
    ...names,
    ...(environment.pipeline ? [PERMISSIONS] : []),
    ...(environment.bastion ? [BASTION] : []),
  ];
  return all.map((name) => stackId(environment, name));
}

function bucketStackOf({ stateBucket }: Environment): string {
  return stateBucketStackId(stateBucket.name);
}

/** The setting that uses a name. */
interface Owner {
  readonly environment: Environment;
  /** The path in its settings. */
  readonly at: string;
}

/**
 * The rules between environments that are each valid.
 * @returns each problem at the later of two environments.
 */
export function clashesBetween(environments: readonly Environment[]): Problem[] {
  const isOneApp = new Set(environments.map(({ app }) => app)).size === 1;
  const clashes = new Clashes((environment) =>
    isOneApp ? environment.name : `${environment.app}-${environment.name}`,
  );
  for (const environment of environments) {
    clashes.add(environment);
  }
  return clashes.problems;
}

/** The names in use, and the settings that use them: one lookup for each name, for any number of environments. */
class Clashes {
  readonly problems: Problem[] = [];
  private readonly environments = new Map<string, Environment>();
  private readonly stacks = new Map<string, Owner>();
  private readonly names = new Map<string, Owner>();
  private readonly buckets = new Map<string, Environment>();

  constructor(private readonly label: (environment: Environment) => string) {}

  add(environment: Environment): void {
    const { app, name } = environment;
    const namesake = this.environments.get(`${app} ${name}`);
    if (namesake) {
      this.report({ environment, at: "name" }, { environment: namesake, at: "name" }, name, {
        must: "must differ from that of the app's other environments",
      });
    }
    this.environments.set(`${app} ${name}`, namesake ?? environment);
    this.addBucket(environment);
    this.addStores(environment, namesake);
    if (!namesake) {
      this.addBastion(environment);
      this.addPipeline(environment);
    }
  }

  /** The role has the name of its stack. */
  private addBastion(environment: Environment): void {
    for (const { stackId: id } of bastionsOf(environment)) {
      this.takeStack(id, { environment, at: "bastion" });
    }
  }

  /** IAM names are unique in the account, across regions. */
  private addPipeline(environment: Environment): void {
    const { pipeline } = environment;
    if (!pipeline) {
      return;
    }
    const owner = { environment, at: "pipeline" };
    const { account = "" } = providerAccess(environment);
    this.takeStack(stackId(environment, PERMISSIONS), owner);
    const name = roleName(environment, "plan");
    this.takeName(`role ${account} ${name}`, owner, {
      name,
      must: "must be unique in its account",
    });
    if (pipeline.github.oidcProvider === "created-here") {
      this.takeName(`oidc ${account}`, owner, {
        name: "created-here",
        must: "must create GitHub's OIDC provider in only one environment of an account",
        instead: 'Set pipeline.github.oidcProvider: "existing" in the others.',
      });
    }
  }

  private addBucket(environment: Environment): void {
    const { name } = environment.stateBucket;
    const earlier = this.buckets.get(name) ?? environment;
    this.buckets.set(name, earlier);
    const [ours, theirs] = [bucketText(environment), bucketText(earlier)];
    if (ours !== theirs) {
      this.problems.push(
        problem(`${this.label(environment)}.stateBucket`, {
          must: "must have the same settings and account in every environment that uses the bucket",
          got: `${ours}, and in ${this.label(earlier)} ${theirs}`,
          instead: "Make them equal, or use two buckets.",
        }),
      );
    }
    this.takeStack(bucketStackOf(environment), { environment, at: "stateBucket.name" });
  }

  private addStores(environment: Environment, namesake: Environment | undefined): void {
    for (const { at, name } of namesake ? [] : writtenStores(environment)) {
      this.takeStack(stackId(environment, name), { environment, at });
    }
    for (const { sort, within, fields, names, must, instead } of claimsOf(environment)) {
      const place = placeOf(environment, within);
      // Clashes that follow from the environments' names are reported at the name.
      const implied = namesake ? stackIdsOf(environment) : [];
      const owner = { environment, at: fields[0] as string };
      for (const name of names().filter((taken) => !implied.includes(taken.split(" ")[0] ?? ""))) {
        this.takeName(`${sort} ${place} ${name}`, owner, {
          name,
          must: must ?? MUST[within],
          instead,
        });
      }
    }
  }

  private takeName(
    key: string,
    owner: Owner,
    { name, ...message }: { name: string; must: string; instead?: string },
  ): void {
    const earlier = this.take(this.names, key, owner);
    if (earlier) {
      this.report(owner, earlier, name, message);
    }
  }

  private takeStack(id: string, owner: Owner): void {
    const earlier = this.take(this.stacks, id, owner);
    const areBuckets = [owner, earlier].every((one) => one?.at === "stateBucket.name");
    if (earlier && !areBuckets) {
      this.report(owner, earlier, id, {
        must: "must give a stack ID that no other data store and no state bucket has",
        instead: RENAME,
      });
    }
  }

  /** @returns the setting of another environment that already uses it. */
  private take(taken: Map<string, Owner>, key: string, owner: Owner): Owner | undefined {
    const earlier = taken.get(key);
    taken.set(key, earlier ?? owner);
    return earlier?.environment === owner.environment ? undefined : earlier;
  }

  private report(
    { environment, at }: Owner,
    earlier: Owner,
    name: string,
    { must, instead = "Rename one of them." }: { must: string; instead?: string },
  ): void {
    const place = earlier.at === at ? "" : `.${earlier.at}`;
    const got = `${name}, as in ${this.label(earlier.environment)}${place}`;
    this.problems.push(problem(`${this.label(environment)}.${at}`, { must, got, instead }));
  }
}

function placeOf(environment: Environment, within: Place): string {
  const { region, network } = environment;
  const { account = "" } = providerAccess(environment);
  return within === "vpc" ? `${account} ${region} ${network.vpcId}` : `${account} ${region}`;
}

/** The properties that must agree for one bucket, whichever roles use it. */
function bucketText(environment: Environment): string {
  const { assumeRole: _, profile: __, ...bucket } = environment.stateBucket;
  const region = bucket.region ?? environment.region;
  return JSON.stringify({ ...bucket, account: bucketAccount(environment), region });
}
