import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CacheStack } from "../stacks/cache-stack";
import { DatabaseStack } from "../stacks/database-stack";
import { type Changes, MINIMAL, REPLICATION_GROUP } from "./minimal-environment";
import { synthesised } from "./synthesised";

// docs/alarms.md is made of what is synthesised, so that a threshold changes in a diff that somebody reads:
// UPDATE_ALARM_LIST=1 npx jest --selectProjects unit --testPathPatterns alarm-list
const FILE = join(__dirname, "..", "docs", "alarms.md");

interface Alarm {
  readonly alarm_name: string;
  readonly alarm_description: string;
  readonly metric_name: string;
  readonly statistic: string;
  readonly comparison_operator: string;
  readonly threshold: number;
  readonly period: number;
  readonly evaluation_periods: number;
  readonly treat_missing_data: string;
}

const GIB = 1024 ** 3;
const gib = (bytes: number) => `${Number((bytes / GIB).toFixed(2))} GiB`;

/** How a metric's numbers are written; counts as they are. */
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  FreeStorageSpace: gib,
  FreeableMemory: gib,
  CPUUtilization: (value) => `${value} %`,
  EngineCPUUtilization: (value) => `${value} %`,
  DatabaseMemoryUsagePercentage: (value) => `${value} %`,
  MaximumUsedTransactionIDs: (value) => `${value / 1_000_000} million`,
  ReplicationLag: (value) => `${value} s`,
};

function alarmsOf(Stack: typeof DatabaseStack | typeof CacheStack, changes: Changes): Alarm[] {
  const made = synthesised(Stack, { alarms: {}, reasons: undefined, ...changes }).resource;
  return Object.values(made.aws_cloudwatch_metric_alarm ?? {}) as unknown as Alarm[];
}

/** `storage`: without the stack, and without the number of a member. */
const shortName = ({ alarm_name }: Alarm) =>
  alarm_name.replace(/^news-api-test-(database|cache)-/, "").replace(/-[0-9]{3}$/, "");

function condition(alarm: Alarm | undefined): string {
  if (!alarm) {
    return "none";
  }
  const shown = (UNITS[alarm.metric_name] ?? String)(alarm.threshold);
  const sign = alarm.comparison_operator === "LessThanThreshold" ? "<" : ">";
  const minutes = (alarm.period * alarm.evaluation_periods) / 60;
  return `\`${alarm.metric_name}\` ${sign} ${shown}, ${alarm.statistic}, ${minutes} min`;
}

interface Column {
  readonly title: string;
  readonly alarms: readonly Alarm[];
}

/** A table as the formatter leaves it: every column as wide as its widest cell. */
function aligned(rows: readonly string[][]): string[] {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}

function table(store: string, [small, large]: readonly [Column, Column]): string {
  const names = [...new Set([...small.alarms, ...large.alarms].map(shortName))].sort();
  const rows = names.map((name) => {
    const [one, other] = [small, large].map(({ alarms }) =>
      alarms.find((alarm) => shortName(alarm) === name),
    );
    const silence = (one ?? other)?.treat_missing_data;
    return [name, condition(one), condition(other), String(silence)];
  });
  const texts = names.map((name) => {
    const alarm = [...large.alarms, ...small.alarms].find((one) => shortName(one) === name);
    return `- **${name}**: ${alarm?.alarm_description}`;
  });
  return [
    `## ${store}`,
    "",
    ...aligned([["alarm", small.title, large.title, "no data is"], ...rows]),
    "",
    ...texts,
  ].join("\n");
}

function document(): string {
  const databases: [Column, Column] = [
    { title: "db.t4g.micro, 20 GiB", alarms: alarmsOf(DatabaseStack, {}) },
    {
      title: "db.m7g.large, 100 to 500 GiB",
      alarms: alarmsOf(DatabaseStack, {
        "database.instanceClass": "db.m7g.large",
        "database.allocatedStorageGib": 100,
        "database.maxAllocatedStorageGib": 500,
      }),
    },
  ];
  const caches: [Column, Column] = [
    {
      title: "cache.t4g.micro, cluster",
      alarms: alarmsOf(CacheStack, { cache: { ...MINIMAL.cache, nodeType: "cache.t4g.micro" } }),
    },
    {
      title: "each of two cache.m7g.xlarge, replication group",
      alarms: alarmsOf(CacheStack, {
        cache: { ...REPLICATION_GROUP, nodeType: "cache.m7g.xlarge" },
      }),
    },
  ];
  return `# The alarms, for two classes

Made by \`__tests__/alarm-list-test.ts\` from what is synthesised; do not edit it by hand. Each goes off when its metric
is beyond the threshold in every minute of the time (credits: in every five), and tells when it is over. No data: sets it
off (\`breaching\`), changes nothing (\`ignore\`), or is good news (\`notBreaching\`). Each read replica has those of its
own class, without transaction-ids, and one on its \`ReplicaLag\`.

${table("Database", databases)}

${table("Cache", caches)}
`;
}

test("docs/alarms.md is what is synthesised", () => {
  if (process.env.UPDATE_ALARM_LIST) {
    writeFileSync(FILE, document());
  }
  expect(readFileSync(FILE, "utf8")).toBe(document());
});
