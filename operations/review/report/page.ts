import { escaped, htmlPage, htmlTable, REPORT_STYLE } from "../../../cli/html";
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
  return htmlPage({
    title: "Review",
    style: REPORT_STYLE,
    body: `<h1 class="${verdict === "passed" ? "good" : "bad"}">Review: ${escaped(VERDICTS[verdict])}</h1>
${stacks.map(section).join("\n")}
<section>
<h2>Diagram</h2>
<p>In Mermaid, which GitHub and GitLab render.</p>
<pre>${escaped(drawing(stacks))}</pre>
</section>`,
  });
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
  "Unused approvals",
  ["approval"],
  unusedApprovals.map((key) => [key]),
)}
${lines.length > 0 ? `<p>${escaped(HOW_TO_APPROVE)}</p><pre>${escaped(lines.join("\n"))}</pre>` : ""}
${table(
  "Impact",
  ["resource", "attribute", "effect", "when", "what happens", "AWS documentation"],
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
  const heading = title ? `<h3>${escaped(title)}</h3>` : "";
  return rows.length === 0 ? "" : heading + htmlTable(head, rows, linked);
}

const AWS_PAGE = /^https:\/\/docs\.aws\.amazon\.com\/[\w./-]+$/;

function linked(cell: string): string {
  return AWS_PAGE.test(cell) ? `<a href="${escaped(cell)}">AWS</a>` : escaped(cell);
}
