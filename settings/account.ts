import { z } from "zod";
import { text } from "../validation/pattern-string";
import { rule } from "../validation/rule";
import { didYouMean, nearest } from "../validation/suggestion";

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

/** Every region where RDS and ElastiCache run. */
export function knownRegions(): readonly string[] {
  return ALL_REGIONS;
}

/** The partition that a region belongs to, or undefined for an unknown region. */
export function partitionOf(region: string): string | undefined {
  return Object.keys(REGIONS).find((partition) => REGIONS[partition]?.includes(region));
}

/** The domain suffix of AWS services in a region. https://docs.aws.amazon.com/general/latest/gr/rande.html */
export function serviceDomain(region: string): string {
  return partitionOf(region) === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

export const regionSchema = z
  .string()
  .check(
    rule<string>({
      holds: (region) => partitionOf(region) !== undefined,
      must: "must be the code of an AWS region, without the letter of a zone",
      instead: (region) =>
        didYouMean(nearest(region, ALL_REGIONS), 'Use the region\'s code, such as "us-east-1".'),
    }),
  )
  .meta({ enum: ALL_REGIONS })
  .describe('an AWS region, such as "us-east-1"');

export const accountSchema = text({
  pattern: /^[0-9]{12}$/,
  what: "the account ID, 12 digits in a string",
  must: "must be 12 digits in a string",
  instead: "Put the account ID in quotes, with its leading zeros.",
});

/** Whether the region of an ARN is in its partition; the pattern's groups begin with the two. */
export function inItsPartition(pattern: RegExp, what: string) {
  return rule<string>({
    holds: (arn) => {
      const [, partition, region = ""] = pattern.exec(arn) ?? [];
      return partition === undefined || partition === partitionOf(region);
    },
    must: "must name a region of its partition",
    instead: `Copy the ARN from the ${what}'s page in the AWS console: the partition (aws, aws-cn, aws-us-gov) depends on the region.`,
  });
}

const KMS_KEY_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):kms:([a-z0-9-]+):([0-9]{12}):key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const kmsKeyArnSchema = text({
  pattern: KMS_KEY_ARN,
  what: "the full ARN of a KMS key",
  must: "must be the full ARN of a KMS key (an alias or a key ID would show a change in every plan)",
  instead: 'Use "arn:aws:kms:<region>:<account>:key/<key ID>".',
}).check(inItsPartition(KMS_KEY_ARN, "key"));

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
  instead: 'Use "arn:aws:iam::<account>:role/<name>".',
});

/** The partition inside a well-formed ARN of an IAM role. */
export function rolePartition(arn: string): string | undefined {
  return ROLE_ARN.exec(arn)?.[1];
}

/** The account inside a well-formed ARN of an IAM role. */
export function roleAccount(arn: string): string | undefined {
  return ROLE_ARN.exec(arn)?.[2];
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const externalIdSchema = text({
  pattern: /^[\w+=,.@:/-]{2,1224}$/,
  what: "the external ID that the role's trust policy requires",
  must: "must be 2 to 1224 letters, digits and _+=,.@:/-",
  instead: "Use the external ID that the role's owner gave you.",
});
const sessionNameSchema = text({
  pattern: /^[\w+=,.@-]{2,64}$/,
  what: 'the name of the session, such as "terraform"',
  must: "must be 2 to 64 letters, digits and _+=,.@-",
  instead: 'Use, for example, "terraform".',
});

/** A role that Terraform assumes with the credentials that it finds. */
export const assumeRoleSchema = z
  .strictObject({
    roleArn: roleArnSchema.meta({ purpose: "The role." }),
    externalId: externalIdSchema.optional().meta({
      purpose: "The external ID that the role's trust policy requires.",
      absent: "none",
    }),
    sessionName: sessionNameSchema.optional().meta({
      purpose: "The session name, which CloudTrail shows.",
      absent: "a name that Terraform generates",
    }),
  })
  .describe("the IAM role that Terraform assumes");

export type AssumeRole = z.output<typeof assumeRoleSchema>;

/** A profile in the AWS configuration of the user that runs Terraform. */
export const profileSchema = text({
  pattern: /^[\w+=,.@:/-]{1,128}$/,
  what: 'a profile of the AWS configuration, such as "news-prod"',
  must: "must be a profile's name: 1 to 128 letters, digits and _+=,.@:/-",
  instead: "Use the name that `aws configure list-profiles` shows.",
});
