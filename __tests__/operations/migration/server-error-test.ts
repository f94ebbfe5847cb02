import { CommandError } from "../../../cli/command-error";
import { asCommandError } from "../../../operations/migration/server-error";

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });
const named = (message: string, name: string) => Object.assign(new Error(message), { name });

test.each([
  [coded("permission denied for large object 5", "42501")],
  [coded("read ECONNRESET", "ECONNRESET")],
  [named("OOM command not allowed", "ReplyError")],
  [new Error("Connection terminated unexpectedly")],
  [new Error("The server closes the connection")],
])("%s is for people", (error) => {
  expect(asCommandError(error)).toEqual(
    new CommandError(
      `The migration stopped: ${error.message}. Fix the cause, then run the same command again: it continues where this one stopped.`,
    ),
  );
});

test.each([
  [coded("a defect", "ERR_INVALID_ARG_TYPE")],
  [new TypeError("undefined is not a function")],
  [new CommandError("as it is")],
])("%s stays as it is", (error) => {
  expect(asCommandError(error)).toBe(error);
});
