import type { Client } from "pg";
import type { Say } from "../progress";
import type { Archive, Listener, RestoreProps } from "./archive";
import type { Login } from "./login";
import type { PasswordFiles } from "./password-files";
import { restoredStructure } from "./restored";
import { type Entry, isLargeObject, isLeftOut, listed, matcher } from "./table-of-contents";

export interface RestorationProps {
  readonly archive: Archive;
  readonly client: Client;
  readonly login: Login;
  readonly passwords: PasswordFiles;
  readonly withGrants: boolean;
  /** Every role of the source. */
  readonly roles: readonly string[];
  /** Entries that are also left out. @default - none */
  readonly isLeftOut?: (entry: Entry) => boolean;
}

/** Restores parts of an archive into the target. Existing objects are not restored again. */
export class Restoration {
  constructor(private readonly props: RestorationProps) {}

  async entries(isWanted: (entry: Entry) => boolean): Promise<Entry[]> {
    const { archive, withGrants, isLeftOut: isAlsoLeftOut = () => false } = this.props;
    return (await archive.entries()).filter(
      (entry) => !isLeftOut(entry, withGrants) && !isAlsoLeftOut(entry) && isWanted(entry),
    );
  }

  async restore(
    what: Pick<RestoreProps, "entries" | "section" | "atomic">,
    listener: Listener,
  ): Promise<void> {
    const { archive, passwords, login } = this.props;
    const passwordFile = passwords.write(login);
    await archive.restore({ ...what, target: login, passwordFile }, listener);
  }

  /** In one transaction: all of them are there, or none. */
  async createTables(existingSchemas: readonly string[]): Promise<void> {
    const isThere = matcher(
      existingSchemas.map((schema) => listed("SCHEMA", "-", schema)),
      this.props.roles,
    );
    const entries = await this.entries((entry) => !isLargeObject(entry) && !isThere(entry));
    await this.restore({ entries, section: "pre-data", atomic: true }, () => undefined);
  }

  /** @param isWanted which of the entries after the data. @default - all */
  async createIndexes(say: Say, isWanted: (entry: Entry) => boolean = () => true): Promise<void> {
    const isDone = matcher(await restoredStructure(this.props.client), this.props.roles);
    const entries = await this.entries(
      (entry) => !isLargeObject(entry) && !isDone(entry) && isWanted(entry),
    );
    await this.restore({ entries, section: "post-data" }, (line) => {
      const [, item] = /: launching item \d+ (.*)$/.exec(line) ?? [];
      if (item) {
        say(item);
      }
    });
  }
}
