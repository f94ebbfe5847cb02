import { Construct } from "constructs";
import { TerraformData } from "./terraform-data";

export interface FinalSnapshotProps {
  /** What the id starts with; a hyphen and a UUID follow. */
  readonly prefix: string;
  /** The settings that replace the data store when they change. */
  readonly renewedBy: Readonly<Record<string, unknown>>;
}

/**
 * The id of the snapshot that AWS takes when a data store is destroyed: stable between plans, and new with each data
 * store, because whatever replaces the data store renews it. It takes no snapshot itself.
 *
 * @example
 * const { identifier } = new FinalSnapshot(this, "final", { prefix: "news-api-db-final", renewedBy: { username } });
 * @see docs/decisions/0001-final-snapshot-id-from-terraform-data.md
 */
export class FinalSnapshot extends Construct {
  readonly identifier: string;

  constructor(scope: Construct, id: string, { prefix, renewedBy }: FinalSnapshotProps) {
    super(scope, id);
    const data = new TerraformData(this, "data", { triggersReplace: renewedBy });
    data.overrideLogicalId("final_snapshot");
    this.identifier = `${prefix}-${data.id}`;
  }
}
