import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig, escapeIdentifier } from "pg";

/** The result for one database of an instance. */
export interface VerifiedDatabase {
  readonly name: string;
  readonly tables: number;
  /** The rows of all tables, each read to its end. */
  readonly rows: number;
  /** `public.article` → rows. */
  readonly rowsByTable: Readonly<Record<string, number>>;
  readonly extensions: readonly string[];
  /** The problems, as sentences. */
  readonly problems: readonly string[];
}

const PAUSE_MS = 3000;
/** RDS's own database, which the master user may not open. */
const NOT_OURS = ["rdsadmin"];

const DATABASES = `
  SELECT datname AS name FROM pg_database
  WHERE datallowconn AND NOT datistemplate AND datname <> ALL($1) ORDER BY datname`;

/** Partitions are counted, and their parents are not. The rows of foreign tables are elsewhere. */
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1, 2`;

const INVALID = `
  SELECT 'The index ' || c.oid::regclass || ' is invalid.' AS problem
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid
  UNION ALL
  SELECT 'The constraint ' || conname || ' of ' || conrelid::regclass || ' is not validated.'
    FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0`;

const EXTENSIONS = "SELECT extname || ' ' || extversion AS extension FROM pg_extension ORDER BY 1";

/**
 * Logs in to every database of an instance and reads every row of every table.
 * @param server how its master user connects to the database `database`.
 */
export async function verify(
  server: ClientConfig,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<VerifiedDatabase[]> {
  const names = await within(server, signal, async (client) => {
    const { rows } = await client.query<{ name: string }>(DATABASES, [NOT_OURS]);
    return rows.map(({ name }) => name);
  });
  const verified: VerifiedDatabase[] = [];
  for (const name of names) {
    progress(`reading ${name}`);
    verified.push(
      await within({ ...server, database: name }, signal, (client) => read(client, name)),
    );
  }
  return verified;
}

const WRONG_PASSWORD = "28P01";

/**
 * Waits until the master user can log in: RDS sets a new password some time after it says so.
 * @throws Error of the server or of the network, when it is another one or lasts longer than the time-out.
 */
export async function logIn(
  server: ClientConfig,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await within(server, signal, async (client) => {
        await client.query("SELECT 1");
      });
    } catch (error) {
      if ((error as { code?: string }).code !== WRONG_PASSWORD || Date.now() > end) {
        throw error;
      }
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

async function within<T>(
  config: ClientConfig,
  signal: AbortSignal,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ ...config, application_name: "npm run drill" });
  client.on("error", () => undefined);
  await client.connect();
  // It breaks a query that is running.
  const stop = () => client.end().catch(() => undefined);
  signal.addEventListener("abort", stop);
  try {
    return await use(client);
  } finally {
    signal.removeEventListener("abort", stop);
    await client.end();
  }
}

async function read(client: Client, name: string): Promise<VerifiedDatabase> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(TABLES);
  const rowsByTable: Record<string, number> = {};
  const problems: string[] = [];
  for (const { schema, name: table } of tables) {
    const address = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
    try {
      const { rows } = await client.query(`SELECT count(*) AS rows FROM ONLY ${address}`);
      rowsByTable[`${schema}.${table}`] = Number(rows[0].rows);
    } catch (error) {
      problems.push(`The table ${address} cannot be read: ${(error as Error).message}.`);
    }
  }
  const { rows: invalid } = await client.query<{ problem: string }>(INVALID);
  const { rows: extensions } = await client.query<{ extension: string }>(EXTENSIONS);
  return {
    name,
    tables: tables.length,
    rows: Object.values(rowsByTable).reduce((sum, rows) => sum + rows, 0),
    rowsByTable,
    extensions: extensions.map(({ extension }) => extension),
    problems: [...problems, ...invalid.map(({ problem }) => problem)],
  };
}
