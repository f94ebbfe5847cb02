import { escaped, htmlPage, htmlTable } from "../cli/html";
import { portsText } from "./inventory";
import type { Report } from "./report-data";
import type { Outcome, ReportTable, Rule } from "./step";

const MARKS = { passed: "✔", failed: "✘", "not applicable": "–", "not run": "·" } as const;

/** The emulator answers at once, so anything slower than this is the provider's own waiting. */
const WAITING_SECONDS = 20;

/** The report as one HTML page that needs nothing else. */
export function page(report: Report): string {
  const { environment, steps } = report;
  const tables = steps.flatMap(({ seen }) => seen.tables ?? []);
  return htmlPage({
    title: `Rehearsal of ${environment}`,
    style: STYLE,
    body: `${header(report)}
<main>
<section>
<h2>Steps</h2>
${timeline(report)}
<p>${escaped(waits(report))}</p>
</section>
${rulesOf(steps)}
${tables.map(tableSection).join("\n")}
</main>`,
  });
}

function header({ environment, passed, seconds, began, versions, leftOut }: Report): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `<header>
<h1>Rehearsal of ${escaped(environment)}</h1>
<p><strong class="${passed ? "passed" : "failed"}">${passed ? "Every step passed" : "Failed"}</strong>
in ${Math.round(seconds)} s, on ${escaped(began.slice(0, 16).replace("T", " "))} UTC,
with ${escaped(used.join(", "))}.</p>
${leftOut.map((text) => `<p>Left out: ${escaped(text)}</p>`).join("\n")}
</header>`;
}

/** One row for each step: what it saw, and a bar from its beginning to its end. */
function timeline({ steps, seconds }: Report): string {
  const rows = steps.map((step) => {
    const left = (100 * step.startedAtSeconds) / seconds;
    const width = Math.max(0.4, (100 * step.seconds) / seconds);
    return `<li class="${step.state.replace(" ", "-")}">
<div class="step"><span class="mark">${MARKS[step.state]}</span> <strong>${escaped(step.title)}</strong>
<span class="time">${Math.round(step.seconds)} s</span></div>
<div class="track"><div class="bar" style="margin-left:${left.toFixed(1)}%;width:${width.toFixed(1)}%"></div></div>
<div class="seen">${escaped(step.seen.text)}</div>
</li>`;
  });
  return `<ol class="timeline">${rows.join("\n")}</ol>`;
}

/** How long Terraform took for each type of resource, the longest first. */
export interface TypeTime {
  readonly type: string;
  readonly longestSeconds: number;
  readonly times: number;
}

export function timesByType(steps: readonly Outcome[]): TypeTime[] {
  const times = new Map<string, number[]>();
  for (const { address, seconds } of steps.flatMap(({ seen }) => seen.work ?? [])) {
    const type = address.split(".")[0] ?? "";
    times.set(type, [...(times.get(type) ?? []), seconds]);
  }
  return [...times]
    .map(([type, all]) => ({ type, longestSeconds: Math.max(...all), times: all.length }))
    .sort((one, other) => other.longestSeconds - one.longestSeconds);
}

function waits({ steps }: Report): string {
  const slow = timesByType(steps).filter(({ longestSeconds }) => longestSeconds > WAITING_SECONDS);
  if (slow.length === 0) {
    return "";
  }
  const listed = slow.map(({ type, longestSeconds }) => `${type} up to ${longestSeconds} s`);
  return `The emulator answers at once: where Terraform took long (${listed.join(", ")}), the provider waited between two polls. On AWS the database alone takes five to ten minutes.`;
}

/** The rules as they were deployed. */
function rulesOf(steps: readonly Outcome[]): string {
  const rules = steps.find(({ name }) => name === "verify-deployment")?.seen.rules ?? [];
  return rules.length === 0
    ? ""
    : `<section><h2>Who can connect</h2>${rulesDrawing(rules)}</section>`;
}

const ROW = 64;
const BOX = { width: 190, height: 48 };

/** Clients on the left, data stores on the right, an arrow with its port for each rule. */
export function rulesDrawing(rules: readonly Rule[]): string {
  const clients = [...new Set(rules.map(clientOf))];
  const stores = [...new Set(rules.map(({ store }) => store))];
  const height = Math.max(clients.length, stores.length) * ROW;
  const y = (index: number, of: number) => ((index + 0.5) * height) / of;
  const right = 310;
  const arrows = rules.map((rule) => {
    const from = y(clients.indexOf(clientOf(rule)), clients.length);
    const to = y(stores.indexOf(rule.store), stores.length);
    const [x, end] = [BOX.width, right - 8];
    return `<path d="M${x} ${from} C${x + 50} ${from} ${end - 50} ${to} ${end} ${to}" marker-end="url(#arrow)"/>
<text class="port" x="${(x + end) / 2}" y="${(from + to) / 2 - 6}">${escaped(portsText(rule))}</text>`;
  });
  const boxes = [
    ...clients.map((client, index) => box(0, y(index, clients.length), client)),
    ...stores.map((store, index) => box(right, y(index, stores.length), store)),
  ];
  return `<svg class="rules" viewBox="0 0 ${right + BOX.width} ${height}" role="img" aria-label="${escaped(rules.map((rule) => `${clientOf(rule)} reaches the ${rule.store} on port ${portsText(rule)}`).join("; "))}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z"/></marker></defs>
${arrows.join("\n")}
${boxes.join("\n")}
</svg>`;
}

/** A rule's description begins with its client's name. */
function clientOf({ description, source }: Rule): string {
  const [name] = description.split(" to the ");
  return name && name !== description ? `${name}: ${source}` : source;
}

/** The longest name that fits a box. A tooltip shows the whole name. */
const LONGEST_NAME = 22;

function box(x: number, middle: number, text: string): string {
  const [whole = "", source] = text.split(": ");
  const name = whole.length > LONGEST_NAME ? `${whole.slice(0, LONGEST_NAME - 1)}…` : whole;
  const lines = source
    ? `<text x="${x + BOX.width / 2}" y="${middle - 3}">${escaped(name)}</text><text class="source" x="${x + BOX.width / 2}" y="${middle + 14}">${escaped(source)}</text>`
    : `<text x="${x + BOX.width / 2}" y="${middle + 5}">${escaped(name)}</text>`;
  return `<g><title>${escaped(text)}</title><rect x="${x + 1}" y="${middle - BOX.height / 2}" width="${BOX.width - 2}" height="${BOX.height}" rx="6"/>${lines}</g>`;
}

function tableSection({ title, head, rows }: ReportTable): string {
  return `<section><h2>${escaped(title)}</h2><div class="scroll">${htmlTable(head, rows)}</div></section>`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f4b; --bad: #c0392b; --idle: #888; --bar: #3b73c4; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
.passed { color: var(--good); } .failed { color: var(--bad); }
.timeline { list-style: none; padding: 0; margin: 0; }
.timeline li { border-top: 1px solid var(--line); padding: 0.5rem 0; color: inherit; }
.step { display: flex; gap: 0.5rem; align-items: baseline; }
.step strong { flex: 1; font-weight: 600; }
.passed .mark { color: var(--good); } .failed .mark { color: var(--bad); }
.time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.track { background: var(--line); border-radius: 3px; margin: 0.3rem 0; }
.bar { background: var(--bar); height: 0.5rem; border-radius: 3px; }
.failed .bar { background: var(--bad); } .not-run .bar { background: none; }
.seen { font-size: 0.9rem; opacity: 0.85; white-space: pre-line; }
.failed .seen { color: var(--bad); opacity: 1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; min-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; border-top: 1px solid var(--line); white-space: pre-line; min-width: 7rem; max-width: 24rem; }
td:first-child { overflow-wrap: normal; }
.rules { width: 100%; max-width: 40rem; height: auto; font: 15px system-ui, sans-serif; }
.rules rect { fill: none; stroke: currentColor; }
.rules text { text-anchor: middle; fill: currentColor; }
.rules .source { font-size: 12px; opacity: 0.8; }
.rules .port { font-weight: 600; fill: var(--bar); }
.rules path { fill: none; stroke: var(--bar); stroke-width: 2; }
.rules marker path { fill: var(--bar); stroke: none; }
`;
