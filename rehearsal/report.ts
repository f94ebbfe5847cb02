import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../commands/run";
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
  /** Settings and steps that the rehearsal left out. */
  readonly leftOut: readonly string[];
  readonly steps: readonly Outcome[];
}

const DATA = "rehearsal.json";
const PAGE = "rehearsal.html";

/** @throws CommandError when a report could not be written there in the end. */
export function ensureWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new CommandError(
      `The report cannot be written: ${(error as Error).message}. Make ${folder} a folder that you may write to, or remove it.`,
    );
  }
}

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
