import { existsSync, readFileSync } from "node:fs";
import { Client, type ClientConfig } from "pg";
import { CommandError } from "../../../cli/command-error";
import { CA_BUNDLE_URL } from "../../connectivity/advice";
import { targetOf } from "../../connectivity/target";

const CONNECT_TIMEOUT_MS = 15_000;

const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type SslMode = (typeof SSL_MODES)[number];

/** How to log in to one of the two databases. */
export interface Login {
  readonly side: "source" | "target";
  /** Names the sessions of this migration in `pg_stat_activity`, so that the next run can end what an earlier one left. */
  readonly applicationName: string;
  readonly host: string;
  readonly port: number;
  /** Where to connect instead: the near end of a tunnel. @default - to the host itself */
  readonly tunnel?: { readonly address: string; readonly port: number } | undefined;
  readonly user: string;
  /** @default - `~/.pgpass`, or none */
  readonly password: string | undefined;
  readonly database: string;
  readonly sslMode: SslMode;
  /** A CA bundle on this machine. */
  readonly rootCertificate: string | undefined;
}

/** The longest name that PostgreSQL keeps whole. */
const LONGEST_NAME = 63;

/** A name for the sessions of migrations into a data store. */
export function applicationNameFor(stackId: string): string {
  return `npm run migrate ${stackId}`.slice(0, LONGEST_NAME);
}

/**
 * A login from a URL as libpq reads it.
 * @param ca a CA bundle instead of the file in the URL.
 * @throws CommandError for a URL of something else, without a database, or with an unknown sslmode.
 */
export function loginOf(
  { side, applicationName }: Pick<Login, "side" | "applicationName">,
  variable: string,
  text: string,
  ca?: string,
): Login {
  const { kind, host, port, user, password, database, rootCertificate } = targetOf(
    variable,
    text,
    ca,
  );
  const sslMode = new URL(text).searchParams.get("sslmode") ?? "prefer";
  if (kind !== "database" || !database || !user || !isSslMode(sslMode)) {
    throw new CommandError(
      `The URL of the ${side} must be postgresql://USER@HOST:PORT/DATABASE, either without an sslmode or with one that libpq knows.`,
    );
  }
  return {
    ...{ side, applicationName, host, port, user, password, database, sslMode, rootCertificate },
  };
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

/** `newsadmin@db.example.com:5432/news`, for people. */
export function addressOf({ user, host, port, database }: Login): string {
  return `${user}@${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

/**
 * A session of the migration. End it when done.
 * @param settings of the session, by name. They are in no statement, so that no log has them.
 * @throws CommandError when the server cannot be reached, or refuses the login.
 */
export async function connect(
  login: Login,
  settings: Readonly<Record<string, string>> = {},
): Promise<Client> {
  try {
    return await opened(login, settings, login.sslMode !== "disable");
  } catch (error) {
    const { message } = error as Error;
    if (/does not support SSL/.test(message) && /prefer|allow/.test(login.sslMode)) {
      return await opened(login, settings, false);
    }
    throw error instanceof CommandError
      ? error
      : new CommandError(
          `The ${login.side} ${addressOf(login)} cannot be used: ${message || (error as NodeJS.ErrnoException).code}.`,
        );
  }
}

async function opened(
  login: Login,
  settings: Readonly<Record<string, string>>,
  tls: boolean,
): Promise<Client> {
  const options = optionsOf(settings);
  const client = new Client({ ...configOf(login), options, ssl: tls ? tlsOf(login) : false });
  // A connection that breaks later rejects the query that waits for it.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
  // Of the roles and the database, which may be short; in PostgreSQL 0 is none.
  await client.query(
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET default_transaction_read_only = off",
  );
  return client;
}

/** Settings as the server takes them at login; it splits them at white space without a backslash. */
function optionsOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\s\\]/g, "\\$&")}`)
    .join(" ");
}

function configOf(login: Login): ClientConfig {
  const { host, port, tunnel, user, password, database } = login;
  return {
    ...{ host: tunnel?.address ?? host, port: tunnel?.port ?? port, user, password, database },
    application_name: login.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

function tlsOf({ host, sslMode, rootCertificate }: Login) {
  if (!sslMode.startsWith("verify")) {
    return { rejectUnauthorized: false };
  }
  if (rootCertificate === undefined || !existsSync(rootCertificate)) {
    throw new CommandError(
      `There is no CA bundle at ${rootCertificate}. Download it and name it with --ca: curl -O ${CA_BUNDLE_URL}`,
    );
  }
  const ca = readFileSync(rootCertificate, "utf8");
  return sslMode === "verify-ca"
    ? { ca, checkServerIdentity: () => undefined }
    : { ca, servername: host };
}

/**
 * What pg_dump and pg_restore need to log in. The password is in the file only.
 * @param passwordFile a file of libpq, if the login has a password.
 * @see https://www.postgresql.org/docs/17/libpq-envars.html
 */
export function libpqVariables(login: Login, passwordFile: string | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^PG(?!PASSFILE$)/.test(name));
  const { host, port, tunnel, user, database, sslMode, rootCertificate } = login;
  return {
    ...Object.fromEntries(own),
    ...{ PGHOST: host, PGPORT: String(tunnel?.port ?? port), PGUSER: user, PGDATABASE: database },
    ...{ PGSSLMODE: sslMode, PGAPPNAME: login.applicationName, PGCONNECT_TIMEOUT: "15" },
    ...(tunnel ? { PGHOSTADDR: tunnel.address } : {}),
    ...(passwordFile ? { PGPASSFILE: passwordFile } : {}),
    ...(rootCertificate && sslMode.startsWith("verify") ? { PGSSLROOTCERT: rootCertificate } : {}),
  };
}

/** The database as a connection string for `--dbname`, so that no odd name is taken for options. */
export function databaseArgument({ database }: Login): string {
  return `dbname='${database.replaceAll(/['\\]/g, "\\$&")}'`;
}
