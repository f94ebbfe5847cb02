import type { SecretEntry } from "../../cli/container-entries";
import { lagText } from "./database/lag";
import type { MigrationResult } from "./report";

export interface Place {
  readonly environment: string;
  /** Where the application's URL is, if the data store is a database. */
  readonly secret: SecretEntry | undefined;
}

/** What to do after `--follow` or `--cut-over`. */
export function nextSteps(result: MigrationResult, { environment, secret }: Place): string[] {
  const { lag, refusedSeconds, verification } = result;
  if (lag) {
    return [
      `The target is behind by ${lagText(lag).replace("lag ", "")}. To check again, run the same command.`,
      "To move the application, run the same command with --cut-over instead of --follow.",
      "To give up, use --stop-following. Until you run one of the two, the source keeps every change that the target does not have.",
    ];
  }
  if (refusedSeconds === undefined || !verification) {
    return [];
  }
  const refused = `The target had everything ${refusedSeconds.toFixed(1)} s after the source refused the first write.`;
  return verification.agrees
    ? [
        refused,
        ...(secret
          ? [
              `The new URL is ${secret.name} in ${secret.valueFrom}. npm run connection -- ${environment} prints how the application gets it.`,
            ]
          : []),
        "The source stays read-only. When the application has moved, delete the source. To write to it again: ALTER DATABASE … RESET default_transaction_read_only.",
      ]
    : [
        refused,
        "The source stays read-only, because the application may have written to the target. If it has not, --stop-following lets the source accept writes again.",
      ];
}
