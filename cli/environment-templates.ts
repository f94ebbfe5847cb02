import type { Template } from "./environment-source";

/** The templates of `npm run new`. */
export const TEMPLATES = ["dev", "prod"] as const;
export type TemplateName = (typeof TEMPLATES)[number];

export function template(from: TemplateName, app: string, name: string): Template {
  return from === "dev" ? small(app, name) : careful(app, name);
}

const BUCKET = "Must be globally unique. Deploy it once: npm run deploy -- state-bucket-BUCKET";

function small(app: string, name: string): Template {
  return {
    about: "The smallest setup, in the default VPC, open to the whole VPC.",
    settings: {
      app,
      name,
      production: false,
      region: "us-east-1",
      stateBucket: { name: `${app}-${name}-terraform-state` },
      network: { vpcId: "default", subnetIds: "all" },
      clients: { vpc: { vpcCidr: true } },
      database: {
        identifier: `${app}-${name}`,
        engineVersion: "17",
        instanceClass: "db.t4g.micro",
        allocatedStorageGib: 20,
        username: "appadmin",
        multiAz: false,
        backupRetentionDays: 7,
        deletionProtection: false,
      },
      cache: {
        kind: "cluster",
        clusterId: `${app}-${name}`,
        nodeType: "cache.t4g.micro",
        engineVersion: "7.1",
      },
    },
    comments: {
      production: "Turning protection off needs no reason here.",
      stateBucket: BUCKET,
      clients: 'Who may connect. Narrower: api: { securityGroupId: "sg-…" }',
      "database.identifier": "A change renames the instance.",
      "database.username": "The master user. A change replaces the instance.",
      "database.deletionProtection": "One call deletes the database. Its final snapshot remains.",
      "cache.kind": 'One node without TLS and encryption; "replication-group" has both.',
    },
  };
}

function careful(app: string, name: string): Template {
  return {
    about: "A production setup. Replace the account, the IDs and the address before you plan.",
    settings: {
      app,
      name,
      region: "us-east-1",
      account: "123456789012",
      stateBucket: { name: `${app}-${name}-terraform-state` },
      network: {
        vpcId: "vpc-00000000000000000",
        subnetIds: ["subnet-0000000000000000a", "subnet-0000000000000000b"],
      },
      clients: { api: { securityGroupId: "sg-00000000000000000" } },
      database: {
        identifier: `${app}-${name}`,
        engineVersion: "17",
        instanceClass: "db.m7g.large",
        allocatedStorageGib: 100,
        maxAllocatedStorageGib: 500,
        username: "appadmin",
        backupWindow: "03:00-04:00",
        maintenanceWindow: "sun:04:00-sun:05:00",
        preventDestroy: true,
        performanceInsights: {},
      },
      cache: {
        kind: "replication-group",
        replicationGroupId: `${app}-${name}`,
        nodeType: "cache.m7g.large",
        engineVersion: "7.1",
        snapshotRetentionDays: 7,
        snapshotWindow: "02:00-03:00",
        maintenanceWindow: "sun:05:00-sun:06:00",
        preventDestroy: true,
      },
      alarms: { emails: ["ops@example.com"] },
    },
    comments: {
      account: "REPLACE: Terraform refuses the credentials of any other account.",
      stateBucket: BUCKET,
      network: "REPLACE: your VPC, and subnets in two availability zones.",
      clients: "REPLACE: the security group of the application, the only client.",
      "database.username": "The master user. A change replaces the instance.",
      "database.preventDestroy": "Terraform refuses every plan that destroys or replaces it.",
      alarms: "REPLACE: who is notified. SNS asks the address to confirm, once per stack.",
    },
  };
}
