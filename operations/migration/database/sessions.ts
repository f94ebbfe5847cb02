import { setTimeout as sleep } from "node:timers/promises";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { CommandError } from "../../../cli/command-error";
import { OTHER_SESSIONS } from "./catalog";

/** How long terminated sessions may take to disappear. */
const ENDING_MS = 30_000;
const POLL_MS = 100;
const SETTING = "default_transaction_read_only";

/**
 * Allows one migration at a time per target. The lock lasts as long as the session.
 * @throws CommandError when another holds it.
 */
export async function lockTarget(client: Client): Promise<void> {
  // The session of a killed process takes a moment to go.
  const taken = await within(async () => {
    const { rows } = await client.query(
      "SELECT pg_try_advisory_lock(hashtext('managed-data-stores migration')) AS locked",
    );
    return rows[0].locked;
  });
  if (!taken) {
    throw new CommandError(
      "Another migration into this database is running. Wait until it ends, then run the same command again.",
    );
  }
}

/** Ends what an earlier run left behind: pg_dump and pg_restore outlive a killed parent. */
export async function endLeftovers(client: Client): Promise<void> {
  await end(
    client,
    "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name = current_setting('application_name') AND usename = current_user",
  );
}

/**
 * Ends sessions and waits until they are gone; others may begin meanwhile.
 * @param which the rest of the query, from FROM on.
 * @returns how many there were
 */
async function end(client: Client, which: string): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM ${which}`,
  );
  const pids = rows.map(({ pid }) => pid);
  const running =
    "SELECT FROM pg_stat_activity WHERE pid = ANY($1) AND datname = current_database()";
  const gone = await within(async () => (await client.query(running, [pids])).rowCount === 0);
  if (!gone) {
    throw new CommandError(
      `Sessions of ${client.database} do not end. Look at pg_stat_activity, then run the same command again.`,
    );
  }
  return pids.length;
}

/**
 * Ends sessions of others that began before a moment. A login that was under way when the database became read-only may
 * have missed it, and shows up a little later. Those whose beginning the user may not see are ended, too.
 * @param moment in microseconds, by the clock of the server.
 * @returns how many there were
 */
export async function endSessionsBefore(client: Client, moment: string): Promise<number> {
  return await end(
    client,
    `${OTHER_SESSIONS} AND coalesce(extract(epoch FROM backend_start) * 1000000 < ${moment}, true)`,
  );
}

export async function within(isDone: () => Promise<boolean>): Promise<boolean> {
  const latest = Date.now() + ENDING_MS;
  while (!(await isDone())) {
    if (Date.now() > latest) {
      return false;
    }
    await sleep(POLL_MS);
  }
  return true;
}

/** The source's own setting, before it is made read-only. */
export async function readOnlySetting(client: Client): Promise<string | null> {
  const { rows } = await client.query<{ value: string }>(
    `SELECT split_part(setting, '=', 2) AS value FROM pg_db_role_setting, unnest(setconfig) setting
     WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND setting LIKE '${SETTING}=%'`,
  );
  return rows[0]?.value ?? null;
}

/**
 * Makes new sessions of a database read-only and ends those that are open, which would keep their setting.
 * @throws CommandError when the user may not.
 */
export async function makeReadOnly(client: Client): Promise<void> {
  try {
    await client.query(
      `ALTER DATABASE ${escapeIdentifier(String(client.database))} SET ${SETTING} = on`,
    );
    await end(client, OTHER_SESSIONS);
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : new CommandError(
          `--read-only: ${(error as Error).message}. It requires the owner of the database, who must also have pg_signal_backend to end other sessions. Otherwise stop the application, and leave out --read-only.`,
        );
  }
}

/** Puts the setting of the source back. */
export async function putBack(client: Client, previous: string | null): Promise<void> {
  const database = escapeIdentifier(String(client.database));
  await client.query(
    previous === null
      ? `ALTER DATABASE ${database} RESET ${SETTING}`
      : `ALTER DATABASE ${database} SET ${SETTING} = ${escapeLiteral(previous)}`,
  );
}
