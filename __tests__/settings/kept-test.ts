import { parseEnvironments } from "../../settings/environment";
import {
  environmentWith,
  MINIMAL,
  problemsWith,
  REPLICATION_GROUP,
  settingsWith,
} from "../minimal-environment";

const KEPT = {
  securityGroupIds: ["sg-01234567", "sg-0123456789abcdef0"],
  subnetGroupName: "default",
  parameterGroupName: "default.postgres15",
  optionGroupName: "default:postgres-15",
  logGroups: true,
  tags: true,
  engineVersion: true,
};
const ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:news-AbCdEf";

const database = (changes: Record<string, unknown>) =>
  problemsWith(
    Object.fromEntries(Object.entries(changes).map(([key, value]) => [`database.${key}`, value])),
  ).map((problem) => problem.replace(/^database\./, ""));
const cluster = (changes: object) =>
  problemsWith({ cache: { ...MINIMAL.cache, ...changes } }).map((one) => one.replace("cache.", ""));
const group = (changes: object) =>
  problemsWith({ cache: { ...REPLICATION_GROUP, ...changes } }).map((one) =>
    one.replace("cache.", ""),
  );

test("a database and a cache can keep everything that exists", () => {
  expect(environmentWith({ "database.kept": KEPT }).databases.database?.kept).toEqual(KEPT);
  const kept = {
    parameterGroupName: "default.redis6.x",
    logGroups: { "slow-log": "/cache/slow" },
  };
  expect(cluster({ kept, logExports: ["slow-log"] })).toEqual([]);
  expect(group({ kept, logExports: ["slow-log"] })).toEqual([]);
});

test("an exact version is compatible with automatic upgrades if Terraform ignores it", () => {
  const kept = { engineVersion: true };
  expect(database({ engineVersion: "15.17", kept })).toEqual([]);
  expect(cluster({ engineVersion: "7.0", kept })).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [
    { kept: { securityGroupIds: [] } },
    "kept.securityGroupIds: must name 1 to 5 security groups, without duplicates; got: []. Name the groups, or remove the setting so that the stack creates one.",
  ],
  [
    { kept: { securityGroupIds: ["sg-01234567", "sg-01234567"] } },
    'kept.securityGroupIds: must name 1 to 5 security groups, without duplicates; got: ["sg-01234567","sg-01234567"]. Name the groups, or remove the setting so that the stack creates one.',
  ],
  [
    { kept: { securityGroupIds: ["sg-01234567"] }, securityGroupName: "news" },
    'securityGroupName: must be absent with kept.securityGroupIds, which is used instead; got: "news". Remove one of them.',
  ],
  [
    { kept: { subnetGroupName: "own" }, subnetGroupName: "news" },
    'subnetGroupName: must be absent with kept.subnetGroupName, which is used instead; got: "news". Remove one of them.',
  ],
  [
    { kept: { parameterGroupName: "own" }, parameterGroupPrefix: "news" },
    'parameterGroupPrefix: must be absent with kept.parameterGroupName, which is used instead; got: "news". Remove one of them.',
  ],
  [
    { kept: { parameterGroupName: "own" }, parameters: { work_mem: "65536" } },
    'parameters: must be empty with kept.parameterGroupName: the stack does not change a group that it keeps; got: ["work_mem"]. Remove one of them.',
  ],
  [
    { kept: { parameterGroupName: "-own" } },
    'kept.parameterGroupName: must be 1 to 255 letters, digits and .:-, starting with a letter; got: "-own". Use the name that the AWS CLI shows.',
  ],
  [
    { kept: { subnetGroupName: "own/group" } },
    'kept.subnetGroupName: must be 1 to 255 letters, digits, spaces and ._-; got: "own/group". Use the name that the AWS CLI shows.',
  ],
  [
    { deleteAutomatedBackups: true },
    "deleteAutomatedBackups: requires a reason, because it loses point-in-time restore when the instance is destroyed or replaced; got: true. Set it to false, or give the reason in `reasons.deleteAutomatedBackups`.",
  ],
  [
    { adopted: { "terraform_data.final_snapshot": "1" } },
    'adopted.terraform_data.final_snapshot: must be the address of an AWS resource; got: "terraform_data.final_snapshot". Use the address that `terraform plan` shows, such as "aws_db_instance.database".',
  ],
  [
    { adopted: { "aws_secretsmanager_secret_version.database_url": "arn|1" } },
    "adopted.aws_secretsmanager_secret_version.database_url: must not be a secret's version: the plan's JSON would show the secret; got: \"aws_secretsmanager_secret_version.database_url\". Remove it: the apply stores a new version with a new password.",
  ],
  [
    { adopted: { "aws_db_instance.database": "${file(1)}" } },
    'adopted.aws_db_instance.database: must not contain ${ or %{, which Terraform would evaluate; got: "${file(1)}". Remove it.',
  ],
  [
    { adopted: { "aws_db_instance.database": "" } },
    'adopted.aws_db_instance.database: must be 1 to 2048 printable ASCII characters; got: "". Use the import ID that the provider documents for the resource, such as a DB instance\'s identifier.',
  ],
  [
    { credentials: { kind: "existing" } },
    'credentials.kind: must not be "existing" for a new instance, which needs a password; got: "existing". Set existing: true if the instance exists, or credentials of kind "secret".',
  ],
  [
    { existing: true, credentials: { kind: "existing", passwordKey: "password" } },
    'credentials.passwordKey: must be absent without passwordSecretArn, the secret that contains it; got: "password". Remove it, or set passwordSecretArn.',
  ],
  [
    { existing: true, credentials: { kind: "existing", passwordSecretArn: "news" } },
    'credentials.passwordSecretArn: must be the full ARN of a secret; got: "news". Use "arn:aws:secretsmanager:<region>:<account>:secret:<name>".',
  ],
  [
    {
      existing: true,
      credentials: { kind: "existing", passwordSecretArn: ARN },
      applicationUser: "news",
    },
    'applicationUser: must be absent with credentials of kind "existing", whose password Terraform does not set; got: "news". Use credentials of kind "secret", or remove applicationUser.',
  ],
])("%j is refused for a database", (changes, message) => {
  expect(database(changes)).toEqual([message]);
});

test.each<[object, string]>([
  [
    { kept: { parameterGroupName: "own" }, eviction: "cache" },
    'eviction: must be absent with kept.parameterGroupName: the stack does not change a group that it keeps; got: "cache". Remove one of them.',
  ],
  [
    { kept: { logGroups: { "slow-log": "/cache/slow" } } },
    'kept.logGroups: must name only logs that are in logExports; got: {"slow-log":"/cache/slow"}. Add the log to logExports, or remove its group.',
  ],
])("%j is refused for a cache", (changes, message) => {
  expect(cluster(changes)).toEqual([message]);
  expect(group(changes)).toEqual([message]);
});

test("applyImmediately is refused for a replication group whose tags Terraform ignores", () => {
  expect(group({ kept: { tags: true }, applyImmediately: true })).toEqual([
    "applyImmediately: must be false with kept.tags, which makes Terraform ignore apply_immediately of a replication group; got: true. First remove kept.tags in a separate apply.",
  ]);
  expect(cluster({ kept: { tags: true }, applyImmediately: true })).toEqual([]);
});

describe("rules in one kept group", () => {
  const kept = { securityGroupIds: ["sg-01234567"] };
  const orders = { ...MINIMAL.database, identifier: "orders", kept };
  const two: Record<string, unknown> = {
    "database.kept": kept,
    "databases.orders": orders,
    "clients.vpc": { vpcCidr: true },
  };
  const MUST =
    "must not need the same security group rule as another data store, because AWS refuses a duplicate";
  const INSTEAD = "Name the data stores of each client in `stores`, or keep another group.";

  test("two data stores clash if one client reaches both on the same port", () => {
    expect(problemsWith(two)).toEqual([
      `databases.orders.kept: ${MUST} (database.kept has the same); got: "sg-01234567, port 5432, from vpcCidr true". ${INSTEAD}`,
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["on another port", { "databases.orders": { ...orders, port: 5433 } }],
    [
      "where each client has a store of its own",
      {
        "clients.vpc": { vpcCidr: true, stores: ["database"] },
        "clients.office": { cidrIpv4: "10.9.0.0/24", stores: ["orders"] },
      },
    ],
    [
      "in another group",
      { "databases.orders": { ...orders, kept: { securityGroupIds: ["sg-89abcdef"] } } },
    ],
    ["where nobody connects", { "clients.vpc": undefined }],
  ])("they have none in common %s", (_, changes) => {
    expect(problemsWith({ ...two, ...changes })).toEqual([]);
  });

  test("two environments clash too", () => {
    const other = settingsWith({
      ...{ name: "other", "database.identifier": "other", "database.kept": kept },
      ...{ cache: undefined, "clients.network": { vpcCidr: true } },
    });
    expect(() =>
      parseEnvironments([settingsWith({ ...two, "databases.orders": undefined }), other]),
    ).toThrow(
      `other.database.kept: ${MUST}; got: sg-01234567, port 5432, from vpcCidr true, as in test. ${INSTEAD}`,
    );
  });
});
