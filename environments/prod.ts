import type { EnvironmentSettings } from "../settings/environment";

/**
 * What a careful team runs: own VPC, a standby in a second zone, TLS everywhere, the ECS service as the only client.
 * The account and the ids are placeholders: write your own before the first plan.
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
    multiAz: true,
    backupRetentionDays: 30,
    backupWindow: "03:00-04:00",
    maintenanceWindow: "sun:04:00-sun:05:00",
    deletionProtection: true,
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
  },
};
