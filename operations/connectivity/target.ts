import { CommandError } from "../../cli/command-error";

/** The parts of a URL of the application. */
export interface Target {
  /** The environment variable that holds the URL. */
  readonly variable: string;
  readonly kind: "database" | "cache";
  readonly host: string;
  readonly port: number;
  /** Where to connect instead, such as the near end of a tunnel. Certificates still name the host. @default - the host */
  readonly address?: { readonly host: string; readonly port: number };
  readonly user: string;
  /** Undefined when the URL has none: the user signs in another way. */
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: "off" | "encrypted" | "verified";
  /** The file of the certificates that are trusted. @default - those of Node.js */
  readonly rootCertificate: string | undefined;
}

const SCHEMES: Readonly<Record<string, { kind: Target["kind"]; port: number }>> = {
  "postgresql:": { kind: "database", port: 5432 },
  "postgres:": { kind: "database", port: 5432 },
  "redis:": { kind: "cache", port: 6379 },
  "rediss:": { kind: "cache", port: 6379 },
};

/**
 * Parses a URL like a client of PostgreSQL or Redis.
 * @param rootCertificate the CA file on this machine. @default - the URL's `sslrootcert`
 * @throws CommandError for text that is no such URL. The message does not repeat it, because it may hold a password.
 */
export function targetOf(variable: string, text: string, rootCertificate?: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && SCHEMES[url.protocol];
  if (!url?.hostname || !scheme) {
    throw new CommandError(
      `${variable} does not hold the URL of a data store. It must start with postgresql://, redis:// or rediss://, and name a host.`,
    );
  }
  return {
    variable,
    kind: scheme.kind,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || scheme.port),
    user: decodeURIComponent(url.username),
    password: url.password === "" ? undefined : decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    tls: scheme.kind === "database" ? databaseTls(url) : cacheTls(url),
    rootCertificate: rootCertificate ?? url.searchParams.get("sslrootcert") ?? undefined,
  };
}

/** @see https://www.postgresql.org/docs/17/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
function databaseTls({ searchParams }: URL): Target["tls"] {
  const mode = searchParams.get("sslmode");
  if (mode === "disable") {
    return "off";
  }
  return mode === "verify-full" ? "verified" : "encrypted";
}

/** Clients of Redis verify the server by default. */
function cacheTls({ protocol }: URL): Target["tls"] {
  return protocol === "rediss:" ? "verified" : "off";
}

/** The URL without its password. */
export function withoutPassword({ kind, host, port, user, database, tls }: Target): string {
  const scheme = kind === "database" ? "postgresql" : tls === "off" ? "redis" : "rediss";
  const login = user ? `${encodeURIComponent(user)}@` : "";
  const address = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${login}${address}:${port}${database ? `/${database}` : ""}`;
}
