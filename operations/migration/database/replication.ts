import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { CommandError } from "../../../cli/command-error";
import type { Connections } from "./connections";
import { connect, type Login } from "./login";
import { within } from "./sessions";

/** The longest name of a replication slot. */
const LONGEST_NAME = 63;
const CONNECT_TIMEOUT_SECONDS = 10;
/** A session's setting that holds the connection string, so that no statement does. */
const SETTING = "managed_data_stores.source";
/** The name of a publication that is dropped at once, and of a subscription that is rolled back. */
const ATTEMPT = "migrate_attempt";
/** The first version that counts the errors of a subscription. */
const STATISTICS_MAJOR = 15;
/** The first version that tells how far a COPY is. */
const COPY_PROGRESS_MAJOR = 14;

/** The name of the publication, the slot and the subscription of a data store. */
export function replicationNameFor(stackId: string): string {
  return `migrate_${stackId.replaceAll("-", "_")}`.slice(0, LONGEST_NAME);
}

/** How the target reaches the source. */
export interface SourceAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The connection string of a subscription. A CA bundle of this machine is not on the target, which therefore encrypts
 * without verifying.
 * @see https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function connectionString(source: Login, { host, port }: SourceAddress): string {
  const { user, password, database, sslMode } = source;
  const words = {
    ...{ host, port, user, ...(password === undefined ? {} : { password }), dbname: database },
    sslmode: sslMode.startsWith("verify") ? "require" : sslMode,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
  };
  return Object.entries(words)
    .map(([word, value]) => `${word}='${String(value).replaceAll(/['\\]/g, "\\$&")}'`)
    .join(" ");
}

/** How far replication is. */
export interface ReplicationStatus {
  /** Positions in the source's write-ahead log. */
  readonly position: number;
  readonly confirmed: number;
  /** Names of the tables whose rows have been copied. */
  readonly copied: readonly string[];
  readonly tables: number;
  /** `public.article: 120000 rows`, of tables that are being copied. */
  readonly copying: readonly string[];
  /** Every table follows the source. */
  readonly isStreaming: boolean;
}

/** The publication and the slot in the source, and the subscription in the target. */
export class Replication {
  constructor(
    private readonly connections: Pick<Connections, "source" | "target">,
    readonly name: string,
  ) {}

  private get identifier(): string {
    return escapeIdentifier(this.name);
  }

  async isSubscribed(): Promise<boolean> {
    return (await this.subscription()) !== undefined;
  }

  private async subscription(): Promise<string | undefined> {
    const { rows } = await this.connections.target.query<{ oid: string }>(
      "SELECT oid::text FROM pg_subscription WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
      [this.name],
    );
    return rows[0]?.oid;
  }

  /**
   * Publishes tables in the source, and keeps its write-ahead log from now on.
   * @param tables as SQL writes them
   */
  async publish(tables: readonly string[]): Promise<void> {
    const { source } = this.connections;
    const published = await source.query("SELECT FROM pg_publication WHERE pubname = $1", [
      this.name,
    ]);
    if (published.rowCount === 0) {
      const list = tables.map((table) => `ONLY ${table}`).join(", ");
      await source.query(
        `CREATE PUBLICATION ${this.identifier}${list ? ` FOR TABLE ${list}` : ""}`,
      );
    }
    const slots = await source.query("SELECT FROM pg_replication_slots WHERE slot_name = $1", [
      this.name,
    ]);
    if (slots.rowCount === 0) {
      await source.query("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", [this.name]);
    }
  }

  /** Lets the target copy the published tables, and follow them. */
  async subscribe(target: Login, connection: string): Promise<void> {
    await withSecret(target, connection, (client) =>
      client.query(
        createSubscription(
          this.name,
          this.name,
          `create_slot = false, slot_name = ${this.identifier}`,
        ),
      ),
    );
  }

  /**
   * Creates a subscription and rolls back: whether the user may, and whether the target reaches the source. It subscribes
   * to an empty publication, which is there for a moment: PostgreSQL warns of one that does not exist, and its log would
   * quote the statement with the password.
   * @returns what is wrong
   */
  async tryToSubscribe(target: Login, connection: string): Promise<string | undefined> {
    const { source } = this.connections;
    await source.query(`DROP PUBLICATION IF EXISTS ${ATTEMPT}; CREATE PUBLICATION ${ATTEMPT}`);
    try {
      return await withSecret(target, connection, async (client) => {
        await client.query("BEGIN");
        try {
          const options = "create_slot = false, enabled = false, slot_name = NONE";
          await client.query(createSubscription(ATTEMPT, ATTEMPT, options));
          return undefined;
        } catch (error) {
          return (error as Error).message;
        } finally {
          await client.query("ROLLBACK");
        }
      });
    } finally {
      await source.query(`DROP PUBLICATION ${ATTEMPT}`);
    }
  }

  /** @throws CommandError when replication cannot continue. */
  async status(): Promise<ReplicationStatus> {
    const { source, target } = this.connections;
    const slots = await source.query(
      `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS position,
         pg_wal_lsn_diff(confirmed_flush_lsn, '0/0')::float8 AS confirmed, to_jsonb(s)->>'wal_status' AS wal
       FROM pg_replication_slots s WHERE slot_name = $1`,
      [this.name],
    );
    const [slot] = slots.rows;
    if (!slot || slot.wal === "lost") {
      throw new CommandError(
        `The source no longer keeps what the target needs: the slot ${this.name} is ${slot ? "lost; max_slot_wal_keep_size was too small" : "gone"}. Start over: --undo, then --follow.`,
      );
    }
    const { rows } = await target.query<{ name: string; state: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name, srsubstate::text AS state
       FROM pg_subscription_rel JOIN pg_subscription s ON s.oid = srsubid JOIN pg_class c ON c.oid = srrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE subname = $1`,
      [this.name],
    );
    return {
      ...{ position: slot.position, confirmed: slot.confirmed, tables: rows.length },
      copied: rows.filter(({ state }) => /[fsr]/.test(state)).map(({ name }) => name),
      copying: await this.copying(),
      isStreaming: rows.every(({ state }) => state === "r"),
    };
  }

  private async copying(): Promise<string[]> {
    const { target } = this.connections;
    if ((await majorOf(target)) < COPY_PROGRESS_MAJOR) {
      return [];
    }
    const { rows } = await target.query(
      `SELECT format('%I.%I: %s rows', n.nspname, c.relname, tuples_processed) AS text
       FROM pg_stat_progress_copy p JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE datname = current_database() AND command = 'COPY FROM'`,
    );
    return rows.map(({ text }) => text);
  }

  /** How often the target has failed to copy or to apply something. */
  async errors(): Promise<number> {
    const { target } = this.connections;
    if ((await majorOf(target)) < STATISTICS_MAJOR) {
      return 0;
    }
    const { rows } = await target.query(
      "SELECT (apply_error_count + sync_error_count)::int AS errors FROM pg_stat_subscription_stats WHERE subname = $1",
      [this.name],
    );
    return rows[0]?.errors ?? 0;
  }

  /** A position after everything that is committed in the source now. */
  async mark(): Promise<number> {
    const { rows } = await this.connections.source.query(
      "SELECT pg_wal_lsn_diff(pg_logical_emit_message(true, $1, 'cut-over'), '0/0')::float8 AS position",
      [this.name],
    );
    return rows[0].position;
  }

  /**
   * Removes the subscription, with the password that it holds, then the slots and the publication. What was copied stays.
   * @throws CommandError when a slot stays in use.
   */
  async remove(): Promise<void> {
    const { source, target } = this.connections;
    const oid = await this.subscription();
    if (oid !== undefined) {
      await target.query(`ALTER SUBSCRIPTION ${this.identifier} DISABLE`);
      await target.query(`ALTER SUBSCRIPTION ${this.identifier} SET (slot_name = NONE)`);
      await target.query(`DROP SUBSCRIPTION ${this.identifier}`);
    }
    // Each table that is being copied has its own slot.
    const own = `slot_name = ${escapeLiteral(this.name)}${oid === undefined ? "" : ` OR slot_name ~ '^pg_${oid}_sync_'`}`;
    const slots = `FROM pg_replication_slots WHERE database = current_database() AND (${own})`;
    const isFree = await within(
      async () => (await source.query(`SELECT ${slots} AND active`)).rowCount === 0,
    );
    if (!isFree) {
      throw new CommandError(
        `The target still reads the slot ${this.name} of the source. Run --stop-following again. If the slot is still active, run in the source: SELECT pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${this.name}'.`,
      );
    }
    await source.query(`SELECT pg_drop_replication_slot(slot_name) ${slots}`);
    await source.query(`DROP PUBLICATION IF EXISTS ${this.identifier}`);
  }
}

async function majorOf(client: Client): Promise<number> {
  const { rows } = await client.query(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  );
  return rows[0].major;
}

/** Opens a session that knows a connection string. */
async function withSecret<Result>(
  target: Login,
  connection: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(target, { [SETTING]: connection });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Logs, pg_stat_activity and pg_stat_statements show this statement, which does not hold the password. The block raises
 * errors again, so that they do not quote the inner statement with the password.
 */
function createSubscription(name: string, publication: string, options: string): string {
  const statement = `CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION %I WITH (${options})`;
  return `DO $do$ BEGIN
    EXECUTE format('${statement}', ${escapeLiteral(name)}, current_setting('${SETTING}'), ${escapeLiteral(publication)});
  EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
  END $do$`;
}
