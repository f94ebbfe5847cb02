import { z } from "zod";
import { text } from "../../validation/pattern-string";
import { rule } from "../../validation/rule";
import { identifier } from "./identifier";

/** Terraform appends 26 characters to a prefix; RDS takes 255. */
const LONGEST_PREFIX = 229;

/** The prefix of a parameter group's name; the family follows. */
export const parameterGroupPrefixSchema = identifier(
  LONGEST_PREFIX - "-postgres15-".length,
  'the start of a parameter group\'s name, such as "news-api"',
);

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
export const securityGroupNameSchema = z
  .string()
  .check(
    rule<string>({
      holds: (name) => /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(name),
      must: "must be 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
      instead: "Shorten it or replace the other characters.",
    }),
    rule<string>({
      holds: (name) => !/^sg-/i.test(name),
      must: 'must not start with "sg-", which AWS reserves for IDs',
      instead: "Rename the group. To admit an existing group, use a client's `securityGroupId`.",
    }),
    rule<string>({
      holds: (name) => name.trim() === name,
      must: "must not start or end with a space, which AWS removes",
      instead: "Remove the space.",
    }),
  )
  .meta({ minLength: 1, maxLength: 255 })
  .describe("a security group's name");

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html */
export const dbSubnetGroupNameSchema = text({
  pattern: /^(?!default$)[a-z][a-z0-9._ -]{0,254}$/,
  what: "a DB subnet group's name",
  must: 'must be 1 to 255 lowercase letters, digits, spaces and ._-, start with a letter and not be "default"',
  instead: "Rename the group.",
});

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html */
export const cacheSubnetGroupNameSchema = text({
  pattern: /^(?!default$)[a-z0-9-]{1,255}$/,
  what: "a cache subnet group's name",
  must: 'must be 1 to 255 lowercase letters, digits and hyphens, and not be "default"',
  instead: "Rename the group.",
});
