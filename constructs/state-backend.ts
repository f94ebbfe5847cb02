import { S3Backend } from "cdktf";
import type { Construct } from "constructs";
import type { TerraformAccess } from "../settings/terraform-access";

export interface StateBackendProps {
  readonly bucket: string;
  /** `news-api/dev/database.tfstate`, unique in the bucket. */
  readonly key: string;
  /** The bucket's region. */
  readonly region: string;
  /** @default - encrypted with S3's own keys (SSE-S3) */
  readonly kmsKeyArn?: string | undefined;
  /** The credentials that Terraform uses for the state. */
  readonly access: TerraformAccess;
}

/**
 * The S3 backend of a data store's stack: its own key, encryption and S3's native lock. The state-bucket stack creates
 * the bucket.
 *
 * @example
 * new StateBackend(this, {
 *   bucket: "news-api-states", key: "news-api/dev/database.tfstate", region: "us-east-1", access: {},
 * });
 */
export class StateBackend extends S3Backend {
  constructor(scope: Construct, { bucket, key, region, kmsKeyArn, access }: StateBackendProps) {
    super(scope, {
      bucket,
      key,
      region,
      encrypt: true,
      kmsKeyId: kmsKeyArn,
      profile: access.profile,
      assumeRole: access.assumeRole,
      // The account of the credentials, not of the bucket: Terraform compares it with sts:GetCallerIdentity.
      allowedAccountIds: access.account ? [access.account] : undefined,
    });
    // cdktf 0.21 has no property for it: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
    this.addOverride("use_lockfile", true);
  }
}
