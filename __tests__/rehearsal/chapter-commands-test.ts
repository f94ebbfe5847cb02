import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { dev } from "../../environments/dev";
import { parseEnvironment } from "../../settings/environment";
import { CacheStack } from "../../stacks/cache-stack";
import { DatabaseStack } from "../../stacks/database-stack";
import { parsed, stackOf } from "../synthesized";

/** The chapter's set-up to the letter: dev, with the chapter's exact engine version. */
const chapter = parseEnvironment({
  ...dev,
  database: {
    ...dev.database,
    engineVersion: "15.4",
    existing: true,
    autoMinorVersionUpgrade: false,
  },
});

const synth = (Stack: typeof DatabaseStack | typeof CacheStack) =>
  parsed(Testing.synth(stackOf(Stack, chapter), true));
const database = synth(DatabaseStack);
const cache = synth(CacheStack);

/** What a command of the chapter makes here, and where each of its arguments went. */
interface Counterpart {
  readonly made: Record<string, unknown> | undefined;
  readonly attributes: Readonly<Record<string, readonly [attribute: string, value: unknown]>>;
}

/** In the order of the chapter. */
const COUNTERPARTS: readonly Counterpart[] = [
  {
    made: { ...database.resource.aws_db_instance?.database, ...database.provider.aws[0] },
    attributes: {
      "db-instance-identifier": ["identifier", "news-api-db"],
      "db-instance-class": ["instance_class", "db.t3.micro"],
      engine: ["engine", "postgres"],
      "engine-version": ["engine_version", "15.4"],
      "master-username": ["username", "newsadmin"],
      // The one that differs: nobody writes the password down, Terraform makes it.
      "master-user-password": [
        "password_wo",
        "${ephemeral.aws_secretsmanager_secret_version.master_password_stored.secret_string}",
      ],
      "allocated-storage": ["allocated_storage", 20],
      "storage-type": ["storage_type", "gp3"],
      "no-publicly-accessible": ["publicly_accessible", false],
      "backup-retention-period": ["backup_retention_period", 7],
      "preferred-backup-window": ["backup_window", "03:00-04:00"],
      "preferred-maintenance-window": ["maintenance_window", "sun:04:00-sun:05:00"],
      region: ["region", "us-east-1"],
    },
  },
  {
    made: database.resource.aws_vpc_security_group_ingress_rule?.database_from_vpc,
    attributes: {
      "group-id": ["security_group_id", "${aws_security_group.database_access.id}"],
      protocol: ["ip_protocol", "tcp"],
      port: ["from_port", 5432],
      cidr: ["cidr_ipv4", "${data.aws_vpc.vpc.cidr_block}"],
    },
  },
  {
    made: { ...cache.resource.aws_elasticache_cluster?.cache, ...cache.provider.aws[0] },
    attributes: {
      "cache-cluster-id": ["cluster_id", "news-api-cache"],
      "cache-node-type": ["node_type", "cache.t3.micro"],
      engine: ["engine", "redis"],
      "engine-version": ["engine_version", "7.0"],
      "num-cache-nodes": ["num_cache_nodes", 1],
      region: ["region", "us-east-1"],
    },
  },
  {
    made: cache.resource.aws_vpc_security_group_ingress_rule?.cache_from_vpc,
    attributes: {
      "group-id": ["security_group_id", "${aws_security_group.cache_access.id}"],
      protocol: ["ip_protocol", "tcp"],
      port: ["from_port", 6379],
      cidr: ["cidr_ipv4", "${data.aws_vpc.vpc.cidr_block}"],
    },
  },
];

/** Those of the chapter's commands that make something; the rehearsal runs them all. */
const commands = readFileSync(join(__dirname, "..", "..", "rehearsal", "baseline.sh"), "utf8")
  .split("\n\n")
  .map((text) =>
    text
      .replace(/^#.*\n/gm, "")
      .replaceAll(" \\\n", "\n")
      .trim(),
  )
  .filter((text) => /^aws \S+ (create|authorize)-/.test(text))
  .map((text) => {
    const [command = "", ...lines] = text.split("\n");
    return {
      command,
      flags: lines.map((line) => line.trim().slice(2).replace(/["']/g, "").split(" ")),
    };
  });

const rows = commands.flatMap(({ command, flags }, index) =>
  flags.map(([flag = "", value]) => ({ command, flag, value, counterpart: COUNTERPARTS[index] })),
);

test("every command of the chapter has a counterpart", () => {
  expect(commands).toHaveLength(COUNTERPARTS.length);
});

test.each(rows)("$command --$flag $value", ({ flag, value, counterpart }) => {
  const [attribute = "", expected] = counterpart?.attributes[flag] ?? [];
  expect(counterpart?.made).toHaveProperty(attribute, expected);
  if (value && /^[\w.:-]+$/.test(value)) {
    expect(String(expected)).toBe(value);
  }
});

test("the rules open one port each, to the CIDR of the default VPC", () => {
  for (const { made } of [COUNTERPARTS[1], COUNTERPARTS[3]] as Counterpart[]) {
    expect(made?.to_port).toBe(made?.from_port);
  }
  expect(database.data.aws_vpc?.vpc).toEqual({ default: true });
  expect(cache.data.aws_vpc?.vpc).toEqual({ default: true });
});

test("the chapter's password appears nowhere", () => {
  expect(database.json + cache.json).not.toContain("YourSecurePassword");
});
