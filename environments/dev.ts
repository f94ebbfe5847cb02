import type { EnvironmentSettings } from "../settings/environment";

/** The chapter's setup: the smallest of everything, in the default VPC, open to the whole VPC. */
export const dev: EnvironmentSettings = {
  app: "news-api",
  name: "dev",
  production: false,
  region: "us-east-1",
  stateBucket: { name: "news-api-dev-terraform-state" },
  network: { vpcId: "default", subnetIds: "all" },
  clients: {
    vpc: { vpcCidr: true },
  },
  database: {
    identifier: "news-api-db",
    engineVersion: "15",
    instanceClass: "db.t3.micro",
    allocatedStorageGib: 20,
    username: "newsadmin",
    multiAz: false,
    backupRetentionDays: 7,
    backupWindow: "03:00-04:00",
    maintenanceWindow: "sun:04:00-sun:05:00",
    deletionProtection: false,
    credentials: { kind: "secret", recoveryWindowDays: 0 },
  },
  cache: {
    kind: "cluster",
    clusterId: "news-api-cache",
    nodeType: "cache.t3.micro",
    engineVersion: "7.0",
    autoMinorVersionUpgrade: false,
  },
  waivers: {
    "ElastiCache.2":
      "engineVersion 7.0 is exact: after an automatic upgrade, the next apply would replace the cache.",
    "MDS.9": "An ElastiCache cluster has no TLS, and everything in the VPC may read this one.",
  },
};
