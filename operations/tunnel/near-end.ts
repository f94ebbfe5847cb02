import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CommandError } from "../../cli/command-error";
import { containerEntries, type StackOutputs } from "../../cli/container-entries";
import { revealed } from "../../cli/dotenv-file";
import { type DataStore, partVariables } from "../../settings/data-stores";
import { sslQuery, urlCredentials } from "../../settings/database/credentials";
import type { Environment } from "../../settings/environment";
import { providerAccess } from "../../settings/terraform-access";
import { CA_BUNDLE_URL } from "../connectivity/advice";
import type { StoreOutputs } from "../connectivity/store-outputs";
import { urlIn } from "../connectivity/store-url";
import { type Target, targetOf } from "../connectivity/target";

export const LOOPBACK = "127.0.0.1";
const BUNDLE = "global-bundle.pem";

/** A data store as a client at the near end of a tunnel sees it. */
export interface NearEnd {
  readonly store: DataStore;
  readonly target: Target & { readonly address: { readonly host: string; readonly port: number } };
}

/**
 * The CA bundle that verifies the databases.
 * @param named on the command line. @default - the settings' file if this machine has it, or `global-bundle.pem` here
 * @throws CommandError when there is none.
 */
export function caBundle(stores: readonly DataStore[], named?: string): string | undefined {
  const inSettings = stores.flatMap((store) => {
    const url = store.kind === "database" ? urlCredentials(store.settings.credentials) : undefined;
    return url ? (new URLSearchParams(sslQuery(url)).get("sslrootcert") ?? []) : [];
  });
  const file = named ?? [...inSettings, BUNDLE].find((one) => existsSync(one));
  const isNeeded = stores.some(({ kind }) => kind === "database");
  if (isNeeded && (file === undefined || !existsSync(file))) {
    throw new CommandError(
      `There is no CA bundle at ${file ?? BUNDLE}, and a tunnel requires sslmode=verify-full. Download it: curl -O ${CA_BUNDLE_URL}. If it is elsewhere, name it with --ca.`,
    );
  }
  return file && resolve(file);
}

/** The facts about a database in its stack's outputs. */
interface DatabaseOutputs {
  readonly database_address: string;
  readonly database_port: number;
  readonly database_name: string;
  readonly database_username: string;
}

export interface NearEndProps {
  readonly environment: Environment;
  readonly found: StoreOutputs;
  readonly localPort: number;
  readonly ca: string | undefined;
  /** Whether to read the secret with the password. */
  readonly withPassword: boolean;
}

/**
 * The near end of a data store's tunnel: as the application's user with its password, or without a password.
 * @throws CommandError when the secret may not be read.
 */
export async function nearEnd(props: NearEndProps): Promise<NearEnd> {
  const { found, localPort, ca } = props;
  const { store } = found;
  const url = props.withPassword ? await applicationUrl(props) : plainUrl(found);
  const target = targetOf(store.urlVariable, url, store.kind === "database" ? ca : undefined);
  return {
    store,
    target: {
      ...target,
      // The application's URL may demand less.
      tls: store.kind === "database" ? "verified" : target.tls,
      address: { host: LOOPBACK, port: localPort },
    },
  };
}

async function applicationUrl({ environment, found }: NearEndProps): Promise<string> {
  const { store, outputs } = found;
  const entries = containerEntries([outputs as StackOutputs]);
  const values = await revealed(entries, providerAccess(environment));
  const { urlVariable: url } = store;
  return urlIn(Object.fromEntries(values.map(({ name, value }) => [name, value])), {
    url,
    parts: partVariables(url),
  });
}

function plainUrl({ store, outputs }: StoreOutputs): string {
  if (store.kind === "cache") {
    return (outputs as unknown as { redis_url: string }).redis_url;
  }
  const { database_address, database_port, database_name, database_username } =
    outputs as unknown as DatabaseOutputs;
  const [user, name] = [database_username, database_name].map(encodeURIComponent);
  return `postgresql://${user}@${database_address}:${database_port}/${name}`;
}

/**
 * The URL for a client at the near end. For PostgreSQL's own library it names the database as host, which the
 * certificate must be for, and loopback as the address; it always verifies. Clients of Redis have no such parameter:
 * they need the name of the TLS server besides.
 * @see https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNECT-HOSTADDR
 */
export function urlOf({ target }: NearEnd): string {
  const { kind, host, address, user, password, database, tls, rootCertificate = "" } = target;
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  const login = user || secret ? `${encodeURIComponent(user)}${secret}@` : "";
  if (kind === "cache") {
    return `${tls === "off" ? "redis" : "rediss"}://${login}${address.host}:${address.port}`;
  }
  const query = new URLSearchParams({
    hostaddr: address.host,
    sslmode: "verify-full",
    sslrootcert: rootCertificate,
  });
  // libpq takes a plus sign literally.
  const text = query.toString().replaceAll("+", "%20");
  return `postgresql://${login}${host}:${address.port}/${encodeURIComponent(database)}?${text}`;
}

/**
 * Variables for a program at the near ends: the URLs under the application's names, and what PostgreSQL's library and
 * clients of Redis read, where there is one database or one cache.
 */
export function variablesOf(ends: readonly NearEnd[]): Record<string, string> {
  const urls = ends.map((end) => [end.store.urlVariable, urlOf(end)]);
  const [database, otherDatabase] = ends.filter(({ target }) => target.kind === "database");
  const [cache, otherCache] = ends.filter(({ target }) => target.kind === "cache");
  return {
    ...Object.fromEntries(urls),
    ...(database && !otherDatabase ? libpqVariables(database) : {}),
    ...(cache && !otherCache ? redisVariables(cache) : {}),
  };
}

/** @see https://www.postgresql.org/docs/17/libpq-envars.html */
function libpqVariables({ target }: NearEnd): Record<string, string> {
  const { host, address, user, password, database, rootCertificate = "" } = target;
  return {
    PGHOST: host,
    PGHOSTADDR: address.host,
    PGPORT: String(address.port),
    PGDATABASE: database,
    PGUSER: user,
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: rootCertificate,
  };
}

function redisVariables({ target }: NearEnd): Record<string, string> {
  const { host, address, password, tls } = target;
  return {
    REDIS_HOST: address.host,
    REDIS_PORT: String(address.port),
    ...(tls === "off" ? {} : { REDIS_TLS_SERVERNAME: host }),
    ...(password === undefined ? {} : { REDISCLI_AUTH: password }),
  };
}

/** redis-cli reads no variables but its password: the options that lead it through the tunnel. */
export function redisCliOptions({ target }: NearEnd): string[] {
  const { host, address, user, tls } = target;
  return [
    ...["-h", address.host, "-p", String(address.port)],
    ...(tls === "off" ? [] : ["--tls", "--sni", host]),
    ...(user ? ["--user", user] : []),
  ];
}
