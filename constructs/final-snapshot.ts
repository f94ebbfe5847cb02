import { Construct } from "constructs";
import { TerraformData } from "./terraform-data";

export interface FinalSnapshotProps {
  /** Prefix of the identifier. A hyphen and a UUID follow. */
  readonly prefix: string;
  /** The settings whose change replaces the data store and the identifier. */
  readonly replaceTriggers: Readonly<Record<string, unknown>>;
}

/**
 * The identifier of the snapshot that AWS takes when a data store is destroyed. It is stable between plans, and a replacement of
 * the data store also replaces the identifier. This construct takes no snapshot.
 *
 * @example
 * const { identifier } = new FinalSnapshot(this, "final", { prefix: "news-api-db-final", replaceTriggers: { username } });
 * @see docs/decisions/0001-final-snapshot-id-from-terraform-data.md
 */
export class FinalSnapshot extends Construct {
  readonly identifier: string;

  constructor(scope: Construct, id: string, { prefix, replaceTriggers }: FinalSnapshotProps) {
    super(scope, id);
    const data = new TerraformData(this, "data", { triggersReplace: replaceTriggers });
    data.overrideLogicalId("final_snapshot");
    this.identifier = `${prefix}-${data.id}`;
  }
}
