import { readFileSync } from "node:fs";
import { AwsAccount } from "../../cli/aws-account";
import { CommandError } from "../../cli/command-error";
import { type DatabaseStore, databasesOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { didYouMean, nearest } from "../../validation/suggestion";
import { arrive } from "../tunnel/arrival";
import { awsCliFor } from "../tunnel/aws-cli";
import { caBundle, LOOPBACK } from "../tunnel/near-end";
import { checkPrograms } from "../tunnel/programs";
import { freePort, Session } from "../tunnel/session";
import { bastionFor, type Via, viaNamed } from "../tunnel/via";
import { Copy, type CopyProps, latestSnapshot, type Reached } from "./copy";
import { logIn, type VerifiedDatabase, verify } from "./verification";

const POLL_SECONDS = 15;
const TIMEOUT_MINUTES = 120;
const MINUTE_SECONDS = 60;
const MS = 1000;
/** RDS sets a password within some seconds. */
const PASSWORD_MS = 300_000;
const TUNNEL_MS = 60_000;
const INITIAL_DATABASE = "postgres";

export interface DrillOptions {
  /** The name of a database. @default - all of the environment */
  readonly store?: string;
  /** Through the bastion, or through the named instance or task. @default - directly */
  readonly tunnel?: true | string;
  readonly ca?: string;
  /** Minutes until the copy is available. @default 120 */
  readonly timeout?: number;
  /** Seconds between two polls of RDS. @default 15 */
  readonly poll?: number;
}

/** The result of a drill. */
export interface Drilled {
  readonly store: string;
  readonly snapshot: string;
  /** ISO 8601, UTC. Younger data would have been lost. */
  readonly snapshotTime: string;
  /** The deleted copy. */
  readonly instance: string;
  /** Seconds since the restore was requested. */
  readonly seconds: {
    /** Until RDS says that the copy is available. */
    readonly available: number;
    /** Until a login succeeds. */
    readonly login: number;
    /** Until every row was read. */
    readonly verified: number;
  };
  readonly databases: readonly VerifiedDatabase[];
  readonly passed: boolean;
}

/**
 * Restores the newest snapshot of each database to a copy, reads everything, and always deletes the copy.
 * @param signal ends the drill; the copy is still deleted.
 * @throws CommandError when a snapshot cannot be restored or read, or a copy cannot be deleted.
 */
export async function drill(
  environment: Environment,
  options: DrillOptions,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<Drilled[]> {
  const stores = chosen(environment, options.store);
  const ca = caBundle(stores, options.ca) ?? "";
  const { rds } = new AwsAccount(environment);
  const via = await viaOf(environment, stores, options);
  const results: Drilled[] = [];
  for (const store of stores) {
    const props: CopyProps = {
      ...{ rds, environment, store, signal, progress },
      pollMs: (options.poll ?? POLL_SECONDS) * MS,
      timeoutMs: (options.timeout ?? TIMEOUT_MINUTES) * MINUTE_SECONDS * MS,
    };
    results.push(await drillOne(props, ca, via));
  }
  return results;
}

function chosen(environment: Environment, name: string | undefined): DatabaseStore[] {
  const all = databasesOf(environment);
  const found = name === undefined ? all : all.filter((store) => store.name === name);
  if (found.length === 0) {
    const names = all.map((store) => store.name);
    const there = names.length > 0 ? `Use one of: ${names.join(", ")}.` : "It has none.";
    throw new CommandError(
      `${environment.name} has no database${name ? ` "${name}"` : ""}. ${didYouMean(nearest(name ?? "", names), there)}`,
    );
  }
  return found;
}

async function viaOf(
  environment: Environment,
  stores: readonly DatabaseStore[],
  { tunnel }: DrillOptions,
): Promise<Via | undefined> {
  if (tunnel === undefined) {
    return undefined;
  }
  await checkPrograms();
  return tunnel === true
    ? bastionFor(environment, stores)
    : viaNamed(tunnel, await awsCliFor(environment));
}

async function drillOne(props: CopyProps, ca: string, via: Via | undefined): Promise<Drilled> {
  const { store, progress } = props;
  const snapshot = await latestSnapshot(props).catch((error: Error) => {
    throw isFromAws(error) ? refusedByAws(error) : error;
  });
  const { DBSnapshotIdentifier = "", SnapshotCreateTime } = snapshot;
  progress(`${store.name}: restoring ${DBSnapshotIdentifier}`);
  const copy = new Copy(props);
  const start = Date.now();
  const elapsed = () => Math.round((Date.now() - start) / MS);
  try {
    await copy.restore(snapshot);
    const available = elapsed();
    const reached = await copy.reach();
    const { login, databases } = await through(props, { reached, ca, via }, async (address) => {
      const server = {
        ...{ host: address.host, port: address.port, user: reached.user },
        password: reached.password,
        database: store.settings.dbName ?? INITIAL_DATABASE,
        ssl: { ca: readFileSync(ca, "utf8"), servername: reached.host },
        connectionTimeoutMillis: 30_000,
      };
      await logIn(server, props.signal, PASSWORD_MS);
      return { login: elapsed(), databases: await verify(server, props.signal, progress) };
    });
    return {
      store: store.name,
      snapshot: DBSnapshotIdentifier,
      snapshotTime: SnapshotCreateTime?.toISOString() ?? "",
      instance: copy.identifier,
      seconds: { available, login, verified: elapsed() },
      databases,
      passed: databases.every(({ problems }) => problems.length === 0),
    };
  } catch (error) {
    throw explained(error as Error & { code?: string }, copy.identifier, props.signal);
  } finally {
    await copy.remove();
  }
}

/** Errors of the network and of the server, which have a code; a defect has none. */
function explained(
  error: Error & { code?: string },
  identifier: string,
  { aborted }: AbortSignal,
): Error {
  if (aborted) {
    return new CommandError(`The drill was stopped. ${identifier} is deleted.`);
  }
  if (error instanceof CommandError) {
    return error;
  }
  if (isFromAws(error)) {
    return refusedByAws(error);
  }
  const isFromServer = error.code !== undefined || /timeout|certificate/.test(error.message);
  return isFromServer
    ? new CommandError(
        `${identifier} was restored, but cannot be read: ${error.message || error.code}. From outside the VPC, add --tunnel.`,
      )
    : error;
}

/** Errors of the AWS SDK: an answer of AWS, or no credentials. */
function isFromAws(error: Error): boolean {
  return "$metadata" in error || error.name === "CredentialsProviderError";
}

function refusedByAws({ name, message }: Error): CommandError {
  return new CommandError(
    `AWS answered ${name}: ${message.replace(/\.$/, "")}. Log in with credentials that allow it; docs/guides/restore-and-upgrade.md lists the permissions.`,
  );
}

interface Way {
  readonly reached: Reached;
  readonly ca: string;
  readonly via: Via | undefined;
}

/** Uses the copy's own address, or the near end of a tunnel to it. */
async function through<T>(
  { environment, store, signal }: CopyProps,
  { reached, ca, via }: Way,
  use: (address: { readonly host: string; readonly port: number }) => Promise<T>,
): Promise<T> {
  const { host, port, user } = reached;
  if (!via) {
    return use({ host, port });
  }
  const address = { host: LOOPBACK, port: await freePort() };
  const cli = await awsCliFor(environment);
  const session = Session.start({ via, cli, host, port, localPort: address.port });
  const stop = () => session.close();
  signal.addEventListener("abort", stop);
  try {
    await arrive({
      probe: {
        target: {
          ...{ variable: "", kind: "database", host, port, address, user, password: undefined },
          ...{ database: INITIAL_DATABASE, tls: "verified", rootCertificate: ca },
        },
        place: { environment: environment.name, stack: store.stackId, inTask: false },
      },
      session,
      via: via.name,
      timeoutMs: TUNNEL_MS,
    });
    return await use(address);
  } finally {
    signal.removeEventListener("abort", stop);
    await session.close();
  }
}
