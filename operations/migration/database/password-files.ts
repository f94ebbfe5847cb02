import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../../../cli/command-error";
import type { Login } from "./login";

const OWNER_ONLY = 0o600;

/**
 * The passwords of the two databases as files that only their owner may read, for PGPASSFILE. They end with the process at
 * the latest.
 * @see https://www.postgresql.org/docs/17/libpq-pgpass.html
 */
export class PasswordFiles {
  private made: string | undefined;
  private readonly remover = () => this.remove();

  constructor() {
    process.once("exit", this.remover);
  }

  /** Created on first use, so that the state can name it before it contains anything. */
  get folder(): string {
    this.made ??= mkdtempSync(join(tmpdir(), "migrate-"));
    return this.made;
  }

  /**
   * @returns the path; undefined for a login without a password.
   * @throws CommandError for a password with a line break, which such a file cannot hold.
   */
  write({ side, password }: Login): string | undefined {
    if (password === undefined) {
      return undefined;
    }
    if (/[\n\r\0]/.test(password)) {
      throw new CommandError(
        `The password of the ${side} has a line break or a NUL character, which PGPASSFILE cannot hold. Change it.`,
      );
    }
    const file = join(this.folder, side);
    writeFileSync(file, `*:*:*:*:${password.replaceAll(/[:\\]/g, "\\$&")}\n`, { mode: OWNER_ONLY });
    return file;
  }

  remove(): void {
    process.off("exit", this.remover);
    removeFolder(this.made);
  }
}

/** Removes the passwords of an earlier run. */
export function removeFolder(folder: string | undefined): void {
  if (folder !== undefined) {
    rmSync(folder, { recursive: true, force: true });
  }
}
