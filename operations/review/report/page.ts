import type { Review, StackReview } from "../review";
import { drawing } from "./drawing";
import {
  approvalLines,
  countsText,
  findingText,
  HOW_TO_APPROVE,
  VERDICTS,
  whatIsCompared,
} from "./words";

/** The report as one HTML page without scripts. */
export function page({ verdict, stacks }: Review): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Review</title>
<style>${STYLE}</style>
</head>
<body>
<h1 class="${verdict}">Review: ${escaped(VERDICTS[verdict])}</h1>
${stacks.map(section).join("\n")}
<section>
<h2>Drawing</h2>
<p>As Mermaid, which GitHub and GitLab draw.</p>
<pre>${escaped(drawing(stacks))}</pre>
</section>
</body>
</html>
`;
}

function section(stack: StackReview): string {
  const { findings, unusedApprovals, impacts, drift, changes, notes } = stack;
  const lines = approvalLines(stack);
  return `<section>
<h2>${escaped(stack.stack)}</h2>
<p>${escaped(countsText(stack) + whatIsCompared(stack))}</p>
${notes.map((note) => `<p>${escaped(note)}</p>`).join("\n")}
${table(
  "Findings",
  ["resource", "finding"],
  findings.map((one) => [one.address, findingText(one)]),
)}
${table(
  "Approvals that nothing needs",
  ["approval"],
  unusedApprovals.map((key) => [key]),
)}
${lines.length > 0 ? `<p>${escaped(HOW_TO_APPROVE)}</p><pre>${escaped(lines.join("\n"))}</pre>` : ""}
${table(
  "What will hurt",
  ["resource", "attribute", "effect", "when", "what happens", "AWS's page"],
  impacts.map((one) => [one.address, one.attribute, one.effect, one.when, one.message, one.link]),
)}
${table(
  "Changed outside Terraform",
  ["resource", "attribute", "Terraform wrote", "is now"],
  drift.flatMap(({ address, message, attributes }) =>
    attributes.length > 0
      ? attributes.map(({ attribute, before, after }) => [
          address,
          attribute,
          String(before),
          String(after),
        ])
      : [[address, message, "", ""]],
  ),
)}
${changes
  .map(
    ({
      address,
      action,
      attributes,
    }) => `<details><summary>${escaped(`${action} ${address}`)}</summary>
${table(
  "",
  ["attribute", "before", "after"],
  attributes.map((one) => [one.attribute, one.before, one.after]),
)}</details>`,
  )
  .join("\n")}
</section>`;
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
    `<tr>${row.map((cell) => `<${tag}>${linked(cell)}</${tag}>`).join("")}</tr>`;
  return `${title ? `<h3>${escaped(title)}</h3>` : ""}<table>${cells("th", head)}${rows.map((row) => cells("td", row)).join("\n")}</table>`;
}

const AWS_PAGE = /^https:\/\/docs\.aws\.amazon\.com\/[\w./-]+$/;

function linked(cell: string): string {
  return AWS_PAGE.test(cell) ? `<a href="${escaped(cell)}">AWS</a>` : escaped(cell);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: 0.5rem; }
th, td { border: 1px solid #8886; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 0.6rem; border: 1px solid #8886; }
.passed { color: #1a7f37; } .refused, .error { color: #cf222e; }
`;
