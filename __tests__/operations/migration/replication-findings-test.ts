import {
  type ReplicationSituation,
  replicationFindings,
} from "../../../operations/migration/database/replication-findings";

const facts = {
  ...{ version: "15.18", major: 15, user: "newsuser", encoding: "UTF8", collation: "C, C" },
  ...{ readOnly: false, databaseBytes: 0, roles: [], schemas: ["public"], extensions: [] },
  ...{ available: {}, allowedExtensions: null, collations: [], objects: [], relations: 10 },
  ...{ largeObjects: 0, locks: 6400 },
};

const source: ReplicationSituation["source"] = {
  ...facts,
  ...{ unreadable: [], rowSecurity: [], unlogged: [], foreignTables: [], invalidIndexes: [] },
  ...{ notValid: [], columnCollations: [], owners: [], grantees: [], policyRoles: [] },
  ...{ defaultPrivileges: [], untrusted: [], slots: [], subscriptions: [], prepared: [] },
  ...{ settings: [], tablespaces: [], sessions: [], dependents: {}, tables: [] },
  ...{ walLevel: "logical", isRds: false, freeSlots: 3, freeSenders: 3, keptMib: 1024 },
  ...{ mayReplicate: true, mayPublish: true, mayForbidWrites: true, unendable: [] },
  ...{
    notOwned: [],
    withoutIdentity: [],
    incomparable: [],
    alwaysTriggers: [],
    materializedViews: [],
  },
};

const situation: ReplicationSituation = {
  source,
  target: { ...facts, freeWorkers: 2, syncWorkers: 2, audited: null },
  ...{ excludedTables: [], name: "migrate_dev", isSubscribed: false, problem: undefined },
  connection: { host: "db.example.com", port: 5432, sslMode: "require" },
  leftRows: [],
};

const ofSource = (more: object): Partial<ReplicationSituation> => ({
  source: { ...source, ...more },
});
const ofTarget = (more: object): Partial<ReplicationSituation> => ({
  target: { ...situation.target, ...more },
});

/** What is found besides what always is. */
function found(change: Partial<ReplicationSituation>): string[] {
  return replicationFindings({ ...situation, ...change })
    .map(({ verdict, name, message }) => `${verdict} ${name}: ${message}`)
    .filter((line) => !/^note |^warning slot: the source keeps at most 1024 MiB/.test(line));
}

test("an ordinary source has no blocking finding", () => {
  expect(found({})).toEqual([]);
});

test("the findings always say what is not replicated, and who can read the password", () => {
  const messages = replicationFindings(situation).map(({ message }) => message);
  expect(messages).toEqual([
    "schema changes (ALTER TABLE …), sequences until the cut-over, and the tables of extensions. Do not change the schema until the cut-over.",
    "the subscription migrate_dev holds the source's password, and superusers of the target can read it (pg_subscription) until --cut-over, --stop-following or --undo.",
    "the source keeps at most 1024 MiB of changes (max_slot_wal_keep_size): if the target falls further behind, following starts over.",
  ]);
});

test.each<[string, Partial<ReplicationSituation>, string]>([
  [
    "another wal_level",
    ofSource({ walLevel: "replica" }),
    "refused wal_level: it is not logical in the source. ALTER SYSTEM SET wal_level = logical, then restart it.",
  ],
  [
    "another wal_level on RDS",
    ofSource({ walLevel: "replica", isRds: true }),
    "refused wal_level: it is not logical in the source. Set rds.logical_replication to 1 in its parameter group and reboot it.",
  ],
  [
    "too few slots",
    ofSource({ freeSlots: 2 }),
    "refused max_replication_slots: the source has 2 free, and following needs 3. Raise max_replication_slots by 1 and restart it.",
  ],
  [
    "too few WAL senders",
    ofSource({ freeSenders: 0 }),
    "refused max_wal_senders: the source has 0 free, and following needs 3. Raise max_wal_senders by 3 and restart it.",
  ],
  [
    "too few workers",
    ofTarget({ freeWorkers: 1 }),
    "refused max_logical_replication_workers: the target has 1 free, and following needs 2. Raise max_logical_replication_workers by 1 and restart it.",
  ],
  [
    "a user who is not allowed to replicate",
    ofSource({ mayReplicate: false }),
    "refused replication: newsuser is not allowed to replicate. ALTER ROLE newsuser REPLICATION.",
  ],
  [
    "a user who is not allowed to replicate on RDS",
    ofSource({ mayReplicate: false, isRds: true }),
    "refused replication: newsuser is not allowed to replicate. GRANT rds_replication TO newsuser.",
  ],
  [
    "a user who may not publish",
    ofSource({ mayPublish: false }),
    "refused publication: newsuser is not allowed to create a publication. GRANT CREATE ON DATABASE … TO newsuser.",
  ],
  [
    "tables of others",
    ofSource({ notOwned: ["public.article"] }),
    "refused publication: only their owner may publish public.article. Use a user who is a member of the owner, or a superuser.",
  ],
  [
    "a database of others",
    ofSource({ mayForbidWrites: false }),
    "refused cut-over: only the owner of the database may make it read-only, which the cut-over does. GRANT the owner TO newsuser.",
  ],
  [
    "sessions of others",
    ofSource({ unendable: ["app"] }),
    "refused cut-over: newsuser is not allowed to end the sessions of app, which the cut-over does. GRANT pg_signal_backend TO newsuser; only a superuser ends those of superusers.",
  ],
  [
    "tables without primary key",
    {
      ...ofSource({ withoutIdentity: ["public.log", "public.audit"] }),
      excludedTables: ["public.audit"],
    },
    "refused primary keys: public.log have neither a primary key nor a REPLICA IDENTITY: once published, UPDATE and DELETE on them fail in the source. ALTER TABLE … ADD PRIMARY KEY; or ALTER TABLE … REPLICA IDENTITY FULL, which is slow for large tables; or --exclude-table.",
  ],
  [
    "tables whose rows cannot be found",
    {
      ...ofSource({ incomparable: ["public.event", "public.place"] }),
      excludedTables: ["public.place"],
    },
    "refused replica identity: public.event have REPLICA IDENTITY FULL, no primary key, and a column without an equality operator, such as json, xml or point: the target could not find the rows of UPDATE and DELETE. ALTER TABLE … ADD PRIMARY KEY; or ALTER TABLE … REPLICA IDENTITY USING INDEX, with a unique index on columns that are NOT NULL; or --exclude-table.",
  ],
  [
    "unlogged tables",
    ofSource({ unlogged: ["public.scratch"], withoutIdentity: ["public.scratch"] }),
    "refused unlogged tables: public.scratch are not replicated. ALTER TABLE … SET LOGGED, or --exclude-table.",
  ],
  [
    "triggers that run always",
    ofSource({ alwaysTriggers: ["public.article touch"] }),
    "refused triggers: public.article touch would run in the target for each replicated change. ALTER TABLE … ENABLE TRIGGER in the source, without ALWAYS or REPLICA.",
  ],
  [
    "large objects",
    ofSource({ largeObjects: 3 }),
    "refused large objects: 3 large objects are not replicated. Migrate without --follow.",
  ],
  [
    "materialized views",
    ofSource({ materializedViews: ["public.articles"] }),
    "warning materialized views: public.articles are refreshed during the cut-over, while the source refuses writes.",
  ],
  [
    "a target that does not reach the source",
    { problem: "could not connect to the publisher: timeout expired" },
    "refused subscription: the target cannot subscribe to db.example.com:5432: could not connect to the publisher: timeout expired. Allow the connection in the target's network, in the egress rules of its security group, and in pg_hba.conf of the source. If the target reaches the source at another address, use --source-address HOST:PORT.",
  ],
  [
    "a target whose user may not subscribe",
    { problem: "must be superuser to create subscriptions" },
    "refused subscription: must be superuser to create subscriptions. On RDS use the master user, elsewhere a superuser. From PostgreSQL 16 on: GRANT pg_create_subscription TO ….",
  ],
  [
    "an audit log that would hold the password",
    ofTarget({ audited: "write, ddl" }),
    "refused password: pgaudit.log of the target includes ddl, so its log would contain the source's password. Remove ddl from the parameter until the cut-over.",
  ],
  [
    "a CA bundle of this machine",
    { connection: { ...situation.connection, sslMode: "verify-full" } },
    "warning TLS: the target cannot read a CA bundle on this machine: it encrypts the connection to the source without verifying the certificate.",
  ],
  [
    "rows of an earlier attempt",
    { leftRows: ["public.article"] },
    "refused target: public.article have rows that an earlier --follow left. Empty the target: --undo.",
  ],
  [
    "a slot without limit",
    ofSource({ keptMib: -1 }),
    "warning slot: until --cut-over or --stop-following the source keeps every change that the target does not have: an abandoned slot migrate_dev fills the source's disk. Watch the source's free storage.",
  ],
])("%s", (_, change, message) => {
  expect(found(change)).toEqual([message]);
});

test.each<[string, Partial<ReplicationSituation>]>([
  [
    "what a subscription has taken itself",
    {
      ...ofSource({ freeSlots: 0, freeSenders: 0 }),
      ...ofTarget({ freeWorkers: 0 }),
      isSubscribed: true,
    },
  ],
  ["rows that are followed", { leftRows: ["public.article"], isSubscribed: true }],
  ["an audit log without ddl", ofTarget({ audited: "write" })],
  [
    "an excluded unlogged table",
    { ...ofSource({ unlogged: ["public.a"] }), excludedTables: ["public.a"] },
  ],
])("%s gives no finding", (_, change) => {
  expect(found(change)).toEqual([]);
});
