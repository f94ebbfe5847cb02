import { escaped, htmlPage, htmlTable, REPORT_STYLE } from "../../cli/html";
import { type MigrationReport, timesText, VERDICTS } from "./report";

/** The report as one HTML page without scripts. */
export function page(report: MigrationReport): string {
  const { environment, store, source, target, versions, verdict, findings, verification } = report;
  const { contents = [], checks = [] } = verification ?? {};
  const isGood = verdict !== "differs" && verdict !== "refused";
  return htmlPage({
    title: `Migration of ${store}`,
    style: REPORT_STYLE,
    body: `<h1 class="${isGood ? "good" : "bad"}">Migration: ${escaped(VERDICTS[verdict])}</h1>
<p>${escaped(`${environment}, ${store}`)}<br>
From ${escaped(`${source} (${versions.source})`)}<br>
to ${escaped(`${target} (${versions.target})`)}</p>
${verification ? `<p>${escaped(timesText(report))}</p>` : ""}
${report.next.map((line) => `<p>${escaped(line)}</p>`).join("\n")}
${section(
  "Findings",
  ["verdict", "about", "finding"],
  findings.map(({ verdict: own, name, message }) => [own, name, message]),
)}
${section(
  "Checks",
  ["check", "result", "what was compared", "differences"],
  checks.map(({ name, passed, detail, differences }) => [
    name,
    passed ? "ok" : "failed",
    detail,
    differences.join("\n"),
  ]),
)}
${section(
  "Contents",
  ["name", "source", "target", "result"],
  contents.map((one) => [one.name, one.source, one.target, one.agrees ? "ok" : "differs"]),
)}`,
  });
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? "" : `<h2>${escaped(title)}</h2>\n${htmlTable(head, rows)}`;
}
