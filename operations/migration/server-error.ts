import { CommandError } from "../../cli/command-error";

/**
 * Converts an error of a server or the network to an error for people. Any other error is a defect and stays unchanged.
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
        `The migration stopped: ${error.message || error.code}. Fix the cause, then run the same command again: it continues where this one stopped.`,
      );
}
