import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EnvironmentSettings, parseEnvironment } from "../settings/environment";
import { buildApp } from "../stacks/app";
import { markdownTable } from "./markdown-table";

const INTRODUCTION = `# Every alarm, for two instance classes

<!-- Written by \`npm run docs\` from the synthesized stacks. Do not edit. -->

An alarm goes off when its metric breaches the threshold in every minute of the given time (CPU credits: in every period of
five minutes). It also notifies you when the metric recovers. The last column says how the alarm treats missing data:
\`breaching\` counts as a breach, \`ignore\` keeps the current state, \`notBreaching\` counts as within the threshold. A read
replica has the alarms of its own instance class, except transaction-ids, and an additional alarm on \`ReplicaLag\`.
`;

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

interface Column {
  readonly title: string;
  readonly alarms: readonly Alarm[];
}

type Store = "database" | "cache";

const APP = "news-api";
const NAME = "example";

const EXAMPLE: EnvironmentSettings = {
  app: APP,
  name: NAME,
  region: "us-east-1",
  account: "123456789012",
  stateBucket: { name: "news-api-terraform-state" },
  network: { vpcId: "default", subnetIds: "all" },
  clients: {},
  database: {
    identifier: "news-api",
    engineVersion: "17",
    instanceClass: "db.t4g.micro",
    allocatedStorageGib: 20,
    username: "newsadmin",
  },
  cache: {
    kind: "cluster",
    clusterId: "news-api",
    nodeType: "cache.t4g.micro",
    engineVersion: "7.1",
  },
  alarms: {},
};

const LARGE: EnvironmentSettings = {
  ...EXAMPLE,
  database: {
    ...(EXAMPLE.database as NonNullable<EnvironmentSettings["database"]>),
    instanceClass: "db.m7g.large",
    allocatedStorageGib: 100,
    maxAllocatedStorageGib: 500,
  },
  cache: {
    kind: "replication-group",
    replicationGroupId: "news-api",
    nodeType: "cache.m7g.xlarge",
    engineVersion: "7.1",
    nodes: 2,
  },
};

/** `docs/alarms.md`: the alarms as they are synthesized, so that a diff shows changed thresholds. */
export function alarmList(): string {
  const [small, large] = [EXAMPLE, LARGE].map(alarmsOf);
  const column = (title: string, of: typeof small, store: Store) => ({
    title,
    alarms: of?.[store] ?? [],
  });
  const databases = chapter("Database", [
    column("db.t4g.micro, 20 GiB", small, "database"),
    column("db.m7g.large, 100 to 500 GiB", large, "database"),
  ]);
  const caches = chapter("Cache", [
    column("cache.t4g.micro, cluster", small, "cache"),
    column("each of two cache.m7g.xlarge, replication group", large, "cache"),
  ]);
  return [INTRODUCTION, databases, caches].join("\n");
}

/** Synthesizes an environment to a temporary folder, and reads the alarms of its stacks. */
function alarmsOf(settings: EnvironmentSettings): Record<Store, readonly Alarm[]> {
  const outdir = mkdtempSync(join(tmpdir(), "alarm-list-"));
  try {
    buildApp([parseEnvironment(settings)], outdir).synth();
    const read = (store: Store) => {
      const path = join(outdir, "stacks", `${APP}-${NAME}-${store}`, "cdk.tf.json");
      const { resource } = JSON.parse(readFileSync(path, "utf8"));
      return Object.values(resource.aws_cloudwatch_metric_alarm) as Alarm[];
    };
    return { database: read("database"), cache: read("cache") };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function chapter(title: string, [small, large]: readonly [Column, Column]): string {
  const find = ({ alarms }: Column, name: string) =>
    alarms.find((alarm) => shortName(alarm) === name);
  const names = [...new Set([...small.alarms, ...large.alarms].map(shortName))].sort();
  const rows = names.map((name) => {
    const [one, other] = [find(small, name), find(large, name)];
    return [name, condition(one), condition(other), String((one ?? other)?.treat_missing_data)];
  });
  const texts = names.map((name) => {
    const [one, other] = [find(small, name), find(large, name)];
    const shown = other ?? one;
    return one && shown && wording(one) !== wording(shown)
      ? `- **${name}**\n  - ${small.title}: ${one.alarm_description}\n  - ${large.title}: ${shown.alarm_description}`
      : `- **${name}**: ${shown?.alarm_description}`;
  });
  const head = ["alarm", small.title, large.title, "missing data"];
  return `## ${title}\n\n${markdownTable(head, rows)}\n\n${texts.join("\n")}\n`;
}

/** The description without the numbers and classes, which differ between the columns. */
function wording({ alarm_description }: Alarm): string {
  return alarm_description.replaceAll(/(db|cache)\.[\w.]*\w|[0-9]+/g, "");
}

/** `storage`: the name without stack and node number. */
function shortName({ alarm_name }: Alarm): string {
  return alarm_name.replace(/^news-api-example-(database|cache)-/, "").replace(/-[0-9]{3}$/, "");
}

const BYTES_PER_GIB = 1024 ** 3;
const gib = (bytes: number) => `${Number((bytes / BYTES_PER_GIB).toFixed(2))} GiB`;
const percent = (value: number) => `${value} %`;

/** The format of each metric's numbers. Counts have none. */
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  FreeStorageSpace: gib,
  FreeableMemory: gib,
  CPUUtilization: percent,
  EngineCPUUtilization: percent,
  DatabaseMemoryUsagePercentage: percent,
  MaximumUsedTransactionIDs: (value) => `${value / 1_000_000} million`,
  ReplicationLag: (value) => `${value} s`,
};

function condition(alarm: Alarm | undefined): string {
  if (!alarm) {
    return "none";
  }
  const threshold = (UNITS[alarm.metric_name] ?? String)(alarm.threshold);
  const sign = alarm.comparison_operator === "LessThanThreshold" ? "<" : ">";
  const minutes = (alarm.period * alarm.evaluation_periods) / 60;
  return `\`${alarm.metric_name}\` ${sign} ${threshold}, ${alarm.statistic}, ${minutes} min`;
}
