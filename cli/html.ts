/** A text for an element or a quoted attribute of an HTML page. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

interface Page {
  readonly title: string;
  /** CSS. */
  readonly style: string;
  /** HTML, escaped. */
  readonly body: string;
}

/** A self-contained page without scripts. */
export function htmlPage({ title, style, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

type Row = readonly string[];

/**
 * A table.
 * @param cell writes a cell's text as HTML. @default - escaped
 */
export function htmlTable(head: Row, rows: readonly Row[], cell = escaped): string {
  const cells = (tag: string, row: Row) =>
    `<tr>${row.map((text) => `<${tag}>${cell(text)}</${tag}>`).join("")}</tr>`;
  return `<table>
<thead>${cells("th", head)}</thead>
<tbody>${rows.map((row) => cells("td", row)).join("\n")}</tbody>
</table>`;
}

/** Styles of a report whose tables are as wide as the page. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: 0.5rem; }
th, td { border: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; white-space: pre-line; }
pre { overflow-x: auto; padding: 0.6rem; border: 1px solid #8886; }
.good { color: #1a7f37; } .bad { color: #cf222e; }
`;
