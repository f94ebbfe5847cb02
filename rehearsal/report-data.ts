import type { Outcome } from "./step";

/** The results of a rehearsal. */
export interface Report {
  /** `news-api-dev` */
  readonly environment: string;
  readonly passed: boolean;
  /** ISO 8601, UTC. */
  readonly began: string;
  readonly seconds: number;
  /** The versions it ran with, as name: version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Settings and steps that the rehearsal left out. */
  readonly leftOut: readonly string[];
  readonly steps: readonly Outcome[];
}
