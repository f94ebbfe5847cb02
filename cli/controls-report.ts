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

/** What came out for one environment. */
export interface Report {
  readonly name: string;
  readonly results: readonly Result[];
  readonly waiverContext: WaiverContext;
}

/** Whether somebody has to do something: meet a control or waive it, or take back a waiver. */
export function isBroken({ results, waiverContext }: Report): boolean {
  return countsOf(results).violated > 0 || unusedWaivers(results, waiverContext).length > 0;
}

/** The widest of what is in the last column; a terminal of 120 columns shows it whole. */
const TEXT_WIDTH = 67;

const WAY_OUT =
  'Put what is violated right in the environment\'s settings, or write why it stays: in the reasons beside the setting, else waivers: { "CONTROL": "a sentence" }.';

/** The report for people: the problems come last, above the counts. */
export function textReport({ name, results, waiverContext }: Report): string {
  const rows = STATUSES.flatMap((status) => results.filter((result) => result.status === status));
  const idle = unusedWaivers(results, waiverContext).map(
    ({ control: { id }, status }) =>
      `waivers: "${id}" is unused, because the control is ${status}. Remove it.`,
  );
  return [
    table(["status", "control", "looked at", "demands"], rows.map(row), TEXT_WIDTH),
    ...idle,
    ...(countsOf(results).violated > 0 ? [WAY_OUT] : []),
    summary(name, results),
  ].join("\n");
}

function row({ control, status, evaluated, findings, reason }: Result): string[] {
  const wrong = new Set(findings.map(({ stack, address }) => `${stack} ${address}`)).size;
  const looked = wrong > 0 ? `${wrong} of ${evaluated} wrong` : String(evaluated);
  const more = status === "waived" ? [`Waived: ${reason}`] : findings.map(line);
  return [status, control.id, looked, [control.demands, ...more].join("\n")];
}

function line({ stack, address, attribute, must, got, unknown }: Finding): string {
  const found = unknown ? `not known before an apply: ${got}` : `got: ${got}`;
  return `- ${stack}, ${address}: ${attribute} must ${must}; ${found}`;
}

function summary(name: string, results: readonly Result[]): string {
  const { controls, met, waived, violated, notApplicable, evaluations } = countsOf(results);
  return `${controls} controls of environment ${name}: ${met} met, ${waived} waived, ${violated} violated, ${notApplicable} not applicable. They looked at ${evaluations} blocks in all.`;
}

/** For a program: the catalogue, with what came out beside each control. */
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
