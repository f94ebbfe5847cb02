import { z } from "zod";
import { kmsKeyArnSchema, regionSchema } from "./account";
import type { Environment } from "./environment";
import { stateBucketStackId } from "./names";
import { wholeNumber } from "./number";
import { rule } from "./rule";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const bucketNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => BUCKET_NAME.test(name),
      must: "must be 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at both ends",
      instead: "Rename the bucket.",
    }),
    rule<string>({
      holds: (name) => !/\.\.|\.-|-\./.test(name),
      must: "must not have a dot next to a dot or a hyphen",
      instead: "Use hyphens alone.",
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
      must: `must not start with ${RESERVED_PREFIXES.join(", ")} or end with ${RESERVED_SUFFIXES.join(", ")}, which S3 keeps for itself`,
      instead: "Rename the bucket.",
    }),
  )
  .meta({ minLength: 3, maxLength: 63, pattern: BUCKET_NAME.source })
  .describe("the name of the bucket that holds the Terraform state; unique in all of AWS");

/** The S3 bucket that holds the Terraform state; made by the state-bucket stack. */
export const stateBucketSchema = z.strictObject({
  name: bucketNameSchema,
  /** @default - the environment's region */
  region: regionSchema.optional(),
  /** @default - encrypted with S3's own keys (SSE-S3) */
  kmsKeyArn: kmsKeyArnSchema.optional(),
  /** How long an overwritten state can be brought back. */
  noncurrentVersionDays: wholeNumber({ from: 1, to: 3650, unit: "days" }).default(365),
});

export type StateBucketSettings = z.output<typeof stateBucketSchema>;

/** One bucket that environments name, and what its stack needs. */
export interface StateBucketOfEnvironments {
  readonly id: string;
  readonly bucket: StateBucketSettings;
  readonly region: string;
  readonly account: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Each bucket once, however many environments keep their state in it. */
export function stateBucketsOf(environments: readonly Environment[]): StateBucketOfEnvironments[] {
  const names = new Set(environments.map(({ stateBucket }) => stateBucket.name));
  return [...names].map((name) => {
    const sharing = environments.filter(({ stateBucket }) => stateBucket.name === name);
    // parseEnvironments() has made sure that those who share a bucket agree on it.
    const { account, region, stateBucket: bucket, tags } = sharing[0] as Environment;
    return {
      id: stateBucketStackId(name),
      bucket,
      region: bucket.region ?? region,
      account,
      tags: {
        app: joined(sharing, "app"),
        environment: joined(sharing, "name"),
        ...(sharing.length === 1 ? tags : {}),
      },
    };
  });
}

function joined(environments: readonly Environment[], key: "app" | "name"): string {
  return [...new Set(environments.map((environment) => environment[key]))].join("+");
}
