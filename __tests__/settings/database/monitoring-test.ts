import { problemsWith } from "../../minimal-environment";

const ROLE = "arn:aws:iam::123456789012:role/rds-monitoring";
const KMS = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef";
const monitoring = (value: unknown, more = {}) =>
  problemsWith({ "database.enhancedMonitoring": value, ...more });
const insights = (value: unknown) => problemsWith({ "database.performanceInsights": value });

test.each([1, 5, 10, 15, 30, 60])("an interval of %j seconds is accepted", (intervalSeconds) => {
  expect(monitoring({ intervalSeconds, roleArn: ROLE })).toEqual([]);
});

test("the role may be omitted, whatever the account", () => {
  const account = "123456789012";
  expect(monitoring({ intervalSeconds: 60 })).toEqual([]);
  expect(monitoring({ intervalSeconds: 60 }, { account })).toEqual([]);
});

test.each([
  "arn:aws:iam::123456789012:role/service-role/rds+monitoring=a,b.c@d_e-f",
  `arn:aws:iam::123456789012:role/${"r".repeat(64)}`,
])("the role %s is accepted", (roleArn) => {
  expect(monitoring({ intervalSeconds: 60, roleArn }, { account: "123456789012" })).toEqual([]);
});

const ROLE_FORM =
  'database.enhancedMonitoring.roleArn: must be the full ARN of an IAM role; got: %s. Use "arn:aws:iam::<account>:role/<name>".';

test.each<[unknown, string]>([
  [
    { intervalSeconds: 0, roleArn: ROLE },
    "database.enhancedMonitoring.intervalSeconds: must be one of 1, 5, 10, 15, 30, 60; got: 0. Use an interval in seconds that RDS accepts.",
  ],
  [
    { intervalSeconds: 61, roleArn: ROLE },
    "database.enhancedMonitoring.intervalSeconds: must be one of 1, 5, 10, 15, 30, 60; got: 61. Use an interval in seconds that RDS accepts.",
  ],
  [
    {},
    "database.enhancedMonitoring.intervalSeconds: must be one of 1, 5, 10, 15, 30, 60; got: nothing. Set it to an interval in seconds that RDS accepts.",
  ],
  [{ intervalSeconds: 60, roleArn: "rds-monitoring" }, ROLE_FORM.replace("%s", '"rds-monitoring"')],
  [
    { intervalSeconds: 60, roleArn: "arn:aws:iam::12345:role/a" },
    ROLE_FORM.replace("%s", '"arn:aws:iam::12345:role/a"'),
  ],
  [
    { intervalSeconds: 60, roleArn: "arn:aws:iam::123456789012:role/" },
    ROLE_FORM.replace("%s", '"arn:aws:iam::123456789012:role/"'),
  ],
  [
    { intervalSeconds: 60, roleArn: "arn:aws:iam::123456789012:user/a" },
    ROLE_FORM.replace("%s", '"arn:aws:iam::123456789012:user/a"'),
  ],
])("enhanced monitoring with %j is refused", (value, message) => {
  expect(monitoring(value)).toEqual([message]);
});

test("the role must be in the environment's account", () => {
  expect(monitoring({ intervalSeconds: 60, roleArn: ROLE }, { account: "000000000000" })).toEqual([
    `database.enhancedMonitoring.roleArn: must be a role of the environment's account 000000000000; got: ${JSON.stringify(ROLE)}. Use a role of that account.`,
  ]);
});

test.each([
  {},
  { retentionDays: 7 },
  { retentionDays: 31 },
  { retentionDays: 713 },
  { retentionDays: 731 },
  { retentionDays: 465, mode: "advanced" },
  { kmsKeyArn: KMS },
])("Performance Insights with %j are accepted", (value) => {
  expect(insights(value)).toEqual([]);
});

const RETENTION =
  "database.performanceInsights.retentionDays: must be 7, 731, or a multiple of 31 up to 713; got: %s. Use %w.";

test.each<[number, number]>([
  [0, 7],
  [6, 7],
  [8, 7],
  [15, 7],
  [16, 31],
  [30, 31],
  [32, 31],
  [62.5, 62],
  [712, 713],
  [730, 713],
  [744, 713],
  [-31, 7],
  [3.1, 7],
])(
  "a Performance Insights retention of %j days is refused, with the nearest accepted value",
  (retentionDays, nearest) => {
    expect(insights({ retentionDays })).toEqual([
      RETENTION.replace("%s", String(retentionDays)).replace("%w", String(nearest)),
    ]);
  },
);

test("the advanced mode requires fifteen months of retention", () => {
  expect(insights({ mode: "advanced", retentionDays: 434 })).toEqual([
    'database.performanceInsights.retentionDays: must be at least 465 in advanced mode; got: 434. Use 465, or mode "standard".',
  ]);
});

test("the key of Performance Insights must be in the environment's region", () => {
  const elsewhere = KMS.replace("us-east-1", "eu-west-1");
  expect(insights({ kmsKeyArn: elsewhere })).toEqual([
    `database.performanceInsights.kmsKeyArn: must be a key in the environment's region us-east-1; got: ${JSON.stringify(elsewhere)}. Use a key of that region.`,
  ]);
});
