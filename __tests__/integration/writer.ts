import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";

/** A write to a read-only database, and a session that is ended. */
const READ_ONLY = "25006";
const PAUSE_MS = 5;

/**
 * An application that writes without end to `ledger (writer, number, value)`, and remembers what the server acknowledged.
 * It connects again when it loses its session.
 */
export class Writer {
  private readonly acknowledged = new Map<number, string>();
  /** Sent, but the session ended before the answer. */
  private readonly uncertain = new Set<number>();
  private client: Client | undefined;
  private isWriting = true;
  private refusedAt: number | undefined;
  private readonly done: Promise<void>;
  writes = 0;

  constructor(
    private readonly config: ClientConfig,
    private readonly id: number,
  ) {
    this.done = this.write();
  }

  private async write(): Promise<void> {
    for (let number = 1; this.isWriting; number++) {
      const wanted = await this.attempt(number, "INSERT INTO ledger VALUES ($1, $2, $3)", "new");
      if (wanted && number % 2 === 0) {
        const update = "UPDATE ledger SET value = $3 WHERE writer = $1 AND number = $2";
        await this.attempt(number - 1, update, `changed by ${number}`);
      }
      if (wanted && number % 3 === 0) {
        await this.attempt(number - 2, "DELETE FROM ledger WHERE writer = $1 AND number = $2");
      }
      await sleep(PAUSE_MS);
    }
    await this.client?.end().catch(() => undefined);
  }

  /** @returns whether the server acknowledged it */
  private async attempt(number: number, statement: string, value?: string): Promise<boolean> {
    try {
      this.client ??= await this.connected();
    } catch {
      return false;
    }
    try {
      const more = value === undefined ? [] : [value];
      await this.client.query(statement, [this.id, number, ...more]);
    } catch (error) {
      this.failed(number, error as Error & { code?: string });
      return false;
    }
    this.writes++;
    if (value === undefined) {
      this.acknowledged.delete(number);
    } else if (value === "new" || this.acknowledged.has(number)) {
      this.acknowledged.set(number, value);
    }
    return true;
  }

  private failed(number: number, { code }: { code?: string }): void {
    this.refusedAt ??= performance.now();
    if (code !== READ_ONLY) {
      this.uncertain.add(number);
      this.client?.end().catch(() => undefined);
      this.client = undefined;
    }
  }

  private async connected(): Promise<Client> {
    const client = new Client(this.config);
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  /** Stops it. @returns when the first write failed */
  async stop(): Promise<number | undefined> {
    this.isWriting = false;
    await this.done;
    return this.refusedAt;
  }

  /** What a server does not have, or has otherwise, of what was acknowledged; and what it should not have. */
  async missingIn(client: Client): Promise<string[]> {
    const { rows } = await client.query("SELECT number, value FROM ledger WHERE writer = $1", [
      this.id,
    ]);
    const found = new Map<number, string>(rows.map(({ number, value }) => [number, value]));
    const numbers = new Set([...found.keys(), ...this.acknowledged.keys()]);
    return [...numbers]
      .filter((number) => !this.uncertain.has(number))
      .filter((number) => found.get(number) !== this.acknowledged.get(number))
      .map((number) => `${number}: ${this.acknowledged.get(number)} → ${found.get(number)}`);
  }
}
