import Table from "cli-table3";

/** The padding of a column, on both sides. */
const PADDING = 2;

/**
 * A plain table of left-aligned columns.
 * @param textWidth wraps the last column and omits the lines between rows. @default - nothing is wrapped
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  textWidth?: number,
): string {
  const wrapped = textWidth && {
    colWidths: head.map((_, index) => (index === head.length - 1 ? textWidth : null)),
    wordWrap: true,
  };
  const made = new Table({
    ...wrapped,
    head: [...head],
    style: { head: [], border: [], compact: textWidth !== undefined },
  });
  made.push(...rows.map((row) => row.map((cell) => broken(cell, textWidth))));
  return made.toString();
}

/** The table would drop the rest of a word that is longer than its column. */
function broken(cell: string, textWidth: number | undefined): string {
  const room = (textWidth ?? Number.POSITIVE_INFINITY) - PADDING;
  return cell.replaceAll(/\S+/g, (word) =>
    word.length > room ? (word.match(new RegExp(`.{1,${room}}`, "gs")) ?? []).join("\n") : word,
  );
}
