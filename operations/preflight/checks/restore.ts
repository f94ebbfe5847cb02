import { DescribeSnapshotsCommand } from "@aws-sdk/client-elasticache";
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
} from "@aws-sdk/client-rds";
import type { AwsAccount } from "../../../cli/aws-account";
import { ifThere } from "../../../cli/if-there";
import type { CacheStore, DatabaseStore } from "../../../settings/data-stores";
import type { RestoreSettings } from "../../../settings/database/restore";
import { type Check, ensure } from "../check";

/** The properties of a snapshot, an instance or automated backups. */
interface Origin {
  readonly Engine?: string;
  readonly EngineVersion?: string;
  /** GiB. */
  readonly AllocatedStorage?: number;
  readonly Encrypted?: boolean;
  readonly MasterUsername?: string;
  readonly Status?: string;
}

/** The source of a restore exists and matches the settings. */
export function restoreSource({ stackId, settings }: DatabaseStore): Check[] {
  const { restoreFrom } = settings;
  return restoreFrom === undefined
    ? []
    : [
        {
          id: "restore-source",
          subject: stackId,
          async run(account) {
            const name = nameOf(restoreFrom);
            const origin = await originOf(account, restoreFrom);
            ensure(
              origin,
              `${name} does not exist in ${account.environment.region}.`,
              "Correct restoreFrom.",
            );
            fits(name, origin, settings);
            return `${name}: PostgreSQL ${origin.EngineVersion}, ${origin.AllocatedStorage} GiB`;
          },
        },
      ];
}

function nameOf(restore: RestoreSettings): string {
  return restore.kind === "snapshot"
    ? restore.snapshotIdentifier
    : (restore.sourceIdentifier ?? restore.sourceResourceId ?? restore.automatedBackupsArn ?? "");
}

function fits(
  name: string,
  origin: Origin,
  { allocatedStorageGib, storageEncrypted, username }: DatabaseStore["settings"],
): void {
  ensure(
    origin.Engine === "postgres",
    `${name} has the engine ${origin.Engine}, not PostgreSQL.`,
    "Name another source in restoreFrom.",
  );
  ensure(
    ["available", "active", "retained"].includes(origin.Status ?? ""),
    `${name} is not available: ${origin.Status}.`,
    "Wait until it is available.",
  );
  ensure(
    (origin.AllocatedStorage ?? 0) <= allocatedStorageGib,
    `${name} has ${origin.AllocatedStorage} GiB, more than allocatedStorageGib: ${allocatedStorageGib}.`,
    `Set allocatedStorageGib: ${origin.AllocatedStorage} or more.`,
  );
  ensure(
    origin.Encrypted === storageEncrypted,
    `${name} is ${origin.Encrypted ? "" : "not "}encrypted, and storageEncrypted is ${storageEncrypted}: the next plan would replace the instance.`,
    "Copy the snapshot with a KMS key and restore the copy, or change storageEncrypted.",
  );
  ensure(
    origin.MasterUsername === username,
    `The master user of ${name} is ${origin.MasterUsername}, not ${username}: the next plan would replace the instance.`,
    `Set username: "${origin.MasterUsername}".`,
  );
}

async function originOf(
  { rds }: AwsAccount,
  restore: RestoreSettings,
): Promise<Origin | undefined> {
  if (restore.kind === "snapshot") {
    const DBSnapshotIdentifier = restore.snapshotIdentifier;
    const found = await ifThere(
      rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier, IncludeShared: true })),
    );
    return found?.DBSnapshots?.[0];
  }
  if (restore.sourceIdentifier) {
    const DBInstanceIdentifier = restore.sourceIdentifier;
    const found = await ifThere(rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })));
    const [instance] = found?.DBInstances ?? [];
    const { StorageEncrypted: Encrypted, DBInstanceStatus: Status } = instance ?? {};
    return instance && { ...instance, Encrypted, Status };
  }
  const found = await ifThere(
    rds.send(
      new DescribeDBInstanceAutomatedBackupsCommand({
        DbiResourceId: restore.sourceResourceId,
        DBInstanceAutomatedBackupsArn: restore.automatedBackupsArn,
      }),
    ),
  );
  return found?.DBInstanceAutomatedBackups?.[0];
}

/** The snapshot that a cache starts from. */
export function cacheSnapshot({ stackId, settings }: CacheStore): Check[] {
  const { snapshotName: SnapshotName } = settings;
  return SnapshotName === undefined
    ? []
    : [
        {
          id: "restore-source",
          subject: stackId,
          async run({ elasticache, environment }) {
            const found = await ifThere(
              elasticache.send(new DescribeSnapshotsCommand({ SnapshotName })),
            );
            ensure(
              (found?.Snapshots ?? []).length > 0,
              `The cache snapshot ${SnapshotName} does not exist in ${environment.region}.`,
              "Correct snapshotName.",
            );
            return SnapshotName;
          },
        },
      ];
}
