import { table } from "../../../cli/table";
import type { Review, StackReview } from "../review";
import {
  approvalLines,
  countsText,
  felt,
  findingText,
  HOW_TO_APPROVE,
  VERDICTS,
  whatIsCompared,
} from "./words";

const TEXT_WIDTH = 60;

/** The report for a terminal. */
export function text({ verdict, stacks }: Review): string {
  return [...stacks.map(stackText), VERDICTS[verdict]].join("\n\n");
}

function stackText(stack: StackReview): string {
  const { findings, unusedApprovals, drift, notes } = stack;
  const rows = [
    ...findings.map((one) => [one.id, one.address, findingText(one)]),
    ...felt(stack).map(({ address, effect, message, when, link }) => [
      effect,
      address,
      `${message} (${when})\n${link}`,
    ]),
    ...drift.map(({ address, message, attributes }) => [
      "drift",
      address,
      `${message} ${attributes.map(({ attribute, before, after }) => `${attribute}: ${before} -> ${after}`).join("; ")}`,
    ]),
  ];
  const lines = approvalLines(stack);
  return [
    `${stack.stack}: ${countsText(stack)}${whatIsCompared(stack)}`,
    ...notes,
    ...(rows.length > 0 ? [table(["finding", "resource", "what happens"], rows, TEXT_WIDTH)] : []),
    ...unusedApprovals.map((key) => `approvals: "${key}" is not needed by the plan. Remove it.`),
    ...(lines.length > 0
      ? [HOW_TO_APPROVE, "approvals: {", ...lines.map((line) => `  ${line}`), "}"]
      : []),
  ].join("\n");
}
