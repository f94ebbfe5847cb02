import { escaped } from "../../cli/html";
import type { Report } from "../../rehearsal/report-data";
import { page, rulesDrawing, timesByType } from "../../rehearsal/report-page";
import type { Outcome, Rule } from "../../rehearsal/step";

const rule: Rule = {
  store: "database",
  protocol: "tcp",
  port: 5432,
  toPort: 5432,
  source: "sg-0123456789abcdef0",
  description: "api to the database",
};

const work = (address: string, seconds: number) => ({
  stack: "news-api-dev-database",
  address,
  action: "create",
  seconds,
});

const step = (name: string, more: Partial<Outcome> = {}): Outcome => ({
  name,
  title: `The step ${name}`,
  state: "passed",
  startedAtSeconds: 50,
  seconds: 25,
  seen: { text: `what ${name} saw` },
  ...more,
});

const report: Report = {
  environment: "news-api-dev",
  passed: true,
  began: "2026-11-23T07:18:00.000Z",
  seconds: 100,
  versions: { Terraform: "1.11.4" },
  leftOut: ["database.restoreFrom: a new account has no backup"],
  steps: [
    step("deploy", {
      seen: {
        text: "13 to create",
        work: [work("aws_db_instance.database", 81), work("aws_ssm_parameter.x", 1)],
        tables: [{ title: "The plan", head: ["resource"], rows: [["<script>alert(1)</script>"]] }],
      },
    }),
    step("verify-deployment", { seen: { text: "1 rule", rules: [rule] } }),
    step("teardown", { state: "failed", seen: { text: "Still there: a & b" } }),
  ],
};

const html = page(report);

test("each step has its title, its duration, its result, and a bar in the timeline", () => {
  for (const { title, seen } of report.steps) {
    expect(html).toContain(`<strong>${title}</strong>`);
    expect(html).toContain(`<div class="seen">${escaped(seen.text)}</div>`);
  }
  expect(html.match(/margin-left:50\.0%;width:25\.0%/g)).toHaveLength(3);
  expect(html.match(/<span class="time">25 s<\/span>/g)).toHaveLength(3);
  expect(html).toContain('<li class="failed">');
});

test("the page is self-contained: no script, no address, no file", () => {
  expect(html).not.toMatch(/<script|<link|<img|src=|href=|url\((?!#)|@import|https?:/i);
});

test("text from AWS is shown as text, never as markup", () => {
  expect(html).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
  expect(escaped(`<a href="x">'&'</a>`)).toBe(
    "&#60;a href=&#34;x&#34;&#62;&#39;&#38;&#39;&#60;/a&#62;",
  );
});

test("it fits a phone", () => {
  expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
});

test("the provider's own waits are named with the longest of each type", () => {
  expect(timesByType(report.steps)).toEqual([
    { type: "aws_db_instance", longestSeconds: 81, times: 1 },
    { type: "aws_ssm_parameter", longestSeconds: 1, times: 1 },
  ]);
  expect(html).toContain("where Terraform took long (aws_db_instance up to 81 s)");
});

test("the drawing has a box for each client and data store, and an arrow with its port for each rule", () => {
  const cache: Rule = {
    ...rule,
    store: "cache",
    port: 6379,
    toPort: 6379,
    description: "api to the cache",
  };
  const drawing = rulesDrawing([rule, cache]);
  expect(drawing.match(/<rect /g)).toHaveLength(3);
  expect(drawing.match(/marker-end/g)).toHaveLength(2);
  expect(drawing).toMatch(/class="port"[^>]*>5432</);
  expect(drawing).toMatch(/class="port"[^>]*>6379</);
  expect(drawing).toContain(
    'aria-label="api: sg-0123456789abcdef0 reaches the database on port 5432; api: sg-0123456789abcdef0 reaches the cache on port 6379"',
  );
});

test("the settings that the rehearsal left out are named", () => {
  expect(html).toContain("Left out: database.restoreFrom: a new account has no backup");
});

test("a long name is shortened in its box, and a tooltip shows it whole", () => {
  const name = "x".repeat(40);
  const svg = rulesDrawing([{ ...rule, description: `${name} to the database` }]);
  expect(svg).toContain(`<title>${name}: ${rule.source}</title>`);
  expect(svg).toContain(`>${"x".repeat(21)}…</text>`);
});
