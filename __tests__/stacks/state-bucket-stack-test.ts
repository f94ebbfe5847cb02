import { App, Testing } from "cdktf";
import { StateBucketStack } from "../../stacks/state-bucket-stack";
import { stateBucketsOf } from "../../stacks/state-buckets";
import { type Changes, environmentWith } from "../minimal-environment";
import { parsed } from "../synthesized";

const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";

function synth(changes: Changes = {}) {
  const [bucket] = stateBucketsOf([environmentWith(changes)]);
  const { id = "", ...props } = bucket ?? {};
  const stack = new StateBucketStack(
    new App(),
    id,
    props as ConstructorParameters<typeof StateBucketStack>[2],
  );
  return parsed(Testing.synth(stack, true));
}

test("the stack has exactly these resources, at these addresses", () => {
  expect(synth().addresses).toEqual([
    "aws_s3_bucket.state_bucket",
    "aws_s3_bucket_lifecycle_configuration.state_bucket_lifecycle",
    "aws_s3_bucket_notification.state_bucket_events",
    "aws_s3_bucket_ownership_controls.state_bucket_ownership",
    "aws_s3_bucket_policy.state_bucket_policy",
    "aws_s3_bucket_public_access_block.state_bucket_privacy",
    "aws_s3_bucket_server_side_encryption_configuration.state_bucket_encryption",
    "aws_s3_bucket_versioning.state_bucket_versioning",
  ]);
});

test("the bucket is versioned, encrypted, never public, TLS only and never destroyed", () => {
  const { resource, data } = synth();
  const bucket = "${aws_s3_bucket.state_bucket.id}";
  expect(resource).toEqual({
    aws_s3_bucket: {
      state_bucket: { bucket: "news-api-test-state", lifecycle: { prevent_destroy: true } },
    },
    aws_s3_bucket_versioning: {
      state_bucket_versioning: { bucket, versioning_configuration: { status: "Enabled" } },
    },
    aws_s3_bucket_server_side_encryption_configuration: {
      state_bucket_encryption: {
        bucket,
        rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
      },
    },
    aws_s3_bucket_public_access_block: {
      state_bucket_privacy: {
        bucket,
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      },
    },
    aws_s3_bucket_notification: { state_bucket_events: { bucket, eventbridge: true } },
    aws_s3_bucket_ownership_controls: {
      state_bucket_ownership: { bucket, rule: { object_ownership: "BucketOwnerEnforced" } },
    },
    aws_s3_bucket_policy: {
      state_bucket_policy: {
        bucket,
        policy: "${data.aws_iam_policy_document.tls_only.json}",
        depends_on: ["aws_s3_bucket_public_access_block.state_bucket_privacy"],
      },
    },
    aws_s3_bucket_lifecycle_configuration: {
      state_bucket_lifecycle: {
        bucket,
        rule: [
          {
            id: "expire-old-states",
            status: "Enabled",
            filter: [{ prefix: "" }],
            noncurrent_version_expiration: [{ noncurrent_days: 365 }],
            abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
          },
        ],
        depends_on: ["aws_s3_bucket_versioning.state_bucket_versioning"],
      },
    },
  });
  expect(data.aws_iam_policy_document?.tls_only?.statement).toEqual([
    {
      sid: "TlsOnly",
      effect: "Deny",
      actions: ["s3:*"],
      principals: [{ type: "*", identifiers: ["*"] }],
      resources: ["${aws_s3_bucket.state_bucket.arn}", "${aws_s3_bucket.state_bucket.arn}/*"],
      condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
    },
  ]);
});

test("its own state is a file next to main.ts", () => {
  expect(synth().terraform.backend).toEqual({
    local: { path: "../../../terraform.state-bucket-news-api-test-state.tfstate" },
  });
});

test("a customer managed key encrypts it, with a bucket key", () => {
  const { resource } = synth({ "stateBucket.kmsKeyArn": KMS });
  expect(
    resource.aws_s3_bucket_server_side_encryption_configuration?.state_bucket_encryption?.rule,
  ).toEqual([
    {
      apply_server_side_encryption_by_default: { sse_algorithm: "aws:kms", kms_master_key_id: KMS },
      bucket_key_enabled: true,
    },
  ]);
});

test("noncurrent versions are kept for the days in the settings", () => {
  const { resource } = synth({ "stateBucket.noncurrentVersionDays": 30 });
  expect(resource.aws_s3_bucket_lifecycle_configuration?.state_bucket_lifecycle).toMatchObject({
    rule: [{ noncurrent_version_expiration: [{ noncurrent_days: 30 }] }],
  });
});

test("environments that share a bucket share its stack, in the bucket's region and account", () => {
  const stateBucket = { name: "shared.state", region: "eu-west-1" };
  const account = "123456789012";
  const environments = ["dev", "prod"].map((name) =>
    environmentWith({ name, account, stateBucket }),
  );
  expect(stateBucketsOf(environments)).toEqual([
    {
      id: "state-bucket-shared_state",
      bucket: { ...stateBucket, noncurrentVersionDays: 365 },
      region: "eu-west-1",
      access: { account },
      tags: { app: "news-api", environment: "dev+prod" },
    },
  ]);
});

test("access is logged to the bucket in the settings", () => {
  const changes = { "stateBucket.accessLogBucket": "access-logs" };
  expect(synth(changes).resource.aws_s3_bucket_logging).toEqual({
    state_bucket_access_logs: {
      bucket: "${aws_s3_bucket.state_bucket.id}",
      target_bucket: "access-logs",
      target_prefix: "${aws_s3_bucket.state_bucket.bucket}/",
    },
  });
});
