import type { Outcome } from "./check";
import type { Control } from "./control";
import type { SynthesizedStack } from "./synthesized-stack";
import type { TerraformBlock } from "./terraform-block";

export const STATUSES = ["not applicable", "met", "waived", "violated"] as const;
export type Status = (typeof STATUSES)[number];

/** What is not right in one block. */
export interface Finding {
  readonly stack: string;
  readonly address: string;
  readonly attribute: string;
  readonly must: string;
  readonly got: string;
  /** Only an apply could tell. */
  readonly unknown: boolean;
  /** The reason that the settings give for it, where they do. */
  readonly reason: string | undefined;
}

export interface Result {
  readonly control: Control;
  readonly status: Status;
  /** How many blocks were looked at. None is not applicable, never met. */
  readonly evaluated: number;
  readonly findings: readonly Finding[];
  /** Why it is waived. */
  readonly reason?: string;
}

export interface WaiverContext {
  /** Sentences of the operator, by control. */
  readonly waivers: Readonly<Record<string, string>>;
  readonly production: boolean;
}

/** What each control says about some stacks: every block that it is about, never a sample. */
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

/** The settings' own reasons, where they give one for everything that was found. */
function reasonFor(findings: readonly Finding[]): string | undefined {
  const reasons = findings.map(({ reason }) => reason);
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join(" ");
}

/** What nobody knows is not excused: it may be about anything. */
function excuseOf(
  control: Control,
  findings: readonly Finding[],
  production: boolean,
): string | undefined {
  const excused = !production && control.production && !findings.some(({ unknown }) => unknown);
  return excused ? "production: false, and demanded of production alone" : undefined;
}

/** Waivers that excuse nothing: they would hide what goes wrong later. */
export function unusedWaivers(results: readonly Result[], { waivers }: WaiverContext): Result[] {
  return results.filter(
    ({ control, findings }) => findings.length === 0 && waivers[control.id] !== undefined,
  );
}

/** How many controls came out each way, and how much was looked at for it. */
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
