import type { EnvironmentSettings } from "../settings/environment";

/**
 * What a careful team runs: own VPC, a standby in a second zone, TLS everywhere, the ECS service as the only client,
 * metrics, logs and alarms, and no plan that destroys a data store.
 * The account, the IDs and the email address are placeholders: replace them before the first plan.
 */
export const prod: EnvironmentSettings = {
  app: "news-api",
  name: "prod",
  region: "us-east-1",
  account: "123456789012",
  stateBucket: {
    name: "news-api-prod-terraform-state",
    accessLogBucket: "news-api-prod-access-logs",
  },
  encryption: { kind: "customer-managed" },
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
    logRetentionDays: 365,
  },
  cache: {
    kind: "replication-group",
    replicationGroupId: "news-api-prod-cache",
    nodeType: "cache.m7g.large",
    engineVersion: "7.1",
    nodes: 2,
    multiAz: true,
    snapshotRetentionDays: 7,
    snapshotWindow: "02:00-03:00",
    maintenanceWindow: "sun:05:00-sun:06:00",
    preventDestroy: true,
    eviction: "cache",
    logExports: ["slow-log", "engine-log"],
    logRetentionDays: 365,
  },
  alarms: { emails: ["ops@example.com"] },
  waivers: {
    CKV2_AWS_30: "Statements hold personal data of readers, which does not belong in logs.",
    CKV_AWS_31:
      "IAM authentication requires code in the application, and only its service may connect.",
    "S3.17": "A state holds no secret. S3 encrypts it with its own keys.",
  },
};
