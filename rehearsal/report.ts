import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../cli/command-error";
import type { Report } from "./report-data";
import { page } from "./report-page";

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

/** Removes an earlier report, which must not pass for that of a rehearsal that ends without one. */
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
