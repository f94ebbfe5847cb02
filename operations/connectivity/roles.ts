import { Client, type ClientConfig, type DatabaseError, escapeIdentifier, escapeLiteral } from "pg";
import { CommandError } from "../../cli/command-error";
import { scramVerifier } from "./scram-verifier";

/** A user that logs in as the application's role. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

export interface RolesProps {
  /** How the master user connects to the application's database. */
  readonly master: ClientConfig;
  /** The role that the application works as. */
  readonly role: string;
  readonly logins: readonly Login[];
  /** Change the password of a user even if it has sessions. @default false */
  readonly force?: boolean | undefined;
}

/** The users whose password was set; the others already log in with theirs. */
export interface AppliedRoles {
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
}

/**
 * Creates the application's role, its schema and the users that log in as it, and sets the passwords that have changed.
 * The changes are atomic and idempotent. At the end it logs in as each user.
 * @throws CommandError when a user whose password would change has sessions, or cannot log in afterwards.
 */
export async function applyRoles(props: RolesProps): Promise<AppliedRoles> {
  const works = await Promise.all(props.logins.map((login) => logsIn(props.master, login)));
  const stale = props.logins.filter((_, index) => !works[index]);
  const master = new Client(props.master);
  await master.connect();
  try {
    await refuseSessions(master, stale, props.force);
    await master.query("BEGIN");
    // Two runs at once would create the same role.
    await master.query("SELECT pg_advisory_xact_lock(hashtext('managed-data-stores roles'))");
    await createRole(master, props);
    await isolateDatabases(master, props);
    for (const { name, password } of stale) {
      const verifier = escapeLiteral(scramVerifier(password));
      await master.query(`ALTER ROLE ${escapeIdentifier(name)} PASSWORD ${verifier}`);
    }
    await master.query("COMMIT");
  } finally {
    // An open transaction ends with the connection, without effect.
    await master.end();
  }
  await verify(props);
  const names = (logins: readonly Login[]) => logins.map(({ name }) => name);
  const unchanged = props.logins.filter((login) => !stale.includes(login));
  return { changed: names(stale), unchanged: names(unchanged) };
}

/** Codes of a refused login: wrong password or no such user; a role that may not log in; no right to connect. */
const REFUSED = ["28P01", "28000", "42501"];

async function logsIn(master: ClientConfig, { name, password }: Login): Promise<boolean> {
  const client = new Client({ ...master, user: name, password });
  try {
    await client.connect();
    return true;
  } catch (error) {
    if (REFUSED.includes(String((error as DatabaseError).code))) {
      return false;
    }
    throw error;
  } finally {
    await client.end();
  }
}

async function refuseSessions(master: Client, stale: readonly Login[], force = false) {
  const { rows } = await master.query<{ usename: string; sessions: number }>(
    "SELECT usename, count(*)::int AS sessions FROM pg_stat_activity WHERE usename = ANY($1) GROUP BY usename",
    [stale.map(({ name }) => name)],
  );
  if (rows.length > 0 && !force) {
    const busy = rows
      .map(({ usename, sessions }) => `${usename} (${sessions} sessions)`)
      .join(", ");
    throw new CommandError(
      `The password of ${busy} would change, and tasks still use it. Restart the application so that it logs in as the other user, then try again; --force changes it now, and those tasks cannot open new connections.`,
    );
  }
}

/** Existing roles and grants stay. The statements are idempotent. */
async function createRole(master: Client, { role, logins }: RolesProps): Promise<void> {
  const own = escapeIdentifier(role);
  await createUnlessThere(master, role, "NOLOGIN");
  // The master user of RDS is no superuser: it must be a member to create a schema for the role.
  await master.query(`GRANT ${own} TO CURRENT_USER`);
  await master.query(`CREATE SCHEMA IF NOT EXISTS ${own} AUTHORIZATION ${own}`);
  for (const { name } of logins) {
    const user = escapeIdentifier(name);
    await createUnlessThere(master, name, "LOGIN");
    await master.query(`ALTER ROLE ${user} LOGIN`);
    await master.query(`GRANT ${own} TO ${user}`);
    // Objects that either user creates belong to the role, and unqualified names resolve to the schema of its name.
    await master.query(`ALTER ROLE ${user} SET role = ${escapeLiteral(role)}`);
  }
}

async function createUnlessThere(master: Client, name: string, kind: "LOGIN" | "NOLOGIN") {
  const { rowCount } = await master.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
  if (rowCount === 0) {
    await master.query(`CREATE ROLE ${escapeIdentifier(name)} ${kind}`);
  }
}

/** Databases of the master user that everyone may connect to, PostgreSQL's default. */
const OPEN_DATABASES = `
  SELECT datname AS name FROM pg_database
  WHERE datallowconn AND NOT datistemplate AND pg_has_role(datdba, 'USAGE')
    AND has_database_privilege('public', datname, 'CONNECT')`;

/** Users that must keep the right to connect. */
const OTHER_USERS = `
  SELECT rolname AS name FROM pg_roles
  WHERE rolcanlogin AND NOT rolsuper AND rolname !~ '^(pg_|rds)' AND rolname <> ALL($1)`;

/** The role may connect only to its own database. Existing users keep the right to connect. */
async function isolateDatabases(master: Client, { role, logins }: RolesProps): Promise<void> {
  const open = await namesOf(master, OPEN_DATABASES);
  const others = await namesOf(master, OTHER_USERS, [logins.map(({ name }) => name)]);
  for (const database of open.map(escapeIdentifier)) {
    for (const user of others.map(escapeIdentifier)) {
      await master.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${database} TO ${user}`);
    }
    await master.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
  }
  const current = escapeIdentifier(String(master.database));
  await master.query(
    `GRANT CONNECT, TEMPORARY ON DATABASE ${current} TO ${escapeIdentifier(role)}`,
  );
  // PostgreSQL 14 and older let everyone create tables there.
  await master.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
}

async function namesOf(master: Client, query: string, values: unknown[] = []): Promise<string[]> {
  const { rows } = await master.query<{ name: string }>(query, values);
  return rows.map(({ name }) => name);
}

async function verify({ master, logins, role }: RolesProps): Promise<void> {
  for (const { name, password } of logins) {
    const client = new Client({ ...master, user: name, password });
    await client.connect();
    const { rows } = await client.query("SELECT current_user, current_schema()");
    await client.end();
    if (rows[0]?.current_user !== role || rows[0]?.current_schema !== role) {
      throw new CommandError(
        `${name} logs in and works as ${rows[0]?.current_user} in ${rows[0]?.current_schema}, not as ${role}. Its settings were changed: ALTER ROLE ${name} RESET ALL, then try again.`,
      );
    }
  }
}
