import type { EnvironmentSettings } from "../settings/environment";

/**
 * What a careful team runs: own VPC, a standby in a second zone, TLS everywhere, the ECS service as the only client,
 * metrics, logs and alarms, and no plan that destroys a data store.
 * The account, the ids and the address are placeholders: write your own before the first plan.
 */
export const prod: EnvironmentSettings = {
  app: "news-api",
  name: "prod",
  region: "us-east-1",
  account: "123456789012",
  stateBucket: { name: "news-api-prod-terraform-state" },
  network: {
    vpcId: "vpc-00000000000000000",
    subnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
  },
  clients: {
    api: { securityGroupId: "sg-00000000000000000" },
  },
  database: {
    identifier: "news-api-prod-db",
    engineVersion: "15",
    instanceClass: "db.m7g.large",
    allocatedStorageGib: 100,
    maxAllocatedStorageGib: 500,
    username: "newsadmin",
    dbName: "newsdb",
    iamAuthentication: true,
    multiAz: true,
    backupRetentionDays: 30,
    backupWindow: "03:00-04:00",
    maintenanceWindow: "sun:04:00-sun:05:00",
    deletionProtection: true,
    preventDestroy: true,
    enhancedMonitoring: { intervalSeconds: 60 },
    performanceInsights: { retentionDays: 31 },
    logRetentionDays: 90,
  },
  cache: {
    kind: "replication-group",
    replicationGroupId: "news-api-prod-cache",
    nodeType: "cache.m7g.large",
    engineVersion: "7.1",
    autoMinorVersionUpgrade: false,
    nodes: 2,
    multiAz: true,
    snapshotRetentionDays: 7,
    snapshotWindow: "02:00-03:00",
    maintenanceWindow: "sun:05:00-sun:06:00",
    preventDestroy: true,
    eviction: "cache",
    logExports: ["slow-log", "engine-log"],
    logRetentionDays: 90,
  },
  alarms: { emails: ["ops@example.com"] },
  waivers: {
    "MDS.14":
      "It drops what was not used for longest, so its memory is always full: its evictions are watched.",
    "RDS.23": "The security group decides who connects; another port hides nothing from them.",
    CKV2_AWS_30: "Statements hold personal data of readers, which does not belong in logs.",
    "ElastiCache.2":
      "The version is exact: after an upgrade by AWS the next apply would replace the cache.",
    CKV_AWS_31: "Logging in by IAM takes code in the application, and only its service is let in.",
    "RDS.21": "Only Terraform changes parameter groups, and its plan shows it.",
    CKV_AWS_354: "Keys of AWS encrypt it: there is no key that somebody here could lose.",
    CKV_AWS_191: "Keys of AWS encrypt it: there is no key that somebody here could lose.",
    CKV_AWS_149: "Keys of AWS encrypt it: there is no key that somebody here could lose.",
    CKV_AWS_158: "Keys of AWS encrypt it: there is no key that somebody here could lose.",
    "SecretsManager.1":
      "Raising credentials.passwordVersion rotates both secrets, before the restart that ECS then needs.",
    CKV2_AWS_34: "REDIS_URL holds an address and a port, and no secret.",
    "CloudWatch.16": "The logs are for finding faults, and 90 days are enough for that.",
    "S3.7": "Versions cover what people do to a state; without its region it is of no use.",
    "S3.9": "It takes a second bucket, which belongs to the whole account and not to this project.",
    "S3.11": "Nothing here acts on events of the bucket.",
    "S3.15": "Versions bring a state back; a lock would also keep what has to be deleted.",
    "S3.17": "Keys of AWS encrypt it: there is no key that somebody here could lose.",
    "S3.20": "S3 takes no lifecycle rules beside it, and old versions have to expire.",
  },
};
