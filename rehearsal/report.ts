import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { page } from "./page";
import type { Outcome } from "./step";

/** Everything that a rehearsal saw. */
export interface Report {
  /** `news-api-dev` */
  readonly environment: string;
  readonly passed: boolean;
  /** ISO 8601, UTC. */
  readonly began: string;
  readonly seconds: number;
  /** The versions it ran with, as name: version. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the rehearsal left out of the environment's settings, each with the reason. */
  readonly leftOut: readonly string[];
  readonly steps: readonly Outcome[];
}

const DATA = "rehearsal.json";
const PAGE = "rehearsal.html";

/** The report of an earlier rehearsal must not pass for that of one that ends without. */
export function removeReport(folder: string): void {
  for (const file of [DATA, PAGE]) {
    rmSync(join(folder, file), { force: true });
  }
}

/**
 * Writes `rehearsal.json` and `rehearsal.html`.
 * @returns the path of the page.
 */
export function writeReport(folder: string, report: Report): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, DATA), `${JSON.stringify(report, null, 2)}\n`);
  const path = join(folder, PAGE);
  writeFileSync(path, page(report));
  return path;
}
