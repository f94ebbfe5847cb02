import type { Drift } from "../drift";
import type { Review, ReviewedChange, StackReview } from "../review";
import { drawing } from "./drawing";
import {
  approvalLines,
  countsText,
  felt,
  findingText,
  HOW_TO_APPROVE,
  VERDICTS,
  whatIsCompared,
} from "./words";

/** GitHub refuses a comment of 65,536 characters or more. Some room is left for what a workflow adds. */
export const LONGEST_COMMENT = 65_000;
const LONGEST_VALUE = 200;
/** Lets a workflow find its own comment again. */
export const MARKER = "<!-- managed-data-stores review -->";

interface Section {
  /** Left out first when the report is too long, the highest number first. */
  readonly rank: number;
  readonly text: string;
  readonly what: string;
}

/** The report as a comment of a pull request. Parts that do not fit are omitted and named. */
export function markdown(review: Review, longest = LONGEST_COMMENT): string {
  const sections = sectionsOf(review);
  const kept = new Set<Section>();
  let room = longest - NOTE_ROOM;
  for (const section of [...sections].sort((one, other) => one.rank - other.rank)) {
    if (section.text.length + 2 <= room) {
      kept.add(section);
      room -= section.text.length + 2;
    }
  }
  const dropped = sections.filter((section) => !kept.has(section)).map(({ what }) => what);
  return [
    ...sections.filter((section) => kept.has(section)).map(({ text }) => text),
    ...note(dropped),
  ].join("\n\n");
}

const NOTE_ROOM = 500;

function note(dropped: readonly string[]): string[] {
  const listed = dropped
    .slice(0, 5)
    .map(inline)
    .join(", ")
    .slice(0, NOTE_ROOM - 200);
  return dropped.length > 0
    ? [
        `> **Truncated:** ${dropped.length} parts do not fit into a comment (${listed}${dropped.length > 5 ? ", …" : ""}). \`--format html\` and \`--format json\` show everything.`,
      ]
    : [];
}

function sectionsOf(review: Review): Section[] {
  const { stacks, verdict } = review;
  const chart = drawing(stacks);
  return [
    { rank: 0, what: "the verdict", text: `${MARKER}\n## Review: ${VERDICTS[verdict]}` },
    ...stacks.flatMap(findingSections),
    ...stacks.flatMap(detailSections),
    { rank: 3, what: "the diagram", text: folded("Drawing", `\`\`\`mermaid\n${chart}\n\`\`\``) },
  ];
}

/** Each finding is a separate section, so that as many as possible fit. */
function findingSections(stack: StackReview): Section[] {
  const { stack: id, findings, notes, unusedApprovals } = stack;
  const lines = approvalLines(stack);
  return [
    {
      rank: 0,
      what: `the heading of ${id}`,
      text: `### ${inline(id)}\n\n${countsText(stack)}${inline(whatIsCompared(stack))}. ${findings.length} findings.${notes.map((one) => `\n\n> ${inline(one)}`).join("")}`,
    },
    ...findings.map((one) => ({
      rank: 1,
      what: `a finding of ${id}`,
      text: `- ${one.approval === undefined ? "⛔" : "✅"} \`${code(one.address)}\` ${inline(findingText(one))}`,
    })),
    ...unusedApprovals.map((key) => ({
      rank: 1,
      what: `an approval of ${id}`,
      text: `- ⚠️ Nothing in the plan needs the approval \`${code(key)}\`. Remove it.`,
    })),
    ...(lines.length > 0
      ? [
          {
            rank: 2,
            what: `the approvals for ${id}`,
            text: folded(
              "How to approve",
              `${HOW_TO_APPROVE}\n\n\`\`\`ts\napprovals: {\n${lines.map((line) => `  ${line.replaceAll("`", "'")}`).join("\n")}\n}\n\`\`\``,
            ),
          },
        ]
      : []),
  ];
}

function detailSections(stack: StackReview): Section[] {
  const { stack: id, drift, changes } = stack;
  const hurting = felt(stack);
  const impactRows = hurting.map(({ address, attribute, effect, when, message, link }) =>
    row([
      `\`${code(address)}\``,
      inline(attribute),
      effect,
      when,
      `${inline(message)} [AWS](${link})`,
    ]),
  );
  return [
    ...(hurting.length > 0
      ? [
          {
            rank: 2,
            what: `the impact on ${id}`,
            text: `**Impact**\n\n${table(["resource", "attribute", "effect", "when", "what happens"], impactRows)}`,
          },
        ]
      : []),
    ...(drift.length > 0
      ? [
          {
            rank: 2,
            what: `the drift of ${id}`,
            text: `**Changed outside Terraform**\n\n${drift.map(driftText).join("\n")}`,
          },
        ]
      : []),
    ...changes.map((one) => ({ rank: 4, what: one.address, text: changeText(one) })),
  ];
}

function driftText({ address, message, attributes }: Drift): string {
  const lines = attributes.map(
    ({ attribute, before, after }) =>
      `  - ${inline(attribute)}: ${value(String(before))} → ${value(String(after))}`,
  );
  return [`- \`${code(address)}\` ${inline(message)}`, ...lines].join("\n");
}

function changeText({ address, action, attributes }: ReviewedChange): string {
  const rows = attributes.map(({ attribute, before, after }) =>
    row([inline(attribute), value(before), value(after)]),
  );
  const body =
    rows.length > 0 ? table(["attribute", "before", "after"], rows) : "No attributes to compare.";
  return folded(`${action} ${address}`, body);
}

function folded(summary: string, body: string): string {
  return `<details><summary>${inline(summary)}</summary>\n\n${body}\n\n</details>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), row(head.map(() => "---")), ...rows].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function value(text: string): string {
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return `\`${code(short)}\``;
}

/** Inside backquotes, in a table. */
function code(text: string): string {
  return text.replaceAll("`", "'").replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
}

/** Text escaped for Markdown and HTML, without mentions of users. */
function inline(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]|#~]/g, (character) => `\\${character}`)
    .replaceAll("@", "&#64;")
    .replaceAll(/\s+/g, " ");
}
