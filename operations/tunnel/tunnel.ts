import { CommandError } from "../../cli/command-error";
import { checkSecretTarget } from "../../cli/dotenv-file";
import { type DataStore, dataStoresOf } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { didYouMean, nearest } from "../../validation/suggestion";
import { outputsOf } from "../connectivity/store-outputs";
import { arrive, explained } from "./arrival";
import { awsCliFor } from "./aws-cli";
import { runCommand } from "./command";
import { caBundle, type NearEnd, nearEnd, urlOf } from "./near-end";
import { checkPrograms } from "./programs";
import { freePort, Session } from "./session";
import { bastionFor, type Via, viaNamed } from "./via";

const TIMEOUT_SECONDS = 30;
/** A shell's exit code for a program that Ctrl-C kept from running. */
const INTERRUPTED = 130;
const MS = 1000;

export interface TunnelOptions {
  /** An instance or a task instead of the bastion. */
  readonly via?: string;
  /** The port on loopback, for one data store. @default - a free one */
  readonly port?: number;
  readonly ca?: string;
  /** Seconds until a data store answers. @default 30 */
  readonly timeout?: number;
  /** Print the password in the URL. */
  readonly reveal?: true;
}

/** A tunnel that is being opened. */
interface Tunnel {
  readonly end: NearEnd;
  readonly session: Session;
}

/** Tunnels, and what to do with them. */
interface Opening {
  readonly environment: Environment;
  readonly tunnels: readonly Tunnel[];
  readonly via: Via;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/**
 * Opens a tunnel to each data store, runs a program or waits for Ctrl-C, and ends everything that it started.
 * @param store the name of the data store. @default - all of the environment
 * @param command a program with its arguments. @default - none: it waits
 * @returns the program's exit code; 0 after Ctrl-C.
 * @throws CommandError when a tunnel cannot be opened, or ends by itself.
 */
export async function openTunnels(
  environment: Environment,
  store: string | undefined,
  command: readonly string[],
  options: TunnelOptions,
): Promise<number> {
  const stores = chosen(environment, store);
  checkOptions(stores, options);
  const ca = caBundle(stores, options.ca);
  await checkPrograms();
  const cli = await awsCliFor(environment);
  const via = options.via
    ? await viaNamed(options.via, cli)
    : await bastionFor(environment, stores);
  const withPassword = command.length > 0 || options.reveal === true;
  const ends = await Promise.all(
    (await outputsOf(environment, stores)).map(async (found) => {
      const localPort = options.port ?? (await freePort());
      return nearEnd({ environment, found, localPort, ca, withPassword });
    }),
  );
  const told = new Told();
  const tunnels = ends.map((end): Tunnel => {
    const { host, port, address } = end.target;
    const session = Session.start({ via, cli, host, port, localPort: address.port });
    return { end, session };
  });
  try {
    const timeoutMs = (options.timeout ?? TIMEOUT_SECONDS) * MS;
    return await use({ environment, tunnels, via, command, timeoutMs }, told);
  } finally {
    await Promise.all(tunnels.map(({ session }) => session.close()));
    told.stop();
  }
}

/** Runs before any state is read, which takes seconds. */
function checkOptions(stores: readonly DataStore[], { port, reveal }: TunnelOptions): void {
  if (port !== undefined && stores.length > 1) {
    throw new CommandError(
      "--port is for one data store. Name the data store after the environment.",
    );
  }
  if (reveal) {
    checkSecretTarget(undefined);
  }
}

async function use(opening: Opening, told: Told): Promise<number> {
  const { tunnels, via, command } = opening;
  if (await told.before(arrivals(opening))) {
    return command.length > 0 ? INTERRUPTED : 0;
  }
  const ends = tunnels.map(({ end }) => end);
  if (command.length > 0) {
    return runCommand(command, ends);
  }
  print(ends, via.name);
  const ended = Promise.race(tunnels.map(({ session }) => session.ended));
  await told.before(
    ended.then((output) => {
      throw new CommandError(explained(output, via.name));
    }),
  );
  return 0;
}

/** Every data store answers. */
function arrivals({ environment, tunnels, via, timeoutMs }: Opening): Promise<unknown> {
  return Promise.all(
    tunnels.map(({ end, session }) => {
      const place = { environment: environment.name, stack: end.store.stackId, inTask: false };
      return arrive({ probe: { target: end.target, place }, session, via: via.name, timeoutMs });
    }),
  );
}

function chosen(environment: Environment, name: string | undefined): DataStore[] {
  const all = dataStoresOf(environment);
  const found = name === undefined ? all : all.filter((store) => store.name === name);
  if (found.length === 0) {
    const names = all.map((store) => store.name);
    const instead = didYouMean(nearest(name ?? "", names), `Use one of: ${names.join(", ")}.`);
    throw new CommandError(`${environment.name} has no data store "${name}". ${instead}`);
  }
  return found;
}

/** Whether this process was asked to end. */
class Told {
  private readonly signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  private tell: () => void = () => {};
  private readonly told = new Promise<true>((resolve) => {
    this.tell = () => resolve(true);
  });
  private readonly listener = () => this.tell();

  constructor() {
    for (const signal of this.signals) {
      process.on(signal, this.listener);
    }
  }

  /** True when a signal arrived before the work was done. */
  async before(done: Promise<unknown>): Promise<boolean> {
    done.catch(() => undefined);
    return Promise.race([this.told, done.then(() => false)]);
  }

  /** Stops listening for signals. */
  stop(): void {
    for (const signal of this.signals) {
      process.off(signal, this.listener);
    }
  }
}

function print(ends: readonly NearEnd[], via: string): void {
  for (const end of ends) {
    const { tls, kind, host } = end.target;
    console.log(`${end.store.name}  ${urlOf(end)}`);
    if (kind === "cache" && tls !== "off") {
      console.error(`  TLS server name: ${host}`);
    }
  }
  console.error(`Open through ${via}. Ctrl-C closes ${ends.length > 1 ? "them" : "it"}.`);
}
