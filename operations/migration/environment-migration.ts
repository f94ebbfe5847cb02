import { join, resolve } from "node:path";
import { CommandError } from "../../cli/command-error";
import { containerEntries, type StackOutputs } from "../../cli/container-entries";
import { revealed } from "../../cli/dotenv-file";
import { namedStore } from "../../cli/named-environment";
import { type DatabaseStore, type DataStore, partVariables } from "../../settings/data-stores";
import { sslQuery, urlCredentials } from "../../settings/database/credentials";
import type { Environment } from "../../settings/environment";
import { providerAccess } from "../../settings/terraform-access";
import { outputsOf } from "../connectivity/store-outputs";
import { urlIn } from "../connectivity/store-url";
import { targetOf } from "../connectivity/target";
import { migrateCache, undoCacheMigration } from "./cache/migration";
import { addressOf as cacheAddressOf } from "./cache/redis-connection";
import { cutOver } from "./database/cut-over";
import { followDatabase } from "./database/follow";
import { addressOf, applicationNameFor, type Login, loginOf } from "./database/login";
import { type DatabaseMigrationProps, migrateDatabase } from "./database/migration";
import { replicationNameFor, type SourceAddress } from "./database/replication";
import { stopFollowing } from "./database/stop-following";
import { undoMigration } from "./database/undo";
import { nextSteps } from "./next-steps";
import { type MigrationReport, type MigrationResult, verdictOf } from "./report";
import { sourceUrl } from "./source-url";

/** The options of a migration. */
export type Way = "dump" | "follow" | "cutOver";

export interface MigrationOptions
  extends Omit<DatabaseMigrationProps, "source" | "target" | "storage" | "workFolder"> {
  /** `follow` and `cutOver` are for databases. */
  readonly way: Way;
  /** How the target reaches the source. @default - at the address of `from` */
  readonly sourceAddress?: SourceAddress;
  /** A URL without a password, or the name of a variable that holds one. */
  readonly from: string;
  /** @default - the only data store of the URL's kind */
  readonly store?: string;
  /** A CA bundle to verify the target with, instead of the file in its URL. */
  readonly ca?: string;
  /** @default "migration.out", below it a folder for each data store */
  readonly work: string;
}

/**
 * Migrates into a data store of an environment.
 * @throws CommandError when there is no such data store, or something fails.
 */
export async function migrateEnvironment(
  environment: Environment,
  options: MigrationOptions,
): Promise<MigrationReport> {
  const move = await moveOf(environment, options);
  const result = await MOVES[options.way](move, options);
  return {
    environment: `${environment.app}-${environment.name}`,
    store: move.store,
    ...move.addresses,
    verdict: verdictOf(result),
    next: nextSteps(result, { environment: environment.name, secret: move.secret }),
    ...result,
  };
}

type Move = Awaited<ReturnType<typeof moveOf>>;
type DatabaseMove = Extract<Move, { kind: "database" }>;

const MOVES: Readonly<
  Record<Way, (move: Move, options: MigrationOptions) => Promise<MigrationResult>>
> = {
  dump: async (move, options) => {
    const { readOnly, acceptWriters, checkOnly } = options;
    return move.kind === "database"
      ? await migrateDatabase({ ...options, ...move })
      : await migrateCache({ ...move, readOnly, acceptWriters, checkOnly });
  },
  follow: async (move, options) => await followDatabase({ ...options, ...databaseOf(move) }),
  cutOver: async (move, options) => await cutOver({ ...options, ...databaseOf(move) }),
};

/** @throws CommandError for a cache. */
function databaseOf(move: Move): DatabaseMove {
  if (move.kind === "database") {
    return move;
  }
  throw new CommandError(
    "--follow, --cut-over and --stop-following are for databases, and --from is a cache.",
  );
}

/** Ends following without a cut-over. @returns what was done */
export async function stopFollowingEnvironment(
  environment: Environment,
  options: Pick<MigrationOptions, "from" | "store" | "ca" | "work">,
): Promise<string> {
  return await stopFollowing(databaseOf(await moveOf(environment, options)));
}

/** Gives up an unfinished migration. @returns what was done */
export async function undoEnvironment(
  environment: Environment,
  options: Pick<MigrationOptions, "from" | "store" | "ca" | "work">,
): Promise<string> {
  const move = await moveOf(environment, options);
  return move.kind === "database" ? await undoMigration(move) : await undoCacheMigration(move);
}

/** The source and the target. */
async function moveOf(
  environment: Environment,
  { from, store: name, ca, work }: Pick<MigrationOptions, "from" | "store" | "ca" | "work">,
) {
  const url = sourceUrl(from, process.env);
  const store = storeFor(environment, url, name);
  const [{ outputs } = { outputs: undefined }] = await outputsOf(environment, [store]);
  const secret = (outputs as StackOutputs | undefined)?.ecs_secrets.find(
    (entry) => entry.name === store.urlVariable,
  );
  const workFolder = join(resolve(work), store.stackId);
  const common = { store: store.name, workFolder, secret };
  if (store.kind === "database") {
    const applicationName = applicationNameFor(store.stackId);
    const targetUrl = await masterUrl(environment, store, outputs as StackOutputs);
    const source = loginOf({ side: "source", applicationName }, "--from", url);
    const target = throughTunnel(
      loginOf({ side: "target", applicationName }, store.urlVariable, targetUrl, ca),
    );
    const addresses = { source: addressOf(source), target: addressOf(target) };
    const replicationName = replicationNameFor(store.stackId);
    return {
      ...{ kind: store.kind, ...common, source, target, addresses, storage: store.settings },
      replicationName,
    };
  }
  const source = targetOf("--from", url);
  const values = await valuesOf(environment, outputs as StackOutputs);
  const target = targetOf(store.urlVariable, values[store.urlVariable] ?? "", ca);
  const addresses = { source: cacheAddressOf(source), target: cacheAddressOf(target) };
  const database = source.database === "" ? undefined : Number(source.database);
  return { kind: store.kind, ...common, source, target, addresses, database };
}

/** The data store that a URL can be migrated into. */
function storeFor(environment: Environment, url: string, name: string | undefined): DataStore {
  const kind = /^postgres/.test(url) ? "database" : "cache";
  return namedStore(environment, kind, name);
}

async function valuesOf(environment: Environment, outputs: StackOutputs) {
  const values = await revealed(containerEntries([outputs]), providerAccess(environment));
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

/** libpq's PGHOSTADDR and PGPORT lead through a tunnel; the certificate is still that of the database. */
function throughTunnel(target: Login): Login {
  const { PGHOSTADDR, PGPORT } = process.env;
  return PGHOSTADDR
    ? { ...target, tunnel: { address: PGHOSTADDR, port: Number(PGPORT ?? target.port) } }
    : target;
}

/** The outputs of a database's stack that has an application role. */
interface DatabaseOutputs {
  readonly database_address: string;
  readonly database_port: number;
  readonly database_name: string;
  readonly database_roles?: {
    readonly master: { readonly name: string; readonly secret_arn: string };
  };
}

/** The URL of the master user, who may create everything that a dump has. */
async function masterUrl(
  environment: Environment,
  { urlVariable, settings }: DatabaseStore,
  outputs: StackOutputs,
): Promise<string> {
  const { database_roles, ...server } = outputs as unknown as DatabaseOutputs;
  if (!database_roles) {
    const values = await valuesOf(environment, outputs);
    return urlIn(values, { url: urlVariable, parts: partVariables(urlVariable) });
  }
  const { name, secret_arn: valueFrom } = database_roles.master;
  const secrets = [{ name, valueFrom }];
  const [password] = await revealed({ secrets, environment: [] }, providerAccess(environment));
  const login = `${encodeURIComponent(name)}:${encodeURIComponent(password?.value ?? "")}`;
  const url = urlCredentials(settings.credentials);
  const query = url ? sslQuery(url) : "";
  return `postgresql://${login}@${server.database_address}:${server.database_port}/${encodeURIComponent(server.database_name)}?${query}`;
}
