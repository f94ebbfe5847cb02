import { type Check, passed } from "./check";
import { connectTo, resolve } from "./network-checks";
import { failure, type Probe, since, within } from "./probe";
import { RedisSession } from "./redis-session";
import { certificateChecks, encrypt, trusted } from "./tls-checks";

/** The share of maxmemory above which a cache without eviction is about to refuse writes. */
const FULL = 0.9;
const MIB = 1024 * 1024;

/** The checks of a cache, from DNS to memory, in the order of a client's steps. */
export async function* cacheChecks(probe: Probe): AsyncGenerator<Check> {
  const ca = trusted(probe);
  yield await resolve(probe);
  const start = performance.now();
  const socket = await connectTo(probe);
  try {
    yield passed("TCP", `port ${probe.target.port} is open (${since(start)})`);
    if (probe.target.tls === "off") {
      yield* sessionChecks(probe, new RedisSession(socket));
    } else {
      const secured = await encrypt(probe, socket, ca);
      yield* certificateChecks(probe, secured);
      yield* sessionChecks(probe, new RedisSession(secured));
    }
  } finally {
    socket.destroy();
  }
}

async function* sessionChecks(probe: Probe, session: RedisSession): AsyncGenerator<Check> {
  const send = async (name: string, ...words: string[]) => {
    const late = () => failure(probe, name, "the server never answers", "silentServer");
    try {
      return await within(probe, session.send(...words), late);
    } catch (error) {
      throw asFailure(probe, name, error as Error);
    }
  };
  const { user, password } = probe.target;
  if (password !== undefined) {
    await send("AUTH", "AUTH", ...(user ? [user] : []), password);
    yield passed("AUTH", user ? `as ${user}` : "by password");
  } else if (user) {
    yield passed(
      "AUTH",
      `not tested: ${user} signs in with an IAM token, which the URL cannot hold`,
    );
    return;
  }
  const start = performance.now();
  await send("PING", "PING");
  yield passed("PING", since(start));
  const server = fieldsOf(await send("version", "INFO", "server"));
  yield passed("version", `Redis ${server.redis_version}`);
  yield role(probe, fieldsOf(await send("role", "INFO", "replication")));
  // Not CONFIG GET, which ElastiCache does not allow.
  yield* memory(probe, fieldsOf(await send("memory", "INFO", "memory")));
}

/** @see https://redis.io/docs/latest/commands/auth/ */
function asFailure(probe: Probe, name: string, error: Error): Error {
  const { message } = error;
  if (/^WRONGPASS|invalid password|called without any password/.test(message)) {
    return failure(probe, "AUTH", message, "wrongPassword");
  }
  if (/^NOAUTH/.test(message)) {
    return failure(probe, "AUTH", message, "noPassword");
  }
  if (/^NOPERM/.test(message)) {
    return failure(probe, name, message, "refusedLogin");
  }
  if (/closes the connection|ECONNRESET/.test(message)) {
    return failure(
      probe,
      name,
      "the server closes the connection",
      probe.target.tls === "off" ? "demandsTls" : "silentServer",
    );
  }
  return error;
}

type Fields = Readonly<Record<string, string | undefined>>;

/** The `name:value` lines of INFO. */
function fieldsOf(info: string): Fields {
  const lines = info.split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function role(probe: Probe, { role, connected_slaves }: Fields): Check {
  if (role !== "master") {
    throw failure(probe, "role", "a replica, which accepts no writes", "readOnly");
  }
  return passed("role", `primary with ${connected_slaves} replicas`);
}

function* memory(probe: Probe, fields: Fields): Generator<Check> {
  const policy = String(fields.maxmemory_policy);
  const [used, most] = [Number(fields.used_memory), Number(fields.maxmemory)];
  yield passed("maxmemory-policy", policy);
  const usage = `${Math.ceil(used / MIB)} MiB used${most > 0 ? ` of ${Math.ceil(most / MIB)} MiB` : ", no limit"}`;
  if (most > 0 && used > FULL * most && policy === "noeviction") {
    throw failure(probe, "memory", usage, "evicts");
  }
  yield passed("memory", usage);
}
