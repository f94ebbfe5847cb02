import type { EnvironmentSettings } from "../settings/environment";

/** The chapter's set-up: the smallest of everything, in the default VPC, open to the whole VPC. */
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
    "RDS.23": "The security group decides who connects; another port hides nothing from them.",
    "ElastiCache.2":
      "The version is exact: after an upgrade by AWS the next apply would replace the cache.",
    "MDS.9":
      "ElastiCache has no TLS for a cluster, and what is in this one may be read by the VPC.",
    "SecretsManager.1":
      "Raising credentials.passwordVersion rotates both secrets, before the restart that ECS then needs.",
    CKV2_AWS_34: "REDIS_URL holds an address and a port, and no secret.",
  },
};
