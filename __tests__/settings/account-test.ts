import { kmsKeyRegion, partitionOf, roleAccount } from "../../settings/account";
import { problemsWith } from "../minimal-environment";

const ID = "01234567-89ab-cdef-0123-456789abcdef";

test.each([
  ["us-east-1", "aws"],
  ["cn-north-1", "aws-cn"],
  ["us-gov-east-1", "aws-us-gov"],
  ["mars-north-1", undefined],
  ["", undefined],
])("the region %j belongs to the partition %s", (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});

test.each([
  ["us-east-1", `arn:aws:kms:us-east-1:123456789012:key/${ID}`],
  ["us-east-1", `arn:aws:kms:us-east-1:123456789012:key/mrk-${"0f".repeat(16)}`],
  ["cn-north-1", `arn:aws-cn:kms:cn-north-1:123456789012:key/${ID}`],
  ["us-gov-west-1", `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/${ID}`],
])("in %s the key %s is accepted", (region, kmsKeyArn) => {
  expect(problemsWith({ region, "database.kmsKeyArn": kmsKeyArn })).toEqual([]);
});

const FORM =
  'must be the full ARN of a KMS key (an alias or a key ID would show a change in every plan); got: %s. Use "arn:aws:kms:<region>:<account>:key/<key ID>".';

test.each([
  "arn:aws:kms:us-east-1:123456789012:alias/news",
  `arn:aws:kms:us-east-1:12345678901:key/${ID}`,
  `arn:aws:kms::123456789012:key/${ID}`,
  `arn:aws-iso:kms:us-iso-east-1:123456789012:key/${ID}`,
  `arn:aws:kms:us-east-1:123456789012:key/${ID}0`,
  `arn:aws:kms:us-east-1:123456789012:key/mrk-${"0f".repeat(15)}`,
  `xarn:aws:kms:us-east-1:123456789012:key/${ID}`,
])("the key %s is refused", (kmsKeyArn) => {
  const got = JSON.stringify(kmsKeyArn);
  const shown = got.length > 80 ? `${got.slice(0, 80)}…` : got;
  expect(problemsWith({ "database.kmsKeyArn": kmsKeyArn })).toEqual([
    `database.kmsKeyArn: ${FORM.replace("%s", shown)}`,
  ]);
});

test.each([
  ["cn-north-1", `arn:aws:kms:cn-north-1:123456789012:key/${ID}`],
  ["us-east-1", `arn:aws-cn:kms:us-east-1:123456789012:key/${ID}`],
  ["us-east-1", `arn:aws:kms:mars-north-1:123456789012:key/${ID}`],
])("in %s the key %s of another partition is refused", (region, kmsKeyArn) => {
  const got = JSON.stringify(kmsKeyArn);
  expect(problemsWith({ region, "database.kmsKeyArn": kmsKeyArn })).toContain(
    `database.kmsKeyArn: must name a region of its partition; got: ${got.slice(0, 80)}${got.length > 80 ? "…" : ""}. Copy the ARN from the key's page in the AWS console: the partition (aws, aws-cn, aws-us-gov) depends on the region.`,
  );
});

test("a text that is not an ARN has no region and no account", () => {
  expect([kmsKeyRegion("alias/news"), roleAccount("monitoring")]).toEqual([undefined, undefined]);
});
