import type { DbInstanceConfig } from "@cdktf/provider-aws/lib/db-instance";
import { Construct } from "constructs";
import type { DatabaseSettings } from "../../settings/database/database";
import { FinalSnapshot } from "../final-snapshot";

/**
 * The backups of a database: automated backups, and a final snapshot when the instance is destroyed. This construct
 * creates the final snapshot's identifier; RDS creates the snapshot.
 *
 * @example
 * const backups = new DatabaseBackups(this, "backups", settings);
 * new DbInstance(this, "database", { …, ...backups.instanceArguments });
 */
export class DatabaseBackups extends Construct {
  readonly instanceArguments: Partial<DbInstanceConfig>;

  constructor(scope: Construct, id: string, settings: DatabaseSettings) {
    super(scope, id);
    this.instanceArguments = {
      backupRetentionPeriod: settings.backupRetentionDays,
      backupWindow: settings.backupWindow,
      // AWS's default deletes the automated backups together with the instance.
      deleteAutomatedBackups: settings.deleteAutomatedBackups,
      skipFinalSnapshot: settings.skipFinalSnapshot,
      finalSnapshotIdentifier: settings.skipFinalSnapshot
        ? undefined
        : this.finalSnapshot(settings).identifier,
    };
  }

  private finalSnapshot(settings: DatabaseSettings): FinalSnapshot {
    const { finalSnapshotPrefix = `${settings.identifier}-final` } = settings;
    return new FinalSnapshot(this, "final", {
      prefix: finalSnapshotPrefix,
      replaceTriggers: {
        username: settings.username,
        db_name: settings.dbName,
        storage_encrypted: settings.storageEncrypted,
        kms_key_id: settings.kmsKeyArn,
        availability_zone: settings.availabilityZone,
        ...restoreTriggers(settings),
      },
    });
  }
}

function restoreTriggers({ restoreFrom }: DatabaseSettings): Record<string, unknown> {
  if (restoreFrom?.kind === "snapshot") {
    return { snapshot_identifier: restoreFrom.snapshotIdentifier };
  }
  return { restore_to_point_in_time: restoreFrom };
}
