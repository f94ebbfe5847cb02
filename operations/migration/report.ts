import { table } from "../../cli/table";
import type { Lag } from "./database/lag";
import { type Finding, findingLines } from "./finding";
import type { Timings } from "./progress";
import type { Verification } from "./verification";

/** The result of a migration. */
export interface MigrationResult {
  readonly versions: Readonly<Record<"source" | "target", string>>;
  readonly findings: readonly Finding[];
  readonly verification: Verification | undefined;
  /** Seconds by step. */
  readonly timings: Timings;
  /** `--follow`: how far the target is behind. */
  readonly lag?: Lag | undefined;
  /** `--cut-over`: how long the source had refused writes when the target had everything. */
  readonly refusedSeconds?: number | undefined;
}

/** Everything about a migration. */
export interface MigrationReport extends MigrationResult {
  /** `news-api-dev` */
  readonly environment: string;
  readonly store: string;
  /** Addresses without passwords. */
  readonly source: string;
  readonly target: string;
  /** `refused`: nothing was changed. `checked`: nothing blocks the migration. `follows`: replication continues. */
  readonly verdict: "agrees" | "differs" | "refused" | "checked" | "follows";
  /** What to do now. */
  readonly next: readonly string[];
}

export const VERDICTS: Readonly<Record<MigrationReport["verdict"], string>> = {
  agrees: "Both sides agree.",
  differs: "The two sides differ.",
  refused: "Nothing was migrated. Fix every refused finding, then run the same command again.",
  checked: "Nothing blocks the migration.",
  follows: "The target follows the source.",
};

export function verdictOf({
  findings,
  verification,
  lag,
}: Pick<MigrationResult, "findings" | "verification" | "lag">): MigrationReport["verdict"] {
  if (findings.some(({ verdict }) => verdict === "refused")) {
    return "refused";
  }
  if (lag) {
    return "follows";
  }
  if (!verification) {
    return "checked";
  }
  return verification.agrees ? "agrees" : "differs";
}

/** More rows than this are for the page and for programs. */
const MOST_ROWS = 30;
const MOST_DIFFERENCES = 10;
const NAME_WIDTH = 60;

/** The report for a terminal. */
export function text(report: MigrationReport): string {
  const { environment, store, source, target, versions, verdict, findings, verification } = report;
  const { next } = report;
  return [
    `${environment}, ${store}: ${source} (${versions.source}) → ${target} (${versions.target})`,
    findingLines(findings).join("\n"),
    ...(verification ? [contentsText(verification), checksText(verification)] : []),
    verification ? timesText(report) : "",
    [VERDICTS[verdict], ...next].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The differences come first. */
function contentsText({ contents }: Verification): string {
  const rows = [...contents].sort((one, other) => Number(one.agrees) - Number(other.agrees));
  const more = rows.length - MOST_ROWS;
  return [
    table(
      ["result", "source", "target", "contents"],
      rows
        .slice(0, MOST_ROWS)
        .map(({ name, source, target, agrees }) => [
          agrees ? "ok" : "DIFFERS",
          source,
          target,
          name,
        ]),
      NAME_WIDTH,
    ),
    ...(more > 0 ? [`and ${more} more; --format html and --format json show all.`] : []),
  ].join("\n");
}

function checksText({ checks }: Verification): string {
  return checks
    .flatMap(({ name, passed, detail, differences }) => [
      `${passed ? "ok    " : "FAILED"}  ${name}: ${detail}`,
      ...differences.slice(0, MOST_DIFFERENCES).map((line) => `          ${line}`),
      ...(differences.length > MOST_DIFFERENCES
        ? [`          and ${differences.length - MOST_DIFFERENCES} more`]
        : []),
    ])
    .join("\n");
}

/** Verification apart from the move itself. */
export function secondsOf({ timings }: MigrationReport): Record<"moving" | "verifying", number> {
  const sum = (isVerifying: boolean) =>
    Object.entries(timings)
      .filter(([title]) => title.startsWith("Verify") === isVerifying)
      .reduce((total, [, seconds]) => total + seconds, 0);
  return { moving: sum(false), verifying: sum(true) };
}

export function timesText(report: MigrationReport): string {
  const { moving, verifying } = secondsOf(report);
  return `Moved in ${moving.toFixed(1)} s, verified in ${verifying.toFixed(1)} s.`;
}
