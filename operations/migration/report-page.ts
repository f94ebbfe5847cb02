import { type MigrationReport, timesText, VERDICTS } from "./report";

/** The report as one HTML page without scripts. */
export function page(report: MigrationReport): string {
  const { environment, store, source, target, versions, verdict, findings, verification } = report;
  const { contents = [], checks = [] } = verification ?? {};
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Migration of ${escaped(store)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1 class="${verdict}">Migration: ${escaped(VERDICTS[verdict])}</h1>
<p>${escaped(`${environment}, ${store}`)}<br>
From ${escaped(`${source} (${versions.source})`)}<br>
to ${escaped(`${target} (${versions.target})`)}</p>
${verification ? `<p>${escaped(timesText(report))}</p>` : ""}
${report.next.map((line) => `<p>${escaped(line)}</p>`).join("\n")}
${table(
  "Before it started",
  ["verdict", "about", "finding"],
  findings.map(({ verdict: own, name, message }) => [own, name, message]),
)}
${table(
  "Checks",
  ["check", "result", "what was compared", "differences"],
  checks.map(({ name, passed, detail, differences }) => [
    name,
    passed ? "ok" : "failed",
    detail,
    differences.join("\n"),
  ]),
)}
${table(
  "Contents",
  ["name", "source", "target", "result"],
  contents.map((one) => [one.name, one.source, one.target, one.agrees ? "ok" : "differs"]),
)}
</body>
</html>
`;
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) {
    return "";
  }
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<h2>${escaped(title)}</h2>
<table>${cells("th", head)}${rows.map((row) => cells("td", row)).join("\n")}</table>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: 0.5rem; }
th, td { border: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; white-space: pre-line; }
.agrees, .checked, .follows { color: #1a7f37; } .differs, .refused { color: #cf222e; }
`;
