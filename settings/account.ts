import { z } from "zod";
import { rule } from "./rule";

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
      instead: 'Write the region\'s code, such as "us-east-1".',
    }),
  )
  .describe('a region of AWS, such as "us-east-1"');

export const accountSchema = z
  .string()
  .check(
    rule<string>({
      holds: (account) => /^[0-9]{12}$/.test(account),
      must: "must be 12 digits in a string",
      instead: "Write the account's id in quotes, with its leading zeros.",
    }),
  )
  .describe("the account's id, 12 digits in a string");

const KMS_KEY_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):kms:([a-z0-9-]+):([0-9]{12}):key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const kmsKeyArnSchema = z
  .string()
  .check(
    rule<string>({
      holds: (arn) => KMS_KEY_ARN.test(arn),
      must: "must be the full ARN of a KMS key (an alias or a bare id would plan a change for ever)",
      instead: 'Write "arn:aws:kms:<region>:<account>:key/<key id>".',
    }),
  )
  .describe("the full ARN of a KMS key");

/** The region inside a well-formed KMS key ARN. */
export function kmsKeyRegion(arn: string): string | undefined {
  return KMS_KEY_ARN.exec(arn)?.[2];
}
