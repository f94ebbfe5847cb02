import { CommandError } from "../../cli/command-error";

/**
 * What a server or the network says, as an error for people. Anything else is a defect and stays as it is.
 * Errors of PostgreSQL and of sockets have such codes, `42501` or `ECONNRESET`; those of Redis have a name, and a lost connection has only its message.
 */
export function asCommandError(error: Error & { code?: string }): Error {
  const isFromServer =
    /^([0-9A-Z]{5}|E[A-Z]+)$/.test(error.code ?? "") ||
    error.name === "ReplyError" ||
    /Connection terminated|closes the connection|timeout/.test(error.message);
  return error instanceof CommandError || !isFromServer
    ? error
    : new CommandError(
        `The migration stopped: ${error.message || error.code}. Remove the cause and run the same command again: it continues where this one stopped.`,
      );
}
