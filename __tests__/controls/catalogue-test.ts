import { CATALOGUE, CONTROL_IDS } from "../../controls/catalogue";
import { type Control, described, sourceOf } from "../../controls/control";
import { evaluate, type Result } from "../../controls/evaluation";
import { SynthesizedStack } from "../../controls/synthesized-stack";
import { environmentWith, MINIMAL, REPLICATION_GROUP } from "../minimal-environment";
import { EXAMPLES } from "./examples";
import { type Difference, hardenedJson, hardenedStacks, STACKS, stacksOf } from "./hardened-stacks";

const DEMANDING = { waivers: {}, production: true };
const controlOf = (id: string) => CATALOGUE.find((control) => control.id === id) as Control;

function evaluated(id: string, stacks: readonly SynthesizedStack[]): Result {
  const [result] = evaluate([controlOf(id)], stacks, DEMANDING);
  return result as Result;
}

const VIOLATIONS = Object.entries(EXAMPLES).flatMap(([id, { violates }]) =>
  violates.map((difference, index) => [id, index + 1, difference] as const),
);

test("every control has an example that meets it and one that violates it", () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...CONTROL_IDS].sort());
  for (const { violates } of Object.values(EXAMPLES)) {
    expect(violates.length).toBeGreaterThan(0);
  }
});

test("every ID is in the catalogue once", () => {
  const ids = CATALOGUE.flatMap(({ id, also }) => [id, ...also]);
  expect(ids).toHaveLength(200);
  expect(new Set(ids).size).toBe(ids.length);
});

test("only these controls are required in production only", () => {
  const ids = CATALOGUE.filter(({ production }) => production).map(({ id }) => id);
  expect(ids).toEqual([
    ...[
      "RDS.5",
      "RDS.6",
      "RDS.8",
      "RDS.9",
      "RDS.10",
      "RDS.11",
      "CKV2_AWS_30",
      "CKV_AWS_353",
      "CKV_AWS_354",
    ],
    ...["MDS.12", "MDS.13", "MDS.15", "ElastiCache.1", "ElastiCache.3", "CKV_AWS_191", "MDS.14"],
    ...["MDS.17", "MDS.18", "S3.9", "S3.11", "S3.17"],
    ...["CKV_AWS_149", "MDS.11", "CKV_AWS_337", "CloudWatch.16", "CKV_AWS_158", "RDS.21", "RDS.22"],
    ...["MDS.8", "MDS.22"],
  ]);
});

/** A replica without its own values: it inherits some from its source and does not need the others. */
const REPLICA = {
  "database.resource.aws_db_instance.replica": {
    replicate_source_db: "${aws_db_instance.database.identifier}",
  },
};

test.each([
  ...["RDS.5", "RDS.11", "RDS.25", "CKV_AWS_211", "MDS.4", "MDS.5", "MDS.6", "MDS.15"],
  ...["RDS.2", "RDS.3", "RDS.13", "RDS.38", "CKV2_AWS_30", "CKV_AWS_250"],
])("%s is met by a read replica too", (id) => {
  expect(evaluated(id, hardenedStacks({ json: REPLICA }))).toMatchObject({
    status: "met",
    findings: [],
  });
});

test("the catalogue is machine-readable data", () => {
  const data = JSON.parse(JSON.stringify(CATALOGUE.map(described)));
  expect(data).toHaveLength(CATALOGUE.length);
  expect(data.find(({ id }: { id: string }) => id === "RDS.3")).toEqual({
    id: "RDS.3",
    also: ["CKV_AWS_16", "AVD-AWS-0080", "CIS-5.0.0/2.2.1"],
    demands: "A database's storage, backups and snapshots are encrypted.",
    production: false,
    settingWithReason: "storageEncrypted",
    on: [
      {
        type: "aws_db_instance",
        checks: [{ attribute: "storage_encrypted", must: "be true" }],
      },
    ],
    sources: [
      "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3",
      "https://www.checkov.io/5.Policy%20Index/terraform.html",
      "https://avd.aquasec.com/misconfig/avd-aws-0080",
      "https://www.cisecurity.org/benchmark/amazon_web_services",
    ],
  });
});

test("a guide explains the project's own controls", () => {
  expect(sourceOf("MDS.1")).toBe("docs/guides/controls.md");
});

test.each(Object.keys(EXAMPLES))("%s is met", (id) => {
  const result = evaluated(id, hardenedStacks(EXAMPLES[id]?.meets));
  expect(result).toMatchObject({ status: "met", findings: [] });
  expect(result.evaluated).toBeGreaterThan(0);
});

test.each(VIOLATIONS)("%s is violated by tampering %i", (id, _index, difference) => {
  const result = evaluated(id, hardenedStacks(difference));
  expect(result.status).toBe("violated");
  expect(result.findings.length).toBeGreaterThan(0);
});

const REASON = "an example, and nothing that anybody would miss";

test.each([
  ["RDS.3", { "database.storageEncrypted": false, "database.reasons.storageEncrypted": REASON }],
  [
    "RDS.8",
    { "database.deletionProtection": false, "database.reasons.deletionProtection": REASON },
  ],
  ["RDS.11", { "database.backupRetentionDays": 0, "database.reasons.backupRetentionDays": REASON }],
  [
    "RDS.38",
    { "database.parameters": { "rds.force_ssl": "0" }, "database.reasons.forceSsl": REASON },
  ],
  ["MDS.5", { "database.skipFinalSnapshot": true, "database.reasons.skipFinalSnapshot": REASON }],
  [
    "MDS.6",
    {
      "database.deleteAutomatedBackups": true,
      "database.reasons.deleteAutomatedBackups": REASON,
    },
  ],
  [
    "MDS.9",
    {
      cache: {
        ...REPLICATION_GROUP,
        engineVersion: "7.1",
        autoMinorVersionUpgrade: false,
        transitEncryptionMode: "preferred",
        reasons: { transitEncryptionMode: REASON },
      },
    },
  ],
])("%s is waived by the reason that its setting requires", (id, settings) => {
  expect(evaluated(id, hardenedStacks({ settings }))).toMatchObject({
    status: "waived",
    reason: REASON,
  });
});

const WITHOUT_ALARMS = ["MDS.12", "MDS.13", "MDS.14"];

test.each(WITHOUT_ALARMS)("%s is waived by the reason for having no alarms", (id) => {
  const environment = environmentWith({ "reasons.alarms": REASON });
  expect(evaluated(id, stacksOf(environment))).toMatchObject({ status: "waived", reason: REASON });
});

test("every control with such a setting is among them", () => {
  const ids = CATALOGUE.filter(({ reason }) => reason).map(({ id }) => id);
  const settings = ["RDS.3", "RDS.8", "RDS.11", "RDS.38", "MDS.5", "MDS.6", "MDS.9"];
  expect([...ids].sort()).toEqual([...settings, ...WITHOUT_ALARMS].sort());
});

test.each(Object.keys(EXAMPLES))("%s does not apply where there is nothing to look at", (id) => {
  expect(evaluated(id, [new SynthesizedStack("empty", {})])).toMatchObject({
    status: "not applicable",
    evaluated: 0,
  });
});

test.each(["RDS.21", "RDS.22"])("%s does not apply to a stack without subscriptions", (id) => {
  const json = { "database.resource.aws_db_event_subscription": undefined };
  expect(evaluated(id, hardenedStacks({ json })).status).toBe("not applicable");
});

test("MDS.14 names the nodes without an alarm", () => {
  const json = { "cache.resource.aws_cloudwatch_metric_alarm.memory_002": undefined };
  expect(evaluated("MDS.14", hardenedStacks({ json })).findings).toMatchObject([
    { got: '["news-api-cache-002"]', unknown: false },
  ]);
});

test("MDS.3 accepts a URL in a parameter if its password is generated during the apply", () => {
  const json = {
    "cache.resource.aws_ssm_parameter.own.value_wo":
      "rediss://:${ephemeral.aws_secretsmanager_random_password.cache.random_password}@cache:6379",
  };
  expect(evaluated("MDS.3", hardenedStacks({ json })).status).toBe("met");
});

/** A stack has one provider and one backend; who is told of what changes beside databases is a matter of the account. */
const ONE_OF_A_KIND = ["MDS.7", "MDS.8", "MDS.19", "RDS.21", "RDS.22"];

/** The JSON of three stacks in which everything has another name. */
function renamed(difference: Difference): Record<string, unknown> {
  const text = JSON.stringify(hardenedJson(difference))
    // References as in templates, and without ${ inside jsonencode().
    .replace(/\$\{((?:data\.|ephemeral\.)?aws_\w+)\.(\w+)/g, "${$1.bad_$2")
    .replace(/(aws_\w+)\.(\w+)(\.arn\b)(?!\})/g, "$1.bad_$2$3")
    .replace(/news-api-(db|cache|users)/g, "bad-api-$1");
  return JSON.parse(text);
}

const NAMED = ["resource", "data", "ephemeral", "output"];
type Blocks = Record<string, Record<string, unknown>>;

/** All blocks of some stacks in one stack, with names that start with bad_. */
function prefixed(kind: string, blocks: Blocks = {}): Blocks {
  const entries = Object.entries(blocks);
  return Object.fromEntries(
    kind === "output"
      ? entries.map(([name, of]) => [`bad_${name}`, of])
      : entries.map(([type, named]) => [
          type,
          Object.fromEntries(Object.entries(named).map(([name, of]) => [`bad_${name}`, of])),
        ]),
  );
}

function merged(
  good: Record<string, Blocks>,
  bad: Record<string, Blocks>,
): Record<string, unknown> {
  const parts = NAMED.map((kind) => {
    const added = prefixed(kind, bad[kind]);
    const types = { ...good[kind] };
    for (const [type, named] of Object.entries(added)) {
      types[type] = { ...types[type], ...named };
    }
    return [kind, types];
  });
  return { ...good, ...Object.fromEntries(parts) };
}

test.each(VIOLATIONS.filter(([id]) => !ONE_OF_A_KIND.includes(id)))(
  "%s finds what is wrong among what is right in one stack, in the way number %i",
  (id, _index, difference) => {
    const good = hardenedJson(EXAMPLES[id]?.meets ?? {});
    const bad = renamed(difference) as typeof good;
    const stacks = STACKS.map(
      (name) => new SynthesizedStack(name, merged(good[name] as never, bad[name] as never)),
    );
    const result = evaluated(id, stacks);
    expect(result.status).toBe("violated");
    expect(result.findings.filter(({ address }) => !address.includes(".bad_"))).toEqual([]);
    expect(result.evaluated).toBe(
      evaluated(id, hardenedStacks(EXAMPLES[id]?.meets)).evaluated +
        evaluated(id, hardenedStacks(difference)).evaluated,
    );
  },
);

/** The attributes that a check reads, except those that it only tests for presence. */
const READ = CATALOGUE.flatMap(({ id, on }) =>
  on.flatMap(({ type, checks }) =>
    checks
      .filter(({ attribute, must }) => /^\w+$/.test(attribute) && !/^be (set$|absent$)/.test(must))
      .filter(({ attribute }) => !attribute.startsWith("aws_"))
      .map(({ attribute }) => [id, type, attribute] as const),
  ),
);

/** The stacks that meet a control, and those with the other kind of cache. */
function withBlocks(id: string, type: string): SynthesizedStack[] {
  const stacks = hardenedStacks(EXAMPLES[id]?.meets);
  return stacks.some((stack) => stack.ofType(type).length > 0)
    ? stacks
    : hardenedStacks({ settings: { cache: MINIMAL.cache } });
}

const KNOWN_NOWHERE = [
  ...["aws_security_group_rule", "terraform.backend.local", "aws_sns_topic_subscription"],
  ...["aws_iam_policy_attachment", "aws_iam_role_policy_attachments_exclusive"],
];

test.each(READ.filter(([, type]) => !KNOWN_NOWHERE.includes(type)))(
  "%s never takes for right what only an apply knows: a %s's %s",
  (id, type, attribute) => {
    const stacks = withBlocks(id, type);
    const blocks = stacks.flatMap((stack) => stack.ofType(type));
    expect(blocks.length).toBeGreaterThan(0);
    for (const { attributes } of blocks) {
      (attributes as Record<string, unknown>)[attribute] = "${var.unknown}";
    }
    expect(evaluated(id, stacks).status).toMatch(/^(violated|not applicable)$/);
  },
);

test("these are most of the attributes that the controls read", () => {
  expect(READ.length).toBeGreaterThan(50);
});
