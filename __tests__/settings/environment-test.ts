import { parseEnvironments } from "../../settings/environment";
import type { SettingsError } from "../../validation/problem";
import { cpuSeconds } from "../cpu-seconds";
import {
  MINIMAL,
  problemsOf,
  problemsWith,
  REPLICATION_GROUP,
  settingsWith,
} from "../minimal-environment";

const KMS_ELSEWHERE = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, ""]));

test("the minimal environment is valid", () => {
  expect(problemsOf(MINIMAL)).toEqual([]);
});

test.each<Record<string, unknown>>([
  { app: "a".repeat(30) },
  { name: "a".repeat(20) },
  { account: "000000000000" },
  { region: "cn-north-1" },
  { "network.vpcId": "default" },
  { "network.vpcId": "vpc-01234567" },
  { "network.subnetIds": "all" },
  { "stateBucket.name": "a-b.c" },
  { "stateBucket.name": "a".repeat(63) },
  { "stateBucket.region": "eu-west-1", "stateBucket.kmsKeyArn": KMS_ELSEWHERE },
  { executionRoleName: "news-api.ecs+execution=1,@_" },
  { executionRoleName: "a".repeat(64) },
  { tags: tags(45) },
  { tags: { "Straße 1": "a.b:c/d=e+f-g@h" } },
  { tags: { ...tags(45), app: "another" } },
])("%j is accepted", (changes) => {
  expect(problemsWith(changes)).toEqual([]);
});

const BUCKET =
  "must be 3 to 63 lowercase letters, digits, dots and hyphens, and start and end with a letter or digit; got: %s. Rename the bucket.";
const RESERVED =
  "must not start with xn--, sthree-, amzn-s3-demo- or end with -s3alias, --ol-s3, .mrap, --x-s3, --table-s3, which S3 reserves; got: %s. Rename the bucket.";
const ACCOUNT =
  "must be 12 digits in a string; got: %s. Put the account ID in quotes, with its leading zeros.";
const REGION = "must be the code of an AWS region, without the letter of a zone; got: %s.";

test.each<[string, unknown, string]>([
  [
    "app",
    "aws-news",
    'must not start with "aws" or "sg-", which AWS reserves; got: %s. Choose another name.',
  ],
  [
    "app",
    "AWS news",
    'must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen; got: %s. Use, for example, "news-api".',
  ],
  [
    "app",
    "sg-news",
    'must not start with "aws" or "sg-", which AWS reserves; got: %s. Choose another name.',
  ],
  [
    "app",
    "a".repeat(31),
    "must have 1 to 30 characters; got: %s. Shorten it to 30 characters or fewer.",
  ],
  [
    "name",
    "Dev",
    'must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen; got: %s. Use, for example, "dev".',
  ],
  ["account", "12345678901", ACCOUNT],
  ["account", "1234-5678-9012", ACCOUNT],
  [
    "account",
    123456789012,
    "must be a string; got: %s. Use the account ID, 12 digits in a string.",
  ],
  ["region", "us-east-1a", `${REGION} Did you mean "us-east-1"?`],
  ["region", "US-West-1", `${REGION} Did you mean "us-west-1"?`],
  ["region", "frankfurt", `${REGION} Use the region's code, such as "us-east-1".`],
  [
    "network.vpcId",
    "vpc-xyz",
    'must be "default", or "vpc-" followed by 8 or 17 hexadecimal digits; got: %s. Use a VPC ID, or "default" for the default VPC of the region.',
  ],
  [
    "network.subnetIds",
    ["subnet-01234567"],
    'must name at least 2 subnets, in different availability zones; got: %s. Add a subnet of another zone, or use "all".',
  ],
  [
    "network.subnetIds",
    ["subnet-01234567", "subnet-01234567"],
    "must not name a subnet twice; got: %s. Remove the duplicate.",
  ],
  [
    "network.subnetIds",
    "some",
    'must have one of the accepted forms; got: %s. Use a list of subnet IDs, or "all" for every subnet of the VPC.',
  ],
  ["stateBucket.name", "ab", BUCKET],
  ["stateBucket.name", "a".repeat(64), BUCKET],
  ["stateBucket.name", "Bucket", BUCKET],
  ["stateBucket.name", "-bucket", BUCKET],
  ["stateBucket.name", "bucket.", BUCKET],
  [
    "stateBucket.name",
    "a..b",
    "must not have a dot next to a dot or a hyphen; got: %s. Use hyphens only.",
  ],
  [
    "stateBucket.name",
    "a.-b",
    "must not have a dot next to a dot or a hyphen; got: %s. Use hyphens only.",
  ],
  [
    "stateBucket.name",
    "192.168.0.1",
    "must not look like an IP address; got: %s. Rename the bucket.",
  ],
  ["stateBucket.name", "xn--bucket", RESERVED],
  ["stateBucket.name", "bucket-s3alias", RESERVED],
  [
    "stateBucket.kmsKeyArn",
    KMS_ELSEWHERE,
    "must be a key in the state bucket's region; got: %s. Use a key of that region.",
  ],
  [
    "tags",
    tags(46),
    "must have at most 50 tags, including the project's own: app, environment, stack, managed-by, Name; got: %s. Keep at most 45 of your own.",
  ],
  [
    "clients",
    undefined,
    "is required; got: nothing. Set it to the clients that may connect, as name: source ({} for none).",
  ],
  [
    "clients",
    [],
    "must be an object; got: []. Use the clients that may connect, as name: source ({} for none).",
  ],
  [
    "database.kmsKeyArn",
    KMS_ELSEWHERE,
    "must be a key in the environment's region us-east-1; got: %s. Use a key of that region.",
  ],
])("%s: %j is refused", (field, value, message) => {
  const got = JSON.stringify(value);
  const shown = got && got.length > 80 ? `${got.slice(0, 80)}…` : String(got);
  expect(problemsWith({ [field]: value })).toEqual([`${field}: ${message.replace("%s", shown)}`]);
});

test.each(["", "a".repeat(65), "arn:aws:iam::123456789012:role/ecs"])(
  "the execution role %j is refused",
  (executionRoleName) => {
    expect(problemsWith({ executionRoleName })).toEqual([
      `executionRoleName: must be a role's name: 1 to 64 letters, digits and _+=,.@- (not its ARN); got: ${JSON.stringify(executionRoleName)}. Use the part of its ARN after the last slash.`,
    ]);
  },
);

test("the key of the credentials must be in the environment's region", () => {
  expect(
    problemsWith({ "database.credentials": { kind: "secret", kmsKeyArn: KMS_ELSEWHERE } }),
  ).toEqual([
    `database.credentials.kmsKeyArn: must be a key in the environment's region us-east-1; got: "${KMS_ELSEWHERE}". Use a key of that region.`,
  ]);
});

test.each<[Record<string, string>, string]>([
  [
    { "aws:team": "x" },
    'tags.aws:team: must have a key that does not start with "aws:" or "rds:", which AWS reserves; got: "aws:team". Rename the tag.',
  ],
  [
    { "a*b": "x" },
    'tags.a*b: must have a key of 1 to 128 letters, digits, spaces or _.:/=+-@; got: "a*b". Rename the tag.',
  ],
  [
    { team: "a*b" },
    'tags.team: must have a value of 0 to 256 letters, digits, spaces or _.:/=+-@; got: "a*b". Shorten it or replace the other characters.',
  ],
])("the tags %j are refused", (value, message) => {
  expect(problemsWith({ tags: value })).toEqual([message]);
});

test.each([undefined, null, 5, "dev", []])("%j is not an environment", (input) => {
  expect(problemsOf(input)).toHaveLength(1);
});

test("all problems are reported together, in the order of the input", () => {
  const input = settingsWith({
    region: "us-east-1a",
    "database.identifier": undefined,
    "database.backupWindow": "03:00-04:01",
    "database.maintenanceWindow": "sun:04:00-sun:05:00",
    "database.color": "blue",
    "cache.nodeType": "db.t3.micro",
  });
  expect(problemsOf(input).map((problem) => problem.split(":")[0])).toEqual([
    "region",
    "database.backupWindow",
    "database.color",
    "database.identifier",
    "cache.nodeType",
  ]);
});

test("the report names the environment and counts its problems", () => {
  expect(() => parseEnvironments([settingsWith({ "database.port": 1, "cache.port": 0 })])).toThrow(
    new Error(
      "2 problems in environment test:\n" +
        "  database.port: must be a whole number from 1150 to 65535; got: 1. Use 1150 or more.\n" +
        "  cache.port: must be a whole number from 1 to 65535; got: 0. Use 1 or more.",
    ),
  );
});

/** The problems between the minimal environment and a second one. */
function together(second: Record<string, unknown>): string {
  const other = {
    name: "other",
    "database.identifier": "other-db",
    "cache.clusterId": "other-cache",
    "stateBucket.name": "other-state",
  };
  try {
    parseEnvironments([MINIMAL, settingsWith({ ...other, ...second })]);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test.each<[Record<string, unknown>, string]>([
  [{}, ""],
  [{ "database.identifier": "news-api-db", region: "eu-west-1" }, ""],
  [{ "database.identifier": "news-api-db", account: "123456789012" }, ""],
  [{ "stateBucket.name": "news-api-test-state" }, ""],
  [
    { name: "test" },
    "1 problem in the environments together:\n  test.name: must differ from that of the app's other environments; got: test, as in test. Rename one of them.",
  ],
  [
    { "database.identifier": "news-api-db" },
    "1 problem in the environments together:\n  other.database.identifier: must be unique in its account and region; got: news-api-db, as in test. Rename one of them.",
  ],
  [
    { "cache.clusterId": "news-api-cache" },
    "1 problem in the environments together:\n  other.cache.clusterId: must be unique in its account and region; got: news-api-cache, as in test. Rename one of them.",
  ],
  [
    { "database.subnetGroupName": "news-api-test-database" },
    "1 problem in the environments together:\n  other.database.subnetGroupName: must be unique in its account and region; got: news-api-test-database, as in test. Rename one of them.",
  ],
  [
    { "cache.subnetGroupName": "news-api-test-cache" },
    "1 problem in the environments together:\n  other.cache.subnetGroupName: must be unique in its account and region; got: news-api-test-cache, as in test. Rename one of them.",
  ],
  [{ "cache.subnetGroupName": "news-api-test-database" }, ""],
  [{ "database.readReplicas": { reports: {} } }, ""],
  [{ "cache.subnetGroupName": "news-api-test-cache", region: "eu-west-1" }, ""],
  [
    { "stateBucket.name": "news-api-test-state", region: "eu-west-1" },
    '1 problem in the environments together:\n  other.stateBucket: must have the same settings and account in every environment that uses the bucket; got: {"name":"news-api-test-state","noncurrentVersionDays":365,"region":"eu-west-1"}, and in test {"name":"news-api-test-state","noncurrentVersionDays":365,"region":"us-east-1"}. Make them equal, or use two buckets.',
  ],
])("together with an environment that has %j", (second, message) => {
  expect(together(second)).toBe(message);
});

test("the problems of several environments are reported together", () => {
  expect(() =>
    parseEnvironments([settingsWith({ "cache.port": 0 }), settingsWith({ name: "b", app: "B" })]),
  ).toThrow(
    "2 problems in the environments:\n" +
      "  environment test: cache.port: must be a whole number from 1 to 65535; got: 0. Use 1 or more.\n" +
      '  environment b: app: must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen; got: "B". Use, for example, "b".',
  );
});

test("the clashes of an invalid environment are reported with its own problems", () => {
  const invalid = settingsWith({
    name: "other",
    "cache.clusterId": "other-cache",
    "stateBucket.name": "other-state",
    "database.multiAz": "no",
    "cache.porrt": 6379,
  });
  expect(() => parseEnvironments([MINIMAL, invalid])).toThrow(
    new Error(
      [
        "3 problems in the environments:",
        '  environment other: database.multiAz: must be true or false; got: "no". Use true or false.',
        '  environment other: cache.porrt: is not a setting. Did you mean "port"?',
        "  the environments together: other.database.identifier: must be unique in its account and region; got: news-api-db, as in test. Rename one of them.",
      ].join("\n"),
    ),
  );
});

test("an invalid environment without a setting that it needs is not compared", () => {
  const invalid = settingsWith({ name: "other", "database.engineVersion": 17 });
  expect(() => parseEnvironments([MINIMAL, invalid])).toThrow(/^1 problem in environment other:/);
});

test("a replica's identifier clashes with any other instance in the account", () => {
  const withReplica = settingsWith({ "database.readReplicas": { for_reports: {} } });
  const sameName = settingsWith({
    name: "other",
    "database.identifier": "news-api-db-for-reports",
    "cache.clusterId": "other-cache",
  });
  for (const both of [
    [withReplica, sameName],
    [sameName, withReplica],
  ]) {
    expect(() => parseEnvironments(both)).toThrow(
      ".database.identifier: must be unique in its account and region; got: news-api-db-for-reports, as in ",
    );
  }
});

test("an IAM user of a cache must be unique among environments", () => {
  const withUser = (name: string) =>
    settingsWith({
      name,
      "database.identifier": `${name}-db`,
      cache: {
        ...REPLICATION_GROUP,
        engineVersion: "7.1",
        autoMinorVersionUpgrade: false,
        replicationGroupId: `${name}-cache`,
        iamUser: "news-api",
      },
    });
  expect(() => parseEnvironments([withUser("dev"), withUser("prod")])).toThrow(
    "prod.cache.iamUser: must be unique in its account and region; got: news-api, as in dev. Rename one of them.",
  );
});

/** Every problem between these environments, by path: each is the minimal one with changes. */
function clashes(...all: Record<string, unknown>[]): string[] {
  try {
    parseEnvironments(all.map((changes) => settingsWith(changes)));
    return [];
  } catch (error) {
    return (error as SettingsError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

test("with several apps, a clash names the app too", () => {
  const staging = {
    app: "shop",
    name: "staging",
    "stateBucket.name": "shop-state",
    "cache.clusterId": "shop-cache",
  };
  expect(clashes({}, staging)).toEqual([
    "shop-staging.database.identifier: must be unique in its account and region; got: news-api-db, as in news-api-test. Rename one of them.",
  ]);
});

test("clashes are reported together with the problems of other environments", () => {
  const [one, two] = clashes(
    {},
    { name: "other", "stateBucket.name": "other-state", "cache.clusterId": "other-cache" },
    { name: "third", "database.port": 1 },
  );
  expect(one).toBe(
    "environment third: database.port: must be a whole number from 1150 to 65535; got: 1. Use 1150 or more.",
  );
  expect(two).toBe(
    "the environments together: other.database.identifier: must be unique in its account and region; got: news-api-db, as in test. Rename one of them.",
  );
});

test("a clash of IDs is reported at the setting that contains the ID", () => {
  const group = {
    name: "other",
    "stateBucket.name": "other-state",
    "database.identifier": "other-db",
    cache: REPLICATION_GROUP,
  };
  expect(clashes({}, group)).toEqual([
    "other.cache.replicationGroupId: must be unique in its account and region; got: news-api-cache, as in test.cache.clusterId. Rename one of them.",
  ]);
});

const OWN_NAMES = {
  "database.identifier": "other-db",
  "cache.clusterId": "other-cache",
  "stateBucket.name": "other-state",
};

test.each<[string, Record<string, unknown>[], string[]]>([
  [
    "a store and a state bucket of one environment",
    [{ app: "state-bucket-news", name: "api", "stateBucket.name": "news-api-cache" }],
    [
      "stateBucket.name: must give the bucket's stack an ID that no data store's stack has; got: \"state-bucket-news-api-cache\". Rename the bucket, the app, the environment or the data store.",
    ],
  ],
  [
    "a store and a state bucket of two environments",
    [
      { "stateBucket.name": "news-api-cache" },
      { ...OWN_NAMES, app: "state-bucket-news", name: "api" },
    ],
    [
      "state-bucket-news-api.cache: must give a stack ID that no other data store and no state bucket has; got: state-bucket-news-api-cache, as in news-api-test.stateBucket.name. Rename the bucket, the app, the environment or the data store.",
    ],
  ],
  [
    "stores of two environments whose names run together",
    [
      { app: "a", name: "b", databases: { "c-d": { ...MINIMAL.database, identifier: "c-d" } } },
      {
        ...OWN_NAMES,
        app: "a-b",
        name: "c",
        databases: { d: { ...MINIMAL.database, identifier: "d" } },
      },
    ],
    [
      "a-b-c.databases.d: must give a stack ID that no other data store and no state bucket has; got: a-b-c-d, as in a-b.databases.c-d. Rename the bucket, the app, the environment or the data store.",
      "a-b-c.databases.d.subnetGroupName: must be unique in its account and region; got: a-b-c-d, as in a-b.databases.c-d.subnetGroupName. Rename one of them.",
      "a-b-c.databases.d.securityGroupName: must be unique in its VPC; got: a-b-c-d, as in a-b.databases.c-d.securityGroupName. Rename one of them.",
    ],
  ],
])("stack ids are unique: %s", (_, environments, problems) => {
  expect(clashes(...environments)).toEqual(problems);
});

test("environments may share a state bucket", () => {
  expect(
    clashes({}, { ...OWN_NAMES, name: "other", "stateBucket.name": "news-api-test-state" }),
  ).toEqual([]);
});

test("1,000 environments that clash are refused in linear time", () => {
  const problemsOf = (count: number) => {
    const all = Array.from({ length: count }, (_, index) => settingsWith({ name: `e${index}` }));
    try {
      return parseEnvironments(all).length;
    } catch (error) {
      return (error as SettingsError).problems.length;
    }
  };
  // The identifier of the database and the ID of the cache, in all environments but the first.
  expect(problemsOf(100)).toBe(2 * 99);
  const few = cpuSeconds(() => problemsOf(100));
  const many = cpuSeconds(() => expect(problemsOf(1000)).toBe(2 * 999));
  // Linear is 10 times, quadratic 100 times.
  expect(many / few).toBeLessThan(40);
});
