import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type DBInstance,
  type DBSnapshot,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBSnapshots,
  type RDSClient,
  RestoreDBInstanceFromDBSnapshotCommand,
} from "@aws-sdk/client-rds";
import { CommandError } from "../../cli/command-error";
import type { DatabaseStore } from "../../settings/data-stores";
import type { Environment } from "../../settings/environment";
import { environmentTags } from "../../settings/names";

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html
const LONGEST_IDENTIFIER = 63;
const UNIQUE_BYTES = 4;
const PASSWORD_BYTES = 24;
const MINUTE_MS = 60_000;
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
const HOPELESS = /^(failed|incompatible-|restore-error|storage-full|inaccessible)/;

export interface CopyProps {
  readonly rds: RDSClient;
  readonly environment: Environment;
  readonly store: DatabaseStore;
  /** The interval between two polls of RDS. */
  readonly pollMs: number;
  /** Until the copy is available. */
  readonly timeoutMs: number;
  readonly progress: (text: string) => void;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

/** The address of a copy, and the login of its master user. */
export interface Reached {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The newest snapshot of a database that can be restored, automated or manual. */
export async function latestSnapshot({ rds, store }: CopyProps): Promise<DBSnapshot> {
  const { identifier } = store.settings;
  const found: DBSnapshot[] = [];
  const pages = paginateDescribeDBSnapshots({ client: rds }, { DBInstanceIdentifier: identifier });
  for await (const { DBSnapshots = [] } of pages) {
    found.push(...DBSnapshots.filter(({ Status }) => Status === "available"));
  }
  const createdAt = ({ SnapshotCreateTime }: DBSnapshot) => SnapshotCreateTime?.getTime() ?? 0;
  const latest = found.sort((one, other) => createdAt(other) - createdAt(one))[0];
  if (!latest) {
    throw new CommandError(
      `The database ${store.name} (${identifier}) has no snapshot that can be restored. RDS creates one a day in the backup window. To create one now: aws rds create-db-snapshot`,
    );
  }
  return latest;
}

/**
 * An instance restored next to a database, in its network and security groups, without a public address. Remove it when
 * done.
 */
export class Copy {
  readonly identifier: string;
  private isAsked = false;

  constructor(private readonly props: CopyProps) {
    const suffix = `-drill-${randomBytes(UNIQUE_BYTES).toString("hex")}`;
    const { identifier } = props.store.settings;
    const start = identifier.slice(0, LONGEST_IDENTIFIER - suffix.length).replace(/-$/, "");
    this.identifier = `${start}${suffix}`;
  }

  /** Restores a snapshot, and waits until RDS says that the copy is available. */
  async restore(snapshot: DBSnapshot): Promise<void> {
    const { environment, store } = this.props;
    const original = await this.described(store.settings.identifier);
    if (!original) {
      throw new CommandError(
        `The database ${store.settings.identifier} does not exist. Deploy it: npm run deploy -- ${store.stackId}`,
      );
    }
    const tags = {
      ...environmentTags(environment),
      "managed-by": "npm run drill",
      "drill-of": store.settings.identifier,
    };
    await this.ask(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: this.identifier,
        DBSnapshotIdentifier: snapshot.DBSnapshotIdentifier,
        DBInstanceClass: original.DBInstanceClass,
        DBSubnetGroupName: original.DBSubnetGroup?.DBSubnetGroupName,
        VpcSecurityGroupIds: (original.VpcSecurityGroups ?? []).map(
          ({ VpcSecurityGroupId = "" }) => VpcSecurityGroupId,
        ),
        DBParameterGroupName: original.DBParameterGroups?.[0]?.DBParameterGroupName,
        Port: original.Endpoint?.Port,
        MultiAZ: false,
        PubliclyAccessible: false,
        DeletionProtection: false,
        AutoMinorVersionUpgrade: false,
        CopyTagsToSnapshot: false,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    await this.untilAvailable("restoring");
  }

  /** After a timeout or a server error of RDS, the copy may still exist. */
  private async ask(command: RestoreDBInstanceFromDBSnapshotCommand): Promise<void> {
    this.isAsked = true;
    try {
      await this.props.rds.send(command);
    } catch (error) {
      this.isAsked = (error as { $fault?: string }).$fault !== "client";
      throw error;
    }
  }

  /** Gives the master user a new password: the one in the snapshot may no longer be known. */
  async reach(): Promise<Reached> {
    const { rds } = this.props;
    const password = randomBytes(PASSWORD_BYTES).toString("base64url");
    await rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: this.identifier,
        MasterUserPassword: password,
        ApplyImmediately: true,
      }),
    );
    const { Endpoint, MasterUsername = "" } = await this.untilAvailable("setting a password");
    return {
      host: Endpoint?.Address ?? "",
      port: Endpoint?.Port ?? 0,
      user: MasterUsername,
      password,
    };
  }

  /**
   * Deletes the copy without a snapshot, as soon as RDS allows it. Does nothing if the restore was never requested.
   * @throws CommandError with the command to delete it manually.
   */
  async remove(): Promise<void> {
    const { rds, pollMs, progress } = this.props;
    while (this.isAsked) {
      try {
        await rds.send(
          new DeleteDBInstanceCommand({
            DBInstanceIdentifier: this.identifier,
            SkipFinalSnapshot: true,
            DeleteAutomatedBackups: true,
          }),
        );
        progress(`${this.identifier}: deleted`);
        return;
      } catch (error) {
        const { name, message } = error as Error;
        if (/NotFound/.test(name)) {
          return;
        }
        if (!/InvalidDBInstanceState/.test(name)) {
          throw new CommandError(
            `${this.identifier} was not deleted (${message}), and is billed until it is: aws rds delete-db-instance --db-instance-identifier ${this.identifier} --skip-final-snapshot`,
          );
        }
        progress(`${this.identifier}: waiting until RDS accepts the deletion`);
        await sleep(pollMs);
      }
    }
  }

  private async described(DBInstanceIdentifier: string): Promise<DBInstance | undefined> {
    const { rds } = this.props;
    try {
      const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier });
      return (await rds.send(command)).DBInstances?.[0];
    } catch (error) {
      if (/NotFound/.test((error as Error).name)) {
        return undefined;
      }
      throw error;
    }
  }

  private async untilAvailable(doing: string): Promise<DBInstance> {
    const { pollMs, timeoutMs, progress, signal } = this.props;
    const end = Date.now() + timeoutMs;
    let last = "";
    for (;;) {
      signal.throwIfAborted();
      const instance = await this.described(this.identifier);
      if (instance && isReady(instance)) {
        return instance;
      }
      const status = instance?.DBInstanceStatus ?? "unknown";
      this.expectHope(status, end);
      if (status !== last) {
        progress(`${this.identifier}: ${doing}, ${status}`);
        last = status;
      }
      await sleep(pollMs, undefined, { signal });
    }
  }

  /** @throws CommandError when waiting longer is pointless. */
  private expectHope(status: string, end: number): void {
    if (HOPELESS.test(status)) {
      throw new CommandError(`${this.identifier} is ${status}: the snapshot cannot be restored.`);
    }
    if (Date.now() > end) {
      const minutes = Math.round(this.props.timeoutMs / MINUTE_MS);
      throw new CommandError(
        `${this.identifier} is ${status} after ${minutes} minutes. Raise --timeout to wait longer.`,
      );
    }
  }
}

/** A new password is pending until RDS has set it. */
function isReady({ DBInstanceStatus, PendingModifiedValues = {} }: DBInstance): boolean {
  return DBInstanceStatus === "available" && Object.keys(PendingModifiedValues).length === 0;
}
