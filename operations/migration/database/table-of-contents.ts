/** An entry of an archive, as `pg_restore --list` prints it. */
export interface Entry {
  readonly id: string;
  /** `TABLE DATA public article newsadmin`: what it is, its schema or `-`, its name, its owner. */
  readonly text: string;
  /** The whole line, for `--use-list`. */
  readonly line: string;
}

/** The entries of an archive, in its order. */
export function entriesOf(list: string): Entry[] {
  return list.split("\n").flatMap((line) => {
    const [, id, text] = /^(\d+); \d+ \d+ (.*)$/.exec(line) ?? [];
    return id !== undefined && text !== undefined ? [{ id, text, line }] : [];
  });
}

/** Large objects are restored in one transaction, apart from everything else. */
export function isLargeObject({ text }: Entry): boolean {
  return /^(BLOB|(ACL|COMMENT|SECURITY LABEL) - LARGE OBJECT )/.test(text);
}

export function isTableData({ text }: Entry): boolean {
  return text.startsWith("TABLE DATA ");
}

/**
 * Omitted entries: default privileges and user mappings are for roles of the source, and the comment of an extension
 * belongs to the extension.
 */
export function isLeftOut({ text }: Entry, withGrants: boolean): boolean {
  return (
    /^(DEFAULT ACL|USER MAPPING|COMMENT - EXTENSION|SUBSCRIPTION) /.test(text) ||
    (!withGrants && text.startsWith("ACL "))
  );
}

/** How pg_restore writes names: on one line. */
export function listed(...words: readonly string[]): string {
  return words.map((word) => word.replaceAll(/[\n\r]/g, " ")).join(" ");
}

/**
 * Identifies entries regardless of their owner.
 * @param names `INDEX public article_pkey`, as `listed` writes them
 * @param owners every role of the source
 */
export function matcher(
  names: Iterable<string>,
  owners: readonly string[],
): (entry: Entry) => boolean {
  const all = new Set(names);
  const endings = ["", ...owners].map((owner) => ` ${listed(owner)}`);
  return ({ text }) =>
    endings.some((ending) => text.endsWith(ending) && all.has(text.slice(0, -ending.length)));
}
