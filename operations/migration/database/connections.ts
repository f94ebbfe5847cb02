import type { Client } from "pg";
import { Interruption } from "../interruption";
import { asCommandError } from "../server-error";
import { prepareReader } from "./fingerprint";
import { connect, type Login } from "./login";
import { PasswordFiles } from "./password-files";
import { lockTarget } from "./sessions";

/** The state that the steps of a migration share. */
export interface Connections {
  readonly interruption: Interruption;
  readonly passwords: PasswordFiles;
  /** Opens one more session, which ends with the others. */
  readonly open: (login: Login) => Promise<Client>;
  readonly source: Client;
  readonly target: Client;
}

/**
 * Opens a session on both sides, keeps other migrations out of the target, and closes everything at the end.
 * @throws CommandError when a server fails, or after a signal.
 */
export async function withConnections<Result>(
  logins: { readonly source: Login; readonly target: Login },
  work: (connections: Connections) => Promise<Result>,
): Promise<Result> {
  const interruption = new Interruption();
  const passwords = new PasswordFiles();
  const clients: Client[] = [];
  try {
    const open = async (login: Login) => {
      const client = await connect(login);
      clients.push(client);
      return await prepareReader(client);
    };
    const [source, target] = [await open(logins.source), await open(logins.target)];
    await lockTarget(target);
    return await work({ interruption, passwords, open, source, target });
  } catch (error) {
    interruption.check();
    throw asCommandError(error as Error);
  } finally {
    passwords.remove();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    interruption.dispose();
  }
}

/** Waits for a query that a signal ends, with its session. */
export function watched<Result>(
  { interruption }: Pick<Connections, "interruption">,
  client: Client,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  return interruption.watch(work(client), () => {
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy();
  });
}
