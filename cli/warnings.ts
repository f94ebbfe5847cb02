import { offerWarnings } from "../settings/aws/offer-warnings";
import { supportWarnings } from "../settings/aws/support";
import type { Environment } from "../settings/environment";

/** Prints warnings to stderr, and continues. */
export function warn(environments: readonly Environment[], today: string): void {
  for (const warning of environments.flatMap((environment) => [
    ...supportWarnings(environment, today),
    ...offerWarnings(environment),
  ])) {
    console.error(`Warning: ${warning}`);
  }
}

/** Today's date in UTC, `YYYY-MM-DD`: the one place that reads the clock. */
export function todayInUtc(): string {
  return new Date().toISOString().slice(0, 10);
}
