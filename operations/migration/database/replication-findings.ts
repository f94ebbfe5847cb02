import { type Finding, note, refused, warning } from "../finding";
import type { Facts, SourceFacts } from "./facts";
import { about, without } from "./findings";
import type { Login } from "./login";
import type { PublisherFacts, SubscriberFacts } from "./replication-facts";

/** The subscription's own, and one that copies tables. */
const FEWEST_WORKERS = 2;

export interface ReplicationSituation {
  readonly source: Facts & SourceFacts & PublisherFacts;
  readonly target: Facts & SubscriberFacts;
  readonly excludedTables: readonly string[];
  /** Where the target connects to. */
  readonly connection: Pick<Login, "host" | "port" | "sslMode">;
  /** The name of publication, slot and subscription. */
  readonly name: string;
  /** The target follows the source already. */
  readonly isSubscribed: boolean;
  /** Why the target cannot subscribe. */
  readonly problem: string | undefined;
  /** Tables with rows that an earlier, removed subscription left in the target. */
  readonly leftRows: readonly string[];
}

type Rule = (situation: ReplicationSituation) => Finding[];

/** Everything that blocks following a source, and everything that replication omits. */
export function replicationFindings(situation: ReplicationSituation): Finding[] {
  return RULES.flatMap((rule) => rule(situation));
}

const server: Rule = ({ source, target, isSubscribed }) => {
  const slots = 1 + target.syncWorkers;
  return [
    ...(source.walLevel === "logical"
      ? []
      : [
          refused(
            "wal_level",
            source.isRds
              ? "it is not logical in the source. Set rds.logical_replication to 1 in its parameter group and reboot it."
              : "it is not logical in the source. ALTER SYSTEM SET wal_level = logical, then restart it.",
          ),
        ]),
    ...(isSubscribed
      ? []
      : [
          ...tooFew("max_replication_slots", "the source", source.freeSlots, slots),
          ...tooFew("max_wal_senders", "the source", source.freeSenders, slots),
          ...tooFew(
            "max_logical_replication_workers",
            "the target",
            target.freeWorkers,
            FEWEST_WORKERS,
          ),
        ]),
  ];
};

function tooFew(setting: string, side: string, free: number, needed: number): Finding[] {
  return free >= needed
    ? []
    : [
        refused(
          setting,
          `${side} has ${free} free, and following needs ${needed}. Raise ${setting} by ${needed - free} and restart it.`,
        ),
      ];
}

const privileges: Rule = ({ source, excludedTables }) => [
  ...(source.mayReplicate
    ? []
    : [
        refused(
          "replication",
          `${source.user} is not allowed to replicate. ${source.isRds ? `GRANT rds_replication TO ${source.user}` : `ALTER ROLE ${source.user} REPLICATION`}.`,
        ),
      ]),
  ...(source.mayPublish
    ? []
    : [
        refused(
          "publication",
          `${source.user} is not allowed to create a publication. GRANT CREATE ON DATABASE … TO ${source.user}.`,
        ),
      ]),
  ...about(
    without(source.notOwned, excludedTables),
    refused,
    "publication",
    (list) =>
      `only their owner may publish ${list}. Use a user who is a member of the owner, or a superuser.`,
  ),
  ...cutOverPrivileges(source),
];

/** What the cut-over needs to stop writers. */
export function cutOverPrivileges(
  source: Pick<Facts & PublisherFacts, "user" | "mayForbidWrites" | "unendable">,
): Finding[] {
  return [
    ...(source.mayForbidWrites
      ? []
      : [
          refused(
            "cut-over",
            `only the owner of the database may make it read-only, which the cut-over does. GRANT the owner TO ${source.user}.`,
          ),
        ]),
    ...about(
      source.unendable,
      refused,
      "cut-over",
      (list) =>
        `${source.user} is not allowed to end the sessions of ${list}, which the cut-over does. GRANT pg_signal_backend TO ${source.user}; only a superuser ends those of superusers.`,
    ),
  ];
}

const tables: Rule = ({ source, excludedTables }) => [
  ...about(
    without(source.withoutIdentity, [...excludedTables, ...source.unlogged]),
    refused,
    "primary keys",
    (list) =>
      `${list} have neither a primary key nor a REPLICA IDENTITY: once published, UPDATE and DELETE on them fail in the source. ALTER TABLE … ADD PRIMARY KEY; or ALTER TABLE … REPLICA IDENTITY FULL, which is slow for large tables; or --exclude-table.`,
  ),
  ...about(
    without(source.incomparable, [...excludedTables, ...source.unlogged]),
    refused,
    "replica identity",
    (list) =>
      `${list} have REPLICA IDENTITY FULL, no primary key, and a column without an equality operator, such as json, xml or point: the target could not find the rows of UPDATE and DELETE. ALTER TABLE … ADD PRIMARY KEY; or ALTER TABLE … REPLICA IDENTITY USING INDEX, with a unique index on columns that are NOT NULL; or --exclude-table.`,
  ),
  ...about(
    without(source.unlogged, excludedTables),
    refused,
    "unlogged tables",
    (list) => `${list} are not replicated. ALTER TABLE … SET LOGGED, or --exclude-table.`,
  ),
  ...about(
    source.alwaysTriggers,
    refused,
    "triggers",
    (list) =>
      `${list} would run in the target for each replicated change. ALTER TABLE … ENABLE TRIGGER in the source, without ALWAYS or REPLICA.`,
  ),
  ...(source.largeObjects > 0
    ? [
        refused(
          "large objects",
          `${source.largeObjects} large objects are not replicated. Migrate without --follow.`,
        ),
      ]
    : []),
  ...about(
    source.materializedViews,
    warning,
    "materialized views",
    (list) => `${list} are refreshed during the cut-over, while the source refuses writes.`,
  ),
];

const connecting: Rule = ({ connection, problem, target, isSubscribed }) => {
  const { host, port, sslMode } = connection;
  return [
    ...(problem === undefined ? [] : [refused("subscription", explained(problem, host, port))]),
    ...(!isSubscribed && /all|ddl/.test(target.audited ?? "")
      ? [
          refused(
            "password",
            "pgaudit.log of the target includes ddl, so its log would contain the source's password. Remove ddl from the parameter until the cut-over.",
          ),
        ]
      : []),
    ...(sslMode.startsWith("verify")
      ? [
          warning(
            "TLS",
            "the target cannot read a CA bundle on this machine: it encrypts the connection to the source without verifying the certificate.",
          ),
        ]
      : []),
  ];
};

/** The next step for a server's error. */
function explained(problem: string, host: string, port: number): string {
  if (/create subscription/.test(problem)) {
    return `${problem}. On RDS use the master user, elsewhere a superuser. From PostgreSQL 16 on: GRANT pg_create_subscription TO ….`;
  }
  return `the target cannot subscribe to ${host}:${port}: ${problem}. Allow the connection in the target's network, in the egress rules of its security group, and in pg_hba.conf of the source. If the target reaches the source at another address, use --source-address HOST:PORT.`;
}

const remarks: Rule = ({ source, name, leftRows, isSubscribed }) => [
  ...(isSubscribed
    ? []
    : about(
        leftRows,
        refused,
        "target",
        (list) => `${list} have rows that an earlier --follow left. Empty the target: --undo.`,
      )),
  note(
    "not replicated",
    "schema changes (ALTER TABLE …), sequences until the cut-over, and the tables of extensions. Do not change the schema until the cut-over.",
  ),
  note(
    "password",
    `the subscription ${name} holds the source's password, and superusers of the target can read it (pg_subscription) until --cut-over, --stop-following or --undo.`,
  ),
  source.keptMib < 0
    ? warning(
        "slot",
        `until --cut-over or --stop-following the source keeps every change that the target does not have: an abandoned slot ${name} fills the source's disk. Watch the source's free storage.`,
      )
    : warning(
        "slot",
        `the source keeps at most ${source.keptMib} MiB of changes (max_slot_wal_keep_size): if the target falls further behind, following starts over.`,
      ),
];

const RULES: readonly Rule[] = [server, privileges, tables, connecting, remarks];
