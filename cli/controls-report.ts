import { type Control, described } from "../controls/control";
import {
  countsOf,
  type Finding,
  type Result,
  STATUSES,
  unusedWaivers,
  type WaiverContext,
} from "../controls/evaluation";
import { NOT_DEMANDED } from "../controls/not-demanded";
import { table } from "./table";

/** The results for one environment. */
export interface Report {
  readonly name: string;
  readonly results: readonly Result[];
  readonly waiverContext: WaiverContext;
}

/** Whether action is required: to meet or waive a control, or to remove a waiver. */
export function isBroken({ results, waiverContext }: Report): boolean {
  return countsOf(results).violated > 0 || unusedWaivers(results, waiverContext).length > 0;
}

/** The width of the last column: the table fits into a terminal of 120 columns. */
const TEXT_WIDTH = 67;

const WAY_OUT =
  'Resolve each violation in the environment\'s settings, or give a reason: in `reasons` beside the setting, or in waivers: { "CONTROL": "a sentence" }.';

/** The report for people. Violations come last, above the counts. */
export function textReport({ name, results, waiverContext }: Report): string {
  const rows = STATUSES.flatMap((status) => results.filter((result) => result.status === status));
  const idle = unusedWaivers(results, waiverContext).map(
    ({ control: { id }, status }) =>
      `waivers: "${id}" is unused, because the control is ${status}. Remove it.`,
  );
  return [
    table(["status", "control", "evaluated", "requirement"], rows.map(row), TEXT_WIDTH),
    ...idle,
    ...(countsOf(results).violated > 0 ? [WAY_OUT] : []),
    summary(name, results),
  ].join("\n");
}

function row({ control, status, evaluated, findings, reason }: Result): string[] {
  const wrong = new Set(findings.map(({ stack, address }) => `${stack} ${address}`)).size;
  const looked = wrong > 0 ? `${wrong} of ${evaluated} failed` : String(evaluated);
  const more = status === "waived" ? [`Waived: ${reason}`] : findings.map(line);
  return [status, control.id, looked, [control.demands, ...more].join("\n")];
}

function line({ stack, address, attribute, must, got, unknown }: Finding): string {
  const found = unknown ? `known after apply: ${got}` : `got: ${got}`;
  return `- ${stack}, ${address}: ${attribute} must ${must}; ${found}`;
}

function summary(name: string, results: readonly Result[]): string {
  const { controls, met, waived, violated, notApplicable, evaluations } = countsOf(results);
  return `${controls} controls of environment ${name}: ${met} met, ${waived} waived, ${violated} violated, ${notApplicable} not applicable. They evaluated ${evaluations} blocks.`;
}

/** For a program: the catalogue with the result of each control. */
export function jsonReport({ name, results, waiverContext }: Report) {
  return {
    environment: name,
    counts: countsOf(results),
    unusedWaivers: unusedWaivers(results, waiverContext).map(
      ({ control }: { control: Control }) => control.id,
    ),
    notDemanded: NOT_DEMANDED,
    controls: results.map(({ control, ...result }) => ({ ...described(control), ...result })),
  };
}
