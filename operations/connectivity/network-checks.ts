import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Check, passed } from "./check";
import { failure, type Probe, since, within } from "./probe";

/** An address of the host: the name and the network work. */
export async function resolve(probe: Probe): Promise<Check> {
  const { host } = probe.target;
  const start = performance.now();
  const found = lookup(host, { all: true });
  // A lookup cannot be canceled; without a listener, a late failure would end the process.
  found.catch(() => undefined);
  try {
    const late = () => failure(probe, "DNS", `no answer about ${host}`, "noResolver");
    const addresses = await within(probe, found, late);
    const list = addresses.map(({ address }) => address).join(", ");
    return passed("DNS", `${host} is ${list} (${since(start)})`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND") {
      throw failure(probe, "DNS", `${host} does not resolve`, "unresolvable");
    }
    throw code === "EAI_AGAIN"
      ? failure(probe, "DNS", `no DNS server answers the query for ${host}`, "noResolver")
      : error;
  }
}

/** A TCP connection to the host. Destroy it when done. */
export async function connectTo(probe: Probe): Promise<Socket> {
  const { host, port } = probe.target.address ?? probe.target;
  const socket = connect({ host, port });
  try {
    const late = () =>
      failure(
        probe,
        "TCP",
        `port ${port} does not answer within ${probe.timeoutMs} ms`,
        "silentNetwork",
      );
    await within(probe, once(socket, "connect"), late);
    return socket;
  } catch (error) {
    socket.destroy();
    throw asFailure(probe, error);
  }
}

const UNREACHABLE = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"];

function asFailure(probe: Probe, error: unknown): unknown {
  const { port } = probe.target;
  // Node tries every address, and reports them together.
  const { code, errors = [] } = error as NodeJS.ErrnoException & {
    errors?: NodeJS.ErrnoException[];
  };
  const codes = [code, ...errors.map((one) => one.code)];
  if (codes.includes("ECONNREFUSED")) {
    return failure(probe, "TCP", `port ${port} refuses connections`, "refused");
  }
  return codes.some((one) => UNREACHABLE.includes(one ?? ""))
    ? failure(probe, "TCP", `port ${port} cannot be reached (${code})`, "silentNetwork")
    : error;
}
