import { z } from "zod";
import { rule } from "./rule";
import { didYouMean, nearest } from "./suggestion";
import { text } from "./text";

/**
 * The regions of each partition where RDS and ElastiCache run.
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html (botocore 1.43 `endpoints.json`)
 */
const REGIONS: Readonly<Record<string, readonly string[]>> = {
  aws: [
    ..."af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3".split(" "),
    ..."ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4".split(
      " ",
    ),
    ..."ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1".split(" "),
    ..."eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2".split(" "),
    ..."eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1".split(" "),
    ..."us-east-1 us-east-2 us-west-1 us-west-2".split(" "),
  ],
  "aws-cn": ["cn-north-1", "cn-northwest-1"],
  "aws-us-gov": ["us-gov-east-1", "us-gov-west-1"],
};
const ALL_REGIONS = Object.values(REGIONS).flat();

/** The partition that a region belongs to, or undefined for an unknown region. */
export function partitionOf(region: string): string | undefined {
  return Object.keys(REGIONS).find((partition) => REGIONS[partition]?.includes(region));
}

export const regionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (region) => partitionOf(region) !== undefined,
      must: "must be a region of AWS, without a zone's letter",
      instead: (region) =>
        didYouMean(nearest(region, ALL_REGIONS), 'Write the region\'s code, such as "us-east-1".'),
    }),
  )
  .meta({ enum: ALL_REGIONS })
  .describe('a region of AWS, such as "us-east-1"');

export const accountSchema = text({
  pattern: /^[0-9]{12}$/,
  what: "the account's id, 12 digits in a string",
  must: "must be 12 digits in a string",
  instead: "Write the account's id in quotes, with its leading zeros.",
});

const KMS_KEY_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):kms:([a-z0-9-]+):([0-9]{12}):key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const kmsKeyArnSchema = text({
  pattern: KMS_KEY_ARN,
  what: "the full ARN of a KMS key",
  must: "must be the full ARN of a KMS key (an alias or a bare id would plan a change for ever)",
  instead: 'Write "arn:aws:kms:<region>:<account>:key/<key id>".',
}).check(
  rule<string>({
    holds: (arn) => {
      const [, partition, region = ""] = KMS_KEY_ARN.exec(arn) ?? [];
      return partition === undefined || partition === partitionOf(region);
    },
    must: "must be in a region of its own partition",
    instead: "Copy the ARN from the key's page: aws, aws-cn or aws-us-gov comes with the region.",
  }),
);

/** The region inside a well-formed KMS key ARN. */
export function kmsKeyRegion(arn: string): string | undefined {
  return KMS_KEY_ARN.exec(arn)?.[2];
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
const ROLE_ARN = /^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role\/([!-~]+\/)?[\w+=,.@-]{1,64}$/;

export const roleArnSchema = text({
  pattern: ROLE_ARN,
  what: "the full ARN of an IAM role",
  must: "must be the full ARN of an IAM role",
  instead: 'Write "arn:aws:iam::<account>:role/<name>".',
});

/** The account inside a well-formed ARN of an IAM role. */
export function roleAccount(arn: string): string | undefined {
  return ROLE_ARN.exec(arn)?.[2];
}
