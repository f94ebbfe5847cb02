import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandError } from "./command-error";

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MOST_BYTES = 65_536;

/**
 * Reads a secret from standard input: at a terminal after a prompt and without an echo, or else everything that is piped.
 * @throws CommandError unless it is one line of text.
 */
export async function readSecret(prompt: string): Promise<string> {
  const read = process.stdin.isTTY ? await typed(prompt) : await piped();
  const secret = read.replace(/\r?\n$/, "");
  const problem = problemOf(secret);
  if (problem) {
    throw new CommandError(`${problem} Enter one line, or pipe it. Nothing was written.`);
  }
  return secret;
}

/** Why a text cannot be a PostgreSQL password in a secret; undefined if it can. */
function problemOf(secret: string): string | undefined {
  if (secret === "") {
    return "The password is empty.";
  }
  return /[\n\r\0]/.test(secret) ? "The password has a line break or a NUL character." : undefined;
}

async function typed(prompt: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({
    input: process.stdin,
    output: silent,
    terminal: true,
    historySize: 0,
  });
  process.stderr.write(prompt);
  try {
    return await new Promise((resolve, reject) => {
      terminal.once("line", resolve);
      // Ctrl-C and Ctrl-D.
      terminal.once("close", () => reject(new CommandError("Stopped. Nothing was written.")));
    });
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}

async function piped(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) {
      throw new CommandError(
        `The password is longer than ${MOST_BYTES} bytes, which Secrets Manager does not store. Nothing was written.`,
      );
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CommandError("The password is not UTF-8 text. Nothing was written.");
  }
}
