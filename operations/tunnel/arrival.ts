import { setTimeout as sleep } from "node:timers/promises";
import { CommandError } from "../../cli/command-error";
import { type Check, CheckFailure, collect, passed } from "../connectivity/check";
import { requestTls } from "../connectivity/database-checks";
import { connectTo } from "../connectivity/network-checks";
import { type Probe, within } from "../connectivity/probe";
import { RedisSession } from "../connectivity/redis-session";
import { certificateChecks, encrypt, trusted } from "../connectivity/tls-checks";
import type { Session } from "./session";

const PAUSE_MS = 300;
const STEP_MS = 5000;
/** The number of lines to show of a session's output. */
const SHOWN_LINES = 5;
/** Problems that another attempt does not solve. */
const FINAL = /^(CA bundle|certificate)/;
const NETWORK = /^(ECONNRESET|EPIPE|ECONNABORTED)$/;

export interface ArrivalProps {
  /** The data store, with the near end of the tunnel as its address. */
  readonly probe: Omit<Probe, "timeoutMs">;
  readonly session: Session;
  /** The name of the instance or task that forwards. */
  readonly via: string;
  readonly timeoutMs: number;
}

/**
 * Waits until the data store answers through its tunnel, and proves by its certificate that it is the data store. A cache
 * without TLS answers PING, and nothing proves what it is.
 * @throws CommandError when the session ends, when nothing answers in time, and when something else answers.
 */
export async function arrive({ probe, session, via, timeoutMs }: ArrivalProps): Promise<void> {
  const end = Date.now() + timeoutMs;
  let over: string | undefined;
  session.ended.then((output) => {
    over = output;
  });
  for (;;) {
    const failed = await failureOf({ ...probe, timeoutMs: Math.min(STEP_MS, timeoutMs) });
    if (!failed) {
      return;
    }
    if (FINAL.test(failed.name)) {
      throw new CommandError(`${failed.name}: ${failed.detail}. ${failed.cause}`);
    }
    if (over !== undefined) {
      throw new CommandError(explained(over, via));
    }
    if (Date.now() > end) {
      throw new CommandError(
        `Nothing answers through ${via} within ${timeoutMs / 1000} s (${failed.name}: ${failed.detail}). The security group of the data store might not admit it: deploy the bastion again, or with --via add its security group to clients.`,
      );
    }
    await sleep(PAUSE_MS);
  }
}

async function failureOf(probe: Probe): Promise<Check | undefined> {
  return (await collect(arrivalChecks(probe))).find((check) => !check.passed);
}

async function* arrivalChecks(probe: Probe): AsyncGenerator<Check> {
  const { kind, tls } = probe.target;
  const ca = trusted(probe);
  const socket = await connectTo(probe);
  socket.on("error", () => undefined);
  try {
    if (kind === "database") {
      await requestTls(probe, socket);
    }
    if (tls === "off") {
      yield await ping(probe, new RedisSession(socket));
    } else {
      yield* certificateChecks(probe, await encrypt(probe, socket, ca));
    }
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw NETWORK.test(code) ? lost(message) : error;
  } finally {
    socket.destroy();
  }
}

/** The plugin accepts a connection, and closes it when the far end cannot be reached. */
function lost(detail: string): CheckFailure {
  return new CheckFailure("connection", detail, { cause: "", next: "" });
}

async function ping(probe: Probe, session: RedisSession): Promise<Check> {
  try {
    await within(probe, session.send("PING"), () => lost("PING is not answered"));
  } catch (error) {
    const { message } = error as Error;
    // It answers, but requires authentication.
    if (!message.startsWith("NOAUTH")) {
      throw lost(message);
    }
  }
  return passed("PING", "answered");
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /TargetNotConnected|is not connected/,
    "AWS Systems Manager has no connection to it. After a deployment, wait two minutes. Otherwise it has stopped, or its subnet does not reach Systems Manager: check bastion.route.",
  ],
  [
    /AccessDenied|not authorized to perform/,
    "Ask for ssm:StartSession on the instance or task, and on the document AWS-StartPortForwardingSessionToRemoteHost.",
  ],
  [
    /Unable to locate credentials|ExpiredToken|InvalidClientTokenId|SSO session|Token has expired/,
    "Log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  ],
];

/** Why a session ended, as far as it printed that. */
export function explained(output: string, via: string): string {
  const lines = output.trim().split("\n").slice(-SHOWN_LINES);
  const [
    ,
    advice = "Sessions end after 20 minutes without traffic, unless the account has another time-out.",
  ] = ADVICE.find(([pattern]) => pattern.test(output)) ?? [];
  return [`The session through ${via} has ended.`, ...lines.filter(Boolean), advice].join("\n");
}
