import { z } from "zod";
import { wholeNumber } from "../validation/number";
import { rule } from "../validation/rule";
import {
  accountSchema,
  assumeRoleSchema,
  kmsKeyArnSchema,
  profileSchema,
  regionSchema,
} from "./account";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const bucketNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => BUCKET_NAME.test(name),
      must: "must be 3 to 63 lowercase letters, digits, dots and hyphens, and start and end with a letter or digit",
      instead: "Rename the bucket.",
    }),
    rule<string>({
      holds: (name) => !/\.\.|\.-|-\./.test(name),
      must: "must not have a dot next to a dot or a hyphen",
      instead: "Use hyphens only.",
    }),
    rule<string>({
      holds: (name) => !/^[0-9]+(\.[0-9]+){3}$/.test(name),
      must: "must not look like an IP address",
      instead: "Rename the bucket.",
    }),
    rule<string>({
      holds: (name) =>
        !RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
        !RESERVED_SUFFIXES.some((suffix) => name.endsWith(suffix)),
      must: `must not start with ${RESERVED_PREFIXES.join(", ")} or end with ${RESERVED_SUFFIXES.join(", ")}, which S3 reserves`,
      instead: "Rename the bucket.",
    }),
  )
  .meta({ minLength: 3, maxLength: 63, pattern: BUCKET_NAME.source })
  .describe("the name of the bucket that holds the Terraform state; unique in all of AWS");

/** The S3 bucket that holds the Terraform state, created by the state-bucket stack. */
export const stateBucketSchema = z.strictObject({
  name: bucketNameSchema.meta({
    purpose: "The name of the bucket, unique in all of AWS.",
    link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
  }),
  region: regionSchema
    .optional()
    .meta({ purpose: "The region of the bucket.", absent: "the region of the environment" }),
  account: accountSchema.optional().meta({
    purpose: "The AWS account of the bucket, if it is not the environment's.",
    absent: "the account of `stateBucket.assumeRole`, or of the environment",
  }),
  assumeRole: assumeRoleSchema.optional().meta({
    purpose: "The IAM role in the bucket's account that Terraform assumes for the state.",
    absent:
      "the environment's; the policy of a bucket in another account must then allow the environment's role",
  }),
  profile: profileSchema.optional().meta({
    purpose: "The AWS profile whose credentials Terraform uses for the state.",
    absent: "the environment's",
  }),
  kmsKeyArn: kmsKeyArnSchema
    .optional()
    .meta({ purpose: "The KMS key that encrypts the bucket.", absent: "S3's own keys (SSE-S3)" }),
  accessLogBucket: bucketNameSchema.describe("the name of an existing S3 bucket").optional().meta({
    purpose:
      "An existing bucket in the same account and region that receives the access logs of the state bucket. Its policy must let logging.s3.amazonaws.com write.",
    absent: "access is not logged",
    link: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html",
  }),
  noncurrentVersionDays: wholeNumber({ from: 1, to: 3650, unit: "days" })
    .default(365)
    .meta({ purpose: "How long an overwritten state can be restored." }),
});

export type StateBucketSettings = z.output<typeof stateBucketSchema>;
