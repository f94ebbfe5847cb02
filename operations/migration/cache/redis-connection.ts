import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import RedisParser from "redis-parser";
import { CommandError } from "../../../cli/command-error";
import type { Target } from "../../connectivity/target";

export type Reply = Buffer | number | null | Reply[];
export type Word = string | number | Buffer;

const CONNECT_TIMEOUT_MS = 15_000;
/** Names the connections in CLIENT LIST. */
export const CLIENT_NAME = "npm-run-migrate";

/** How to log in to a server of Redis. */
export type CacheLogin = Pick<
  Target,
  "host" | "port" | "user" | "password" | "tls" | "rootCertificate"
>;

/** `redis://host:6379`, for people. */
export function addressOf({ host, port, tls }: CacheLogin): string {
  return `${tls === "off" ? "redis" : "rediss"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A connection to a server of Redis. Commands are sent at once; replies come in their order, byte for byte. */
export class RedisConnection {
  private readonly waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  private lost: Error | undefined;

  private constructor(private readonly socket: Socket) {
    const parser = new RedisParser({
      returnBuffers: true,
      returnReply: (reply: unknown) => this.waiting.shift()?.resolve(reply as Reply),
      returnError: (error) => this.waiting.shift()?.reject(error),
      returnFatalError: (error) => socket.destroy(error),
    });
    socket.on("data", (data) => parser.execute(data));
    const lose = (error?: unknown) => {
      this.lost ??= error instanceof Error ? error : new Error("The server closes the connection");
      for (const { reject } of this.waiting.splice(0)) {
        reject(this.lost);
      }
    };
    socket.on("error", lose);
    socket.on("close", () => lose());
  }

  /**
   * Connects and logs in.
   * @throws CommandError when the server cannot be reached, or refuses.
   */
  static async open(side: "source" | "target", login: CacheLogin): Promise<RedisConnection> {
    const socket = socketTo(login);
    try {
      const late = setTimeout(() => socket.destroy(new Error("no answer")), CONNECT_TIMEOUT_MS);
      await once(socket, login.tls === "off" ? "connect" : "secureConnect");
      clearTimeout(late);
      const connection = new RedisConnection(socket);
      const { user, password } = login;
      if (password !== undefined) {
        await connection.send("AUTH", ...(user ? [user] : []), password);
      }
      await connection.send("CLIENT", "SETNAME", CLIENT_NAME);
      return connection;
    } catch (error) {
      socket.destroy();
      const { message, code } = error as NodeJS.ErrnoException;
      throw new CommandError(`The ${side} ${addressOf(login)} cannot be used: ${message || code}.`);
    }
  }

  /** @throws Error with the server's own message, such as `WRONGPASS …`, or with the reason why the connection is lost. */
  send(...words: readonly Word[]): Promise<Reply> {
    const reply = new Promise<Reply>((resolve, reject) => {
      if (this.lost) {
        reject(this.lost);
        return;
      }
      this.waiting.push({ resolve, reject });
      this.socket.write(encoded(words));
    });
    // Of several that wait, only the first failure is looked at.
    reply.catch(() => undefined);
    return reply;
  }

  async text(...words: readonly Word[]): Promise<string> {
    return String(await this.send(...words));
  }

  close(): void {
    this.socket.destroy();
  }
}

function socketTo({ host, port, tls, rootCertificate }: CacheLogin): Socket {
  if (tls === "off") {
    return connectTcp({ host, port, noDelay: true });
  }
  const ca = rootCertificate === undefined ? undefined : readFileSync(rootCertificate);
  return connectTls({ host, port, ca, ...(isIP(host) ? {} : { servername: host }) });
}

/** @see https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function encoded(words: readonly Word[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}

/** The `name:value` lines of INFO. */
export function fieldsOf(info: string): Record<string, string> {
  return Object.fromEntries(
    info.split("\r\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}
