import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import type { Construct } from "constructs";
import type { DatabaseSettings } from "../settings/database";
import { FinalSnapshot } from "./final-snapshot";

/** The arguments that keep a database's data: backups, and the last snapshot when it is destroyed. */
export function backupArguments(
  scope: Construct,
  settings: DatabaseSettings,
): Partial<DbInstanceConfig> {
  return {
    backupRetentionPeriod: settings.backupRetentionDays,
    backupWindow: settings.backupWindow,
    // AWS's default deletes the automated backups together with the instance.
    deleteAutomatedBackups: false,
    skipFinalSnapshot: settings.skipFinalSnapshot,
    finalSnapshotIdentifier: settings.skipFinalSnapshot
      ? undefined
      : finalSnapshot(scope, settings).identifier,
  };
}

function finalSnapshot(scope: Construct, settings: DatabaseSettings): FinalSnapshot {
  const { finalSnapshotPrefix = `${settings.identifier}-final` } = settings;
  return new FinalSnapshot(scope, "final", {
    prefix: finalSnapshotPrefix,
    renewedBy: {
      username: settings.username,
      db_name: settings.dbName,
      storage_encrypted: settings.storageEncrypted,
      kms_key_id: settings.kmsKeyArn,
      availability_zone: settings.availabilityZone,
      ...restoreTriggers(settings),
    },
  });
}

function restoreTriggers({ restoreFrom }: DatabaseSettings): Record<string, unknown> {
  if (restoreFrom?.kind === "snapshot") {
    return { snapshot_identifier: restoreFrom.snapshotIdentifier };
  }
  return { restore_to_point_in_time: restoreFrom };
}
