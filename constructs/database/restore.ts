import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import type { RestoreSettings } from "../../settings/database/restore";

/** The arguments that make a new instance start from a snapshot or a point in time; none without a restore. */
export function restoreArguments(restore: RestoreSettings | undefined): Partial<DbInstanceConfig> {
  if (restore?.kind !== "point-in-time") {
    return { snapshotIdentifier: restore?.snapshotIdentifier };
  }
  return {
    restoreToPointInTime: {
      sourceDbInstanceIdentifier: restore.sourceIdentifier,
      sourceDbiResourceId: restore.sourceResourceId,
      sourceDbInstanceAutomatedBackupsArn: restore.automatedBackupsArn,
      restoreTime: restore.time,
      useLatestRestorableTime: restore.time ? undefined : true,
    },
  };
}
