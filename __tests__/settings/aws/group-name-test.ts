import { problemsWith } from "../../minimal-environment";

const shown = (value: string) => {
  const got = JSON.stringify(value);
  return got.length > 80 ? `${got.slice(0, 80)}…` : got;
};

const GROUP_CHARACTERS =
  "must be 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*; got: %s. Shorten it or replace the other characters.";
const DB_SUBNETS =
  'must be 1 to 255 lowercase letters, digits, spaces and ._-, start with a letter and not be "default"; got: %s. Rename the group.';
const CACHE_SUBNETS =
  'must be 1 to 255 lowercase letters, digits and hyphens, and not be "default"; got: %s. Rename the group.';
const GRAMMAR =
  "must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen";

test.each([
  ["securityGroupName", "a"],
  ["securityGroupName", "News (api): a/b #1, c@d [e] +=&;{}!$*"],
  ["securityGroupName", "a".repeat(255)],
  ["securityGroupName", "asg-1"],
  ["subnetGroupName", "a".repeat(255)],
  ["subnetGroupName", "defaults"],
  ["subnetGroupName", "default-1"],
  ["parameterGroupPrefix", "a".repeat(217)],
])("for either kind of store, %s may be %s", (field, value) => {
  expect(problemsWith({ [`database.${field}`]: value })).toEqual([]);
  expect(problemsWith({ [`cache.${field}`]: value })).toEqual([]);
});

test("the security groups of both stores have different names", () => {
  const names = (database: unknown, cache: unknown) =>
    problemsWith({ "database.securityGroupName": database, "cache.securityGroupName": cache });
  expect(names("a", "b")).toEqual([]);
  expect(names("a", "a")).toEqual([
    'cache.securityGroupName: must be unique in its VPC (database.securityGroupName has the same); got: "a". Rename one of them.',
  ]);
  expect(names(1, "a")).toHaveLength(1);
});

test.each([
  ["database.subnetGroupName", "a b.c_d-e"],
  ["cache.subnetGroupName", "1-a"],
])("%s may be %s", (path, value) => {
  expect(problemsWith({ [path]: value })).toEqual([]);
});

test.each([
  ["database.securityGroupName", "", GROUP_CHARACTERS],
  ["database.securityGroupName", "a".repeat(256), GROUP_CHARACTERS],
  ["cache.securityGroupName", "a?b", GROUP_CHARACTERS],
  ["cache.securityGroupName", "café", GROUP_CHARACTERS],
  [
    "cache.securityGroupName",
    "sg-news",
    'must not start with "sg-", which AWS reserves for IDs; got: %s. Rename the group. To admit an existing group, use a client\'s `securityGroupId`.',
  ],
  [
    "database.securityGroupName",
    "SG-news",
    'must not start with "sg-", which AWS reserves for IDs; got: %s. Rename the group. To admit an existing group, use a client\'s `securityGroupId`.',
  ],
  [
    "database.securityGroupName",
    " news",
    "must not start or end with a space, which AWS removes; got: %s. Remove the space.",
  ],
  [
    "database.securityGroupName",
    "news ",
    "must not start or end with a space, which AWS removes; got: %s. Remove the space.",
  ],
  ["database.subnetGroupName", "default", DB_SUBNETS],
  ["database.subnetGroupName", "", DB_SUBNETS],
  ["database.subnetGroupName", "1a", DB_SUBNETS],
  ["database.subnetGroupName", "News", DB_SUBNETS],
  ["database.subnetGroupName", "a".repeat(256), DB_SUBNETS],
  ["cache.subnetGroupName", "default", CACHE_SUBNETS],
  ["cache.subnetGroupName", "", CACHE_SUBNETS],
  ["cache.subnetGroupName", "a_b", CACHE_SUBNETS],
  ["cache.subnetGroupName", "News", CACHE_SUBNETS],
  ["cache.subnetGroupName", "a".repeat(256), CACHE_SUBNETS],
  ["database.parameterGroupPrefix", "a.b", `${GRAMMAR}; got: %s. Use, for example, "a-b".`],
  [
    "cache.parameterGroupPrefix",
    "a".repeat(218),
    "must have 1 to 217 characters; got: %s. Shorten it to 217 characters or fewer.",
  ],
])("%s: %s is refused", (path, value, message) => {
  expect(problemsWith({ [path]: value })).toEqual([
    `${path}: ${message.replace("%s", () => shown(value))}`,
  ]);
});
