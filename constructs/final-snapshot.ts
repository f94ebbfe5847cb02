import { Construct } from "constructs";
import type { DatabaseSettings } from "../settings/database";
import { TerraformData } from "./terraform-data";

/**
 * The id of the snapshot that RDS takes when the instance is destroyed: stable between plans, and new with each
 * instance, because whatever replaces the instance renews it. It takes no snapshot itself.
 *
 * @example
 * const { identifier } = new FinalSnapshot(this, "snapshot", environment.database);
 * @see docs/decisions/0001-final-snapshot-id-from-terraform-data.md
 */
export class FinalSnapshot extends Construct {
  readonly identifier: string;

  constructor(scope: Construct, id: string, settings: DatabaseSettings) {
    super(scope, id);
    const { username, dbName, storageEncrypted, kmsKeyArn, availabilityZone } = settings;
    const data = new TerraformData(this, "data", {
      triggersReplace: {
        username,
        db_name: dbName,
        storage_encrypted: storageEncrypted,
        kms_key_id: kmsKeyArn,
        availability_zone: availabilityZone,
        ...restoreTriggers(settings),
      },
    });
    data.overrideLogicalId("final_snapshot");
    const { finalSnapshotPrefix = `${settings.identifier}-final` } = settings;
    this.identifier = `${finalSnapshotPrefix}-${data.id}`;
  }
}

function restoreTriggers({ restoreFrom }: DatabaseSettings): Record<string, unknown> {
  if (restoreFrom?.kind === "snapshot") {
    return { snapshot_identifier: restoreFrom.snapshotIdentifier };
  }
  return { restore_to_point_in_time: restoreFrom };
}
