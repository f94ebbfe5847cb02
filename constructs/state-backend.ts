import { S3Backend } from "cdktf";
import type { Construct } from "constructs";
import type { DataStore } from "../settings/client";
import type { Environment } from "../settings/environment";
import { stateKey } from "../settings/names";

export interface StateBackendProps {
  readonly environment: Environment;
  readonly store: DataStore;
}

/**
 * The S3 backend of a data store's stack: a key of its own, encrypted, locked by S3 itself. It does not make the
 * bucket; the state-bucket stack does.
 *
 * @example
 * new StateBackend(this, { environment, store: "database" }); // key: news-api/dev/database.tfstate
 */
export class StateBackend extends S3Backend {
  constructor(scope: Construct, { environment, store }: StateBackendProps) {
    const { account, region, stateBucket } = environment;
    super(scope, {
      bucket: stateBucket.name,
      key: stateKey(environment, store),
      region: stateBucket.region ?? region,
      encrypt: true,
      kmsKeyId: stateBucket.kmsKeyArn,
      allowedAccountIds: account ? [account] : undefined,
    });
    // cdktf 0.21 has no field for it: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
    this.addOverride("use_lockfile", true);
  }
}
