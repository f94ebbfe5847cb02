import Table from "cli-table3";

/**
 * A plain table of left-aligned columns.
 * @param textWidth wraps the last column, and leaves out the lines between rows; nothing is wrapped without it.
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
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}
