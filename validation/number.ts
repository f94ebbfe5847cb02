import { z } from "zod";
import { rule } from "./rule";

export interface WholeNumberProps {
  readonly from: number;
  readonly to: number;
  /** Plural, as in "a whole number of days". */
  readonly unit?: string;
}

/** A whole number in a range; NaN, infinities and fractions are refused (JSON would turn them into null). */
export function wholeNumber({ from, to, unit }: WholeNumberProps) {
  const kind = unit ? `a whole number of ${unit}` : "a whole number";
  return z
    .number()
    .check(
      rule<number>({
        holds: (value) => Number.isSafeInteger(value) && value >= from && value <= to,
        must: `must be ${kind} from ${from} to ${to}`,
        instead: (value) => `Use ${nearestIn(value, from, to)}.`,
      }),
    )
    .meta({ type: "integer", minimum: from, maximum: to })
    .describe(`${kind} from ${from} to ${to}`);
}

function nearestIn(value: number, from: number, to: number): string {
  if (value < from) {
    return `${from} or more`;
  }
  return value > to ? `${to} or less` : `a whole number, such as ${Math.round(value)}`;
}
