import type { Outcome } from "./check";
import type { Control } from "./control";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

export const STATUSES = ["not applicable", "met", "waived", "violated"] as const;
export type Status = (typeof STATUSES)[number];

/** A violation in one block. */
export interface Finding {
  readonly stack: string;
  readonly address: string;
  readonly attribute: string;
  readonly must: string;
  readonly got: string;
  /** The value is known only after apply. */
  readonly unknown: boolean;
  /** The reason in the settings, if any. */
  readonly reason: string | undefined;
}

export interface Result {
  readonly control: Control;
  readonly status: Status;
  /** How many blocks were evaluated. If none was, the control is not applicable. */
  readonly evaluated: number;
  readonly findings: readonly Finding[];
  /** Why it is waived. */
  readonly reason?: string;
}

export interface WaiverContext {
  /** The operator's sentences, by control. */
  readonly waivers: Readonly<Record<string, string>>;
  readonly production: boolean;
}

/** Evaluates each control on every block that it covers. */
export function evaluate(
  catalogue: readonly Control[],
  stacks: readonly SynthesizedStack[],
  waiverContext: WaiverContext,
): Result[] {
  return catalogue.map((control) => {
    const looks = control.on.flatMap(({ type, only, checks }) =>
      stacks
        .flatMap((stack) => stack.ofType(type))
        .filter((block) => only?.takes(block) ?? true)
        .map((block) =>
          checks.flatMap(({ attribute, must, look }) =>
            finding(control, block, { attribute, must }, look(block, stacks)),
          ),
        ),
    );
    const findings = looks.flat();
    const status = statusOf(control, looks.length, findings, waiverContext);
    return { control, evaluated: looks.length, findings, ...status };
  });
}

function finding(
  { reason = "" }: Control,
  block: TerraformBlock,
  check: { readonly attribute: string; readonly must: string },
  { verdict, got }: Outcome,
): Finding[] {
  if (verdict === "holds") {
    return [];
  }
  const { stack, address, reasons } = block;
  const unknown = verdict === "unknown";
  return [{ stack: stack.id, address, ...check, got, unknown, reason: reasons[reason] }];
}

function statusOf(
  control: Control,
  evaluated: number,
  findings: readonly Finding[],
  { waivers, production }: WaiverContext,
): Pick<Result, "status" | "reason"> {
  if (findings.length === 0) {
    return { status: evaluated === 0 ? "not applicable" : "met" };
  }
  const reason =
    waivers[control.id] ?? reasonFor(findings) ?? excuseOf(control, findings, production);
  return reason === undefined ? { status: "violated" } : { status: "waived", reason };
}

/** The reasons in the settings, if they cover every finding. */
function reasonFor(findings: readonly Finding[]): string | undefined {
  const reasons = findings.map(({ reason }) => reason);
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join(" ");
}

/** Unknown values are not waived: they may be anything. */
function excuseOf(
  control: Control,
  findings: readonly Finding[],
  production: boolean,
): string | undefined {
  const excused = !production && control.production && !findings.some(({ unknown }) => unknown);
  return excused ? "production: false; required in production only" : undefined;
}

/** Waivers of controls that are not violated. They would hide later violations. */
export function unusedWaivers(results: readonly Result[], { waivers }: WaiverContext): Result[] {
  return results.filter(
    ({ control, findings }) => findings.length === 0 && waivers[control.id] !== undefined,
  );
}

/** The number of controls by status, and of evaluated blocks. */
export function countsOf(results: readonly Result[]) {
  const of = (status: Status) => results.filter((result) => result.status === status).length;
  return {
    controls: results.length,
    met: of("met"),
    waived: of("waived"),
    violated: of("violated"),
    notApplicable: of("not applicable"),
    evaluations: results.reduce((sum, { evaluated }) => sum + evaluated, 0),
  };
}
