import { once } from "node:events";
import type { Socket } from "node:net";
import { Client, type DatabaseError } from "pg";
import type { Problem } from "./advice";
import { type Check, passed } from "./check";
import { connectTo, resolve } from "./network-checks";
import { failure, type Probe, since, within } from "./probe";
import { certificateChecks, encrypt, trusted } from "./tls-checks";

/** @see https://www.postgresql.org/docs/17/protocol-message-formats.html (SSLRequest) */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const LATENCY_SAMPLES = 5;

/** The checks of a database, from DNS to privileges, in the order of a client's steps. */
export async function* databaseChecks(probe: Probe): AsyncGenerator<Check> {
  const ca = trusted(probe);
  yield await resolve(probe);
  const start = performance.now();
  const socket = await connectTo(probe);
  try {
    yield passed("TCP", `port ${probe.target.port} is open (${since(start)})`);
    if (probe.target.tls !== "off") {
      await requestTls(probe, socket);
      yield* certificateChecks(probe, await encrypt(probe, socket, ca));
    }
  } finally {
    socket.destroy();
  }
  const client = await login(probe, ca);
  try {
    yield passed("login", `as ${probe.target.user}`);
    yield* sessionChecks(probe, client);
  } finally {
    // A graceful end would wait for a server that may not answer.
    client.end().catch(() => undefined);
  }
}

/** PostgreSQL starts unencrypted: the client requests TLS, and the server answers with one byte. */
export async function requestTls(probe: Probe, socket: Socket): Promise<void> {
  socket.write(SSL_REQUEST);
  const late = () => failure(probe, "TLS", "the server never answers", "silentServer");
  const closed = once(socket, "close").then(() => {
    throw failure(probe, "TLS", "the server closes the connection", "silentServer");
  });
  closed.catch(() => undefined);
  const [answer] = await within(probe, Promise.race([once(socket, "data"), closed]), late);
  if (String(answer) !== "S") {
    throw failure(probe, "TLS", "the server offers no TLS", "noTls");
  }
}

async function login(probe: Probe, ca: string | undefined): Promise<Client> {
  const { host, port, user, password, database, tls } = probe.target;
  const client = new Client({
    ...{ host, port, user, password: password ?? "", database },
    ssl: tls === "off" ? false : { ca, rejectUnauthorized: tls === "verified" },
    application_name: "connection test",
  });
  // A connection that breaks later rejects the query that waits for it.
  client.on("error", () => undefined);
  try {
    const late = () => failure(probe, "login", "the server never answers", "silentServer");
    await within(probe, client.connect(), late);
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw isRefusal(error)
      ? failure(probe, "login", error.message, loginProblem(error, probe))
      : error;
  }
}

/** @see https://www.postgresql.org/docs/17/errcodes-appendix.html */
const LOGIN_PROBLEMS: Readonly<Record<string, Problem>> = {
  "28P01": "wrongPassword",
  "3D000": "noDatabase",
  "53300": "tooMany",
  "42501": "noPrivileges",
};

function loginProblem({ code = "", message }: DatabaseError, { target }: Probe): Problem {
  if (code === "28000") {
    return target.tls === "off" && /no encryption/.test(message) ? "demandsTls" : "refusedLogin";
  }
  return LOGIN_PROBLEMS[code] ?? "unexpected";
}

/** An error that the server sent: it has a code of five characters. */
function isRefusal(error: unknown): error is DatabaseError {
  return /^[0-9A-Z]{5}$/.test(String((error as DatabaseError).code));
}

async function* sessionChecks(probe: Probe, client: Client): AsyncGenerator<Check> {
  const query = async (name: string, text: string) => {
    const late = () => failure(probe, name, "the server never answers", "silentServer");
    return (await within(probe, client.query(text), late)).rows[0];
  };
  const times: number[] = [];
  for (let sample = 0; sample < LATENCY_SAMPLES; sample++) {
    const start = performance.now();
    await query("SELECT 1", "SELECT 1");
    times.push(performance.now() - start);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(LATENCY_SAMPLES / 2)] as number;
  yield passed("SELECT 1", `${median.toFixed(1)} ms (median of ${LATENCY_SAMPLES})`);
  const { server_version } = await query("version", "SHOW server_version");
  yield passed("version", `PostgreSQL ${server_version}`);
  const { recovering, read_only } = await query(
    "role",
    "SELECT pg_is_in_recovery() AS recovering, current_setting('transaction_read_only') = 'on' AS read_only",
  );
  if (recovering || read_only) {
    throw failure(
      probe,
      "role",
      recovering ? "in recovery (pg_is_in_recovery)" : "read-only",
      "readOnly",
    );
  }
  yield passed("role", "accepts writes");
  yield privileges(probe, await query("privileges", PRIVILEGES));
}

/** The user's privileges in the first schema of its search_path. */
const PRIVILEGES = `
  SELECT current_schema() AS schema,
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS creates,
    (SELECT count(*)::int FROM pg_class WHERE relnamespace = current_schema()::regnamespace
      AND relkind IN ('r', 'p')) AS tables,
    (SELECT count(*)::int FROM pg_class WHERE relnamespace = current_schema()::regnamespace
      AND relkind IN ('r', 'p') AND NOT (has_table_privilege(oid, 'SELECT')
      AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE')
      AND has_table_privilege(oid, 'DELETE'))) AS closed`;

interface Privileges {
  /** Null when the user may use no schema of its search_path. */
  readonly schema: string | null;
  readonly creates: boolean;
  readonly tables: number;
  readonly closed: number;
}

function privileges(probe: Probe, { schema, creates, tables, closed }: Privileges): Check {
  if (schema === null) {
    throw failure(probe, "privileges", "cannot use any schema in its search_path", "noPrivileges");
  }
  if (closed > 0) {
    throw failure(
      probe,
      "privileges",
      `cannot read and write ${closed} of ${tables} tables in the schema ${schema}`,
      "noPrivileges",
    );
  }
  return passed(
    "privileges",
    `reads and writes ${tables} tables in the schema ${schema}; ${creates ? "creates" : "creates no"} tables`,
  );
}
