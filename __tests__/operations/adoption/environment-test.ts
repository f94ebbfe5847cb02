import { CATALOGUE } from "../../../controls/catalogue";
import { evaluate } from "../../../controls/evaluation";
import { translateEnvironment } from "../../../operations/adoption/environment";
import type { Existing } from "../../../operations/adoption/existing";
import { nextSteps } from "../../../operations/adoption/next-steps";
import { parseEnvironment } from "../../../settings/environment";
import { buildApp } from "../../../stacks/app";
import { stacksOf } from "../../controls/hardened-stacks";
import {
  ACCOUNT,
  CLUSTER,
  existingWith,
  GROUP,
  INSTANCE,
  OTHER_GROUP,
  REPLICATION_GROUP,
  ruleWith,
  VPC,
} from "./existing-account";

const NAMED = { app: "news-api", name: "live", stateBucket: "news-api-live-terraform-state" };
const translate = (existing: Existing) => translateEnvironment(existing, NAMED);
const withInstance = (changes: object) =>
  existingWith({ database: { instance: { ...INSTANCE, ...changes }, replicas: [] } });
const withCluster = (changes: object) =>
  existingWith({ cache: { cluster: { ...CLUSTER, ...changes }, tags: [] } });
const withGroup = (changes: object) =>
  existingWith({
    cache: { cluster: CLUSTER, group: { ...REPLICATION_GROUP, ...changes }, tags: [] },
  });

test("the chapter's account is described as it is, and the environment is valid", () => {
  const { settings, refusals } = translate(existingWith());
  expect(refusals).toEqual([]);
  expect(() => buildApp([parseEnvironment(settings)])).not.toThrow();
  expect(settings).toMatchObject({
    account: ACCOUNT,
    region: "us-east-1",
    network: { vpcId: VPC },
    clients: { vpc: { vpcCidr: true } },
    database: {
      identifier: "news-api-db",
      engineVersion: "15.4",
      existing: true,
      autoMinorVersionUpgrade: true,
      storageEncrypted: false,
      extendedSupport: true,
      copyTagsToSnapshot: false,
      preventDestroy: true,
      credentials: { kind: "existing" },
      kept: {
        securityGroupIds: [GROUP],
        subnetGroupName: "default",
        parameterGroupName: "default.postgres15",
        optionGroupName: "default:postgres-15",
        tags: true,
        engineVersion: true,
      },
      adopted: {
        "aws_db_instance.database": "news-api-db",
        "aws_vpc_security_group_ingress_rule.database_from_vpc": "sgr-1",
      },
    },
    cache: {
      kind: "cluster",
      clusterId: "news-api-cache",
      engineVersion: "7.0",
      kept: { parameterGroupName: "default.redis7" },
      adopted: {
        "aws_elasticache_cluster.cache": "news-api-cache",
        "aws_vpc_security_group_ingress_rule.cache_from_vpc": "sgr-2",
      },
    },
  });
  const written = JSON.stringify(settings);
  for (const absent of ["availabilityZone", "iops", "storageThroughput", "logGroups"]) {
    expect(written).not.toContain(absent);
  }
});

test("a replication group is described from the group and its first node", () => {
  const { settings, refusals } = translate(withGroup({}));
  expect(refusals).toEqual([]);
  expect(settings.cache).toMatchObject({
    kind: "replication-group",
    replicationGroupId: "news-api-cache",
    description: "Sessions",
    engineVersion: "7.0",
    port: 6380,
    nodes: 2,
    multiAz: true,
    snapshotRetentionDays: 5,
    skipFinalSnapshot: true,
    snapshotWindow: "08:00-09:00",
    maintenanceWindow: "thu:05:00-thu:06:00",
  });
  expect(() => buildApp([parseEnvironment(settings)])).not.toThrow();
});

test.each<[string, Existing]>([
  ["Its engine is mysql.", withInstance({ Engine: "mysql" })],
  ["It has a public address.", withInstance({ PubliclyAccessible: true })],
  ["Its status is modifying.", withInstance({ DBInstanceStatus: "modifying" })],
  [
    "Changes wait for its maintenance window: DBInstanceClass.",
    withInstance({ PendingModifiedValues: { DBInstanceClass: "db.m7g.large", Port: undefined } }),
  ],
  ["It is an instance of the DB cluster news.", withInstance({ DBClusterIdentifier: "news" })],
  [
    "It is a read replica of other-db.",
    withInstance({ ReadReplicaSourceDBInstanceIdentifier: "other-db" }),
  ],
  [
    "Its certificate authority is rds-ca-2019.",
    withInstance({ CACertificateIdentifier: "rds-ca-2019" }),
  ],
  ["It has a dedicated log volume.", withInstance({ DedicatedLogVolume: true })],
  [
    "It is a member of a directory domain.",
    withInstance({ DomainMemberships: [{ Domain: "d-1" }] }),
  ],
  ["Its engine is memcached.", withCluster({ Engine: "memcached" })],
  ["It is a node of the replication group news.", withCluster({ ReplicationGroupId: "news" })],
  ["It is an encrypted cluster.", withCluster({ TransitEncryptionEnabled: true })],
  [
    "It notifies arn:aws:sns:us-east-1:123456789012:ops.",
    withCluster({
      NotificationConfiguration: { TopicArn: "arn:aws:sns:us-east-1:123456789012:ops" },
    }),
  ],
  [
    "It delivers slow-log to kinesis-firehose as json.",
    withCluster({
      LogDeliveryConfigurations: [
        { LogType: "slow-log", DestinationType: "kinesis-firehose", LogFormat: "json" },
      ],
    }),
  ],
  [
    "Changes wait for its maintenance window: CacheNodeType.",
    withCluster({ PendingModifiedValues: { CacheNodeType: "cache.m7g.large" } }),
  ],
  ["It is sharded: 2 shards.", withGroup({ NodeGroups: [{}, {}], ClusterEnabled: true })],
  ["It has no TLS.", withGroup({ TransitEncryptionEnabled: false })],
  ["It is not encrypted at rest.", withGroup({ AtRestEncryptionEnabled: false })],
  [
    "Its automatic failover is disabled, with 2 nodes.",
    withGroup({ AutomaticFailover: "disabled" }),
  ],
  [
    "It is a member of a global datastore.",
    withGroup({ GlobalReplicationGroupInfo: { GlobalReplicationGroupId: "g" } }),
  ],
  ["The security groups are in no VPC.", existingWith({ vpcs: [] })],
])("refused: %s", (found, existing) => {
  expect(translate(existing).refusals.map((one) => one.found)).toEqual([found]);
});

test("everything that forbids the adoption is found at once", () => {
  const { refusals } = translate({
    ...withInstance({ PubliclyAccessible: true, Engine: "mysql" }),
    cache: { cluster: { ...CLUSTER, CacheClusterStatus: "creating" }, tags: [] },
  });
  expect(refusals.map(({ subject, found }) => `${subject}: ${found}`)).toEqual([
    "database news-api-db: Its engine is mysql.",
    "database news-api-db: It has a public address.",
    "cache news-api-cache: Its status is creating.",
  ]);
});

describe("rules", () => {
  const onlyDatabase = (rules: Existing["rules"], changes: Partial<Existing> = {}) =>
    translate(existingWith({ cache: undefined, rules, ...changes }));

  test.each<[string, Parameters<typeof ruleWith>[0], object]>([
    ["the VPC's network", { CidrIpv4: "172.31.0.0/16" }, { vpc: { vpcCidr: true } }],
    [
      "another network, by its description",
      { CidrIpv4: "10.1.2.0/24", Description: "The office in Bern" },
      { "the-office-in-bern": { cidrIpv4: "10.1.2.0/24" } },
    ],
    [
      "a network without a description",
      { CidrIpv4: "10.1.2.0/24" },
      { "net-10-1-2-0-24": { cidrIpv4: "10.1.2.0/24" } },
    ],
    [
      "a wide network, with a reason",
      { CidrIpv4: "10.0.0.0/8" },
      {
        "net-10-0-0-0-8": {
          cidrIpv4: "10.0.0.0/8",
          reason: "Adopted as it was: name the networks that really connect",
        },
      },
    ],
    ["IPv6", { CidrIpv6: "2001:db8::/56" }, { "net-2001-db8-56": { cidrIpv6: "2001:db8::/56" } }],
    [
      "a prefix list",
      { PrefixListId: "pl-01234567" },
      { "pl-01234567": { prefixListId: "pl-01234567" } },
    ],
    [
      "a security group of the account, by its name",
      { ReferencedGroupInfo: { GroupId: GROUP, UserId: ACCOUNT } },
      { default: { securityGroupId: GROUP } },
    ],
    [
      "a security group without an account",
      { ReferencedGroupInfo: { GroupId: OTHER_GROUP } },
      { [OTHER_GROUP]: { securityGroupId: OTHER_GROUP } },
    ],
    [
      "a security group of another account",
      { ReferencedGroupInfo: { GroupId: OTHER_GROUP, UserId: "210987654321" } },
      { [OTHER_GROUP]: { securityGroupId: `210987654321/${OTHER_GROUP}` } },
    ],
  ])("%s is a client", (_, rule, clients) => {
    const { settings, remarks } = onlyDatabase([ruleWith(rule)]);
    expect(settings.clients).toEqual(clients);
    expect(remarks.filter(({ found }) => found.includes("sgr-"))).toEqual([]);
    const imported = Object.values(settings.database?.adopted ?? {});
    expect(imported).toEqual(["news-api-db", "sgr-0123456789abcdef0"]);
    expect(() => buildApp([parseEnvironment(settings)])).not.toThrow();
  });

  test.each([
    ["everybody", { CidrIpv4: "0.0.0.0/0" }],
    ["more ports", { CidrIpv4: "10.1.2.0/24", FromPort: 5000, ToPort: 6000 }],
    ["every protocol", { CidrIpv4: "10.1.2.0/24", IpProtocol: "-1", FromPort: -1, ToPort: -1 }],
  ])("%s is not a client, and is listed", (_, rule) => {
    const { settings, remarks, refusals } = onlyDatabase([ruleWith(rule)]);
    expect(settings.clients).toEqual({});
    expect(refusals).toEqual([]);
    expect(remarks.map(({ found }) => found)).toContainEqual(
      expect.stringMatching(/^The rule sgr-0123456789abcdef0 of .* also opens port 5432\.$/),
    );
  });

  test("a rule for another port is ignored", () => {
    const { settings, remarks } = onlyDatabase([
      ruleWith({ CidrIpv4: "0.0.0.0/0", FromPort: 22, ToPort: 22 }),
    ]);
    expect(settings.clients).toEqual({});
    expect(remarks.filter(({ found }) => found.includes("sgr-"))).toEqual([]);
  });

  test("the group with the clients' rules comes first; rules of other groups are listed", () => {
    const instance = {
      ...INSTANCE,
      VpcSecurityGroups: [{ VpcSecurityGroupId: OTHER_GROUP }, { VpcSecurityGroupId: GROUP }],
    };
    const { settings, remarks } = onlyDatabase(
      [
        ruleWith({ SecurityGroupRuleId: "sgr-1", CidrIpv4: "10.1.2.0/24" }),
        ruleWith({ SecurityGroupRuleId: "sgr-2", CidrIpv4: "10.1.3.0/24" }),
        ruleWith({ SecurityGroupRuleId: "sgr-3", CidrIpv4: "10.1.4.0/24", GroupId: OTHER_GROUP }),
        ruleWith({ SecurityGroupRuleId: "sgr-4", CidrIpv4: "0.0.0.0/0", IsEgress: true }),
      ],
      { database: { instance, replicas: [] } },
    );
    expect(settings.database?.kept?.securityGroupIds).toEqual([GROUP, OTHER_GROUP]);
    expect(Object.keys(settings.clients)).toEqual(["net-10-1-2-0-24", "net-10-1-3-0-24"]);
    const listed = remarks.map(({ found }) => found).join("\n");
    expect(listed).toContain("sgr-3");
    expect(listed).toMatch(/1 egress rules: sgr-4/);
  });

  test("each source has one name, and each name one source", () => {
    const { settings } = translate(
      existingWith({
        rules: [
          ruleWith({ SecurityGroupRuleId: "sgr-1", CidrIpv4: "10.1.2.0/24", Description: "api" }),
          ruleWith({ SecurityGroupRuleId: "sgr-2", CidrIpv4: "10.1.3.0/24", Description: "api" }),
          ruleWith({
            SecurityGroupRuleId: "sgr-3",
            CidrIpv4: "10.1.3.0/24",
            FromPort: 6379,
            ToPort: 6379,
          }),
        ],
      }),
    );
    expect(settings.clients).toEqual({
      api: { cidrIpv4: "10.1.2.0/24", stores: ["database"] },
      "api-2": { cidrIpv4: "10.1.3.0/24" },
    });
    expect(settings.cache?.adopted).toMatchObject({
      "aws_vpc_security_group_ingress_rule.cache_from_api_2": "sgr-3",
    });
  });
});

test("tags that the environment can have are kept; others are listed", () => {
  const { settings, remarks } = translate(
    existingWith({
      database: {
        instance: {
          ...INSTANCE,
          TagList: [
            { Key: "team", Value: "news" },
            { Key: "cost", Value: "1" },
            { Key: "aws:cloudformation:stack-name", Value: "x" },
          ],
        },
        replicas: [],
      },
      cache: { cluster: CLUSTER, tags: [{ Key: "cost", Value: "2" }] },
    }),
  );
  expect(settings.tags).toEqual({ team: "news" });
  expect(remarks.filter(({ subject }) => subject === "tags").map(({ found }) => found)).toEqual([
    "The tag cost has the values 1, 2.",
  ]);
});

describe("read replicas", () => {
  const SHARED = { ...INSTANCE, BackupRetentionPeriod: 0 };
  const withReplica = (changes: object) =>
    translate(
      existingWith({
        database: {
          instance: INSTANCE,
          replicas: [{ ...SHARED, DBInstanceIdentifier: "news-api-db-for-reports", ...changes }],
        },
      }),
    );

  test("a replica like its instance is imported", () => {
    const { settings } = withReplica({ DBInstanceClass: "db.t3.small" });
    expect(settings.database?.readReplicas).toEqual({
      for_reports: { instanceClass: "db.t3.small", multiAz: false, deletionProtection: false },
    });
    expect(settings.database?.adopted).toMatchObject({
      "aws_db_instance.database_replica_for_reports": "news-api-db-for-reports",
    });
    expect(() => buildApp([parseEnvironment(settings)])).not.toThrow();
  });

  test.each([
    ["its name", { DBInstanceIdentifier: "reports" }, "its name does not start with news-api-db-"],
    [
      "its window",
      { PreferredMaintenanceWindow: "mon:04:00-mon:05:00" },
      "it differs from its instance in PreferredMaintenanceWindow",
    ],
  ])("a replica that the settings cannot express is left out: %s", (_, changes, why) => {
    const { settings, remarks } = withReplica(changes);
    expect(settings.database?.readReplicas).toBeUndefined();
    expect(remarks.map(({ found }) => found).join("\n")).toContain(why);
  });
});

test("an adopted environment has remaining steps, in order; a new one has none", () => {
  const environment = parseEnvironment(translate(existingWith()).settings);
  expect(nextSteps(environment).map(({ stackId, step }) => `${stackId} ${step}`)).toEqual([
    ...[
      ...["import", "tags", "own security group", "deletion protection", "final snapshot"],
      ...["tags of snapshots", "URL in Secrets Manager", "rotation", "own parameter group"],
      ...["version", "extended support", "encryption"],
    ].map((step) => `news-api-live-database ${step}`),
    ...["import", "tags", "own security group", "own parameter group", "version"].map(
      (step) => `news-api-live-cache ${step}`,
    ),
    "news-api-live-cache TLS and encryption",
  ]);
});

test("the controls that the chapter's stores do not meet, until a step or a copy meets them", () => {
  const environment = parseEnvironment(translate(existingWith()).settings);
  const results = evaluate(CATALOGUE, stacksOf(environment), environment);
  const violated = results.filter(({ status }) => status === "violated");
  expect(violated.map(({ control }) => control.id)).toEqual([
    ...["RDS.5", "RDS.6", "RDS.9", "RDS.10", "RDS.17", "RDS.38", "CKV2_AWS_30", "CKV_AWS_353"],
    ...["MDS.4", "MDS.15", "ElastiCache.1", "ElastiCache.7", "MDS.9", "MDS.18", "S3.9", "S3.17"],
    // The group is not the stack's, and the JSON has import blocks.
    ...["MDS.24", "MDS.19"],
  ]);
});
