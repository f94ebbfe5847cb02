import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { isIP, type Socket } from "node:net";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import { type Check, passed } from "./check";
import { failure, type Probe, within } from "./probe";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The trusted certificates that the URL names; undefined for those of Node.js. */
export function trusted(probe: Probe): string | undefined {
  const { rootCertificate, tls } = probe.target;
  if (rootCertificate === undefined || tls !== "verified") {
    return undefined;
  }
  if (!existsSync(rootCertificate)) {
    throw failure(probe, "CA bundle", `there is no file ${rootCertificate}`, "noCaBundle");
  }
  return readFileSync(rootCertificate, "utf8");
}

/** Encrypts a connection. `certificateChecks` verifies the certificate. */
export async function encrypt(probe: Probe, socket: Socket, ca?: string): Promise<TLSSocket> {
  const { host } = probe.target;
  const secured = connect({
    socket,
    ca,
    servername: isIP(host) ? undefined : host,
    rejectUnauthorized: false,
  });
  try {
    const late = () => failure(probe, "TLS", "the handshake is never answered", "silentServer");
    await within(probe, once(secured, "secureConnect"), late);
    return secured;
  } catch (error) {
    secured.destroy();
    const { code = "" } = error as NodeJS.ErrnoException;
    throw /^(ERR_SSL|ECONNRESET|EPROTO)/.test(code)
      ? failure(probe, "TLS", `the handshake fails (${code})`, "noTls")
      : error;
  }
}

/** Chain, name and validity of the server's certificate, as strict as the URL demands. */
export function* certificateChecks(probe: Probe, socket: TLSSocket): Generator<Check> {
  const certificate = socket.getPeerCertificate();
  const [from, to] = [new Date(certificate.valid_from), new Date(certificate.valid_to)];
  const validity = `valid from ${dateOf(from)} to ${dateOf(to)}`;
  yield passed("TLS", `${socket.getProtocol()}, ${socket.getCipher().name}`);
  if (probe.target.tls !== "verified") {
    yield passed("certificate", `not verified, because sslmode=require does not ask for it`);
    return;
  }
  const now = Date.now();
  if (now < from.getTime() || now > to.getTime()) {
    throw failure(probe, "certificate expiry", validity, "expired");
  }
  const error = socket.authorizationError as Error | string | undefined;
  const code = String((error as NodeJS.ErrnoException | undefined)?.code ?? error ?? "");
  // Node reports a wrong name in the same place.
  if (code && code !== "ERR_TLS_CERT_ALTNAME_INVALID") {
    throw failure(probe, "certificate chain", `not trusted (${code})`, "untrusted");
  }
  yield passed("certificate chain", "signed by a trusted CA");
  const wrongName = checkServerIdentity(probe.target.host, certificate);
  if (wrongName) {
    throw failure(probe, "certificate name", wrongName.message, "wrongName");
  }
  yield passed("certificate name", probe.target.host);
  yield passed("certificate expiry", `${validity}, ${Math.floor((+to - now) / DAY_MS)} days left`);
}

function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
