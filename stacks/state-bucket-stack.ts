import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketNotification } from "@cdktf/provider-aws/lib/s3-bucket-notification";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { LocalBackend, TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { StateBucketSettings } from "../settings/state-bucket";
import { AwsStack, type AwsStackProps } from "./aws-stack";

const ABANDONED_UPLOAD_DAYS = 7;

export interface StateBucketStackProps extends AwsStackProps {
  readonly bucket: StateBucketSettings;
}

/**
 * The S3 bucket that holds the Terraform state of other stacks: versioned, encrypted, never public, TLS only.
 * Apply it once, before everything else. Its own state is a local file, because it cannot be its own backend.
 *
 * @example
 * new StateBucketStack(app, stateBucketStackId(bucket.name), { bucket, region: "us-east-1", access: {}, tags: {} });
 */
export class StateBucketStack extends AwsStack {
  constructor(scope: Construct, id: string, { bucket, ...props }: StateBucketStackProps) {
    super(scope, id, props);
    // Relative to the stack's folder. The file is next to main.ts, because cdktf.out may be deleted at any time.
    new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    const states = new S3Bucket(this, "state_bucket", {
      bucket: bucket.name,
      lifecycle: { preventDestroy: true },
    });
    const versioning = new S3BucketVersioningA(this, "state_bucket_versioning", {
      bucket: states.id,
      versioningConfiguration: { status: "Enabled" },
    });
    this.encrypt(states, bucket.kmsKeyArn);
    this.expireOldVersions(states, versioning, bucket.noncurrentVersionDays);
    this.keepPrivate(states);
    this.report(states, bucket.accessLogBucket);
    new TerraformOutput(this, "state_bucket_name", { value: states.bucket });
  }

  /** Events to EventBridge are free. The account's owner adds rules that act on them. */
  private report(states: S3Bucket, accessLogBucket: string | undefined): void {
    new S3BucketNotification(this, "state_bucket_events", { bucket: states.id, eventbridge: true });
    if (accessLogBucket) {
      new S3BucketLoggingA(this, "state_bucket_access_logs", {
        bucket: states.id,
        targetBucket: accessLogBucket,
        targetPrefix: `${states.bucket}/`,
      });
    }
  }

  private encrypt(states: S3Bucket, kmsKeyArn: string | undefined): void {
    new S3BucketServerSideEncryptionConfigurationA(this, "state_bucket_encryption", {
      bucket: states.id,
      rule: [
        {
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: kmsKeyArn ? "aws:kms" : "AES256",
            kmsMasterKeyId: kmsKeyArn,
          },
          bucketKeyEnabled: kmsKeyArn ? true : undefined,
        },
      ],
    });
  }

  private expireOldVersions(
    states: S3Bucket,
    versioning: S3BucketVersioningA,
    noncurrentDays: number,
  ): void {
    new S3BucketLifecycleConfiguration(this, "state_bucket_lifecycle", {
      bucket: states.id,
      rule: [
        {
          id: "expire-old-states",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABANDONED_UPLOAD_DAYS }],
        },
      ],
      dependsOn: [versioning],
    });
  }

  private keepPrivate(states: S3Bucket): void {
    new S3BucketOwnershipControls(this, "state_bucket_ownership", {
      bucket: states.id,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    const privacy = new S3BucketPublicAccessBlock(this, "state_bucket_privacy", {
      bucket: states.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const tlsOnly = new DataAwsIamPolicyDocument(this, "tls_only", {
      statement: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["s3:*"],
          resources: [states.arn, `${states.arn}/*`],
          condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    });
    new S3BucketPolicy(this, "state_bucket_policy", {
      bucket: states.id,
      policy: tlsOnly.json,
      dependsOn: [privacy],
    });
  }
}
