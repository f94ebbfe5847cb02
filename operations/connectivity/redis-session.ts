import type { Socket } from "node:net";
import RedisParser from "redis-parser";

/** A connection to a Redis server on which one command follows the other. */
export class RedisSession {
  private readonly waiting: ((reply: string | Error) => void)[] = [];

  constructor(private readonly socket: Socket) {
    const settle = (reply: unknown) =>
      this.waiting.shift()?.(reply instanceof Error ? reply : String(reply));
    const parser = new RedisParser({
      returnReply: settle,
      returnError: settle,
      returnFatalError: (error) => socket.destroy(error),
    });
    socket.on("data", (data) => parser.execute(data));
    const lost = (error?: unknown) => {
      const reason = error instanceof Error ? error : new Error("The server closes the connection");
      for (const settleOne of this.waiting.splice(0)) {
        settleOne(reason);
      }
    };
    socket.on("error", lost);
    socket.on("close", () => lost());
  }

  /**
   * Sends a command and waits for its reply.
   * @throws Error with the server's own message, such as `WRONGPASS …`, or with the reason why the connection is lost.
   * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
   */
  async send(...words: readonly string[]): Promise<string> {
    const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    const reply = await new Promise<string | Error>((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(`*${words.length}\r\n${text.join("")}`);
    });
    if (reply instanceof Error) {
      throw reply;
    }
    return reply;
  }
}
