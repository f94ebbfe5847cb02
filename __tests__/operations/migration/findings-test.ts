import { findingsOf, type Situation } from "../../../operations/migration/database/findings";

const GIB = 1024 ** 3;

const facts = {
  ...{ version: "15.4", major: 15, user: "newsadmin", encoding: "UTF8", collation: "C, C" },
  ...{ readOnly: false, databaseBytes: GIB, roles: ["newsadmin"], schemas: ["public"] },
  ...{ extensions: [], available: { hstore: "1.8" }, allowedExtensions: null, collations: ["C"] },
  ...{ objects: [], relations: 10, largeObjects: 0, locks: 6400 },
};

const none = {
  ...{ unreadable: [], rowSecurity: [], unlogged: [], foreignTables: [], invalidIndexes: [] },
  ...{ notValid: [], columnCollations: [], owners: [], grantees: [], policyRoles: [] },
  ...{ defaultPrivileges: [], untrusted: [], slots: [], subscriptions: [], prepared: [] },
  ...{ settings: [], tablespaces: [], sessions: [], dependents: {}, tables: ["public.audit"] },
};

const situation: Situation = {
  source: { ...facts, ...none },
  target: facts,
  programs: { dump: "", restore: "", version: "15.18", major: 15, minor: 18 },
  storage: { allocatedStorageGib: 20 },
  freeBytes: 100 * GIB,
  options: {
    ...{ readOnly: false, acceptWriters: false, withGrants: true, schemaOnly: false },
    excludedTables: [],
  },
  continues: false,
};

const source = (more: object): Partial<Situation> => ({ source: { ...situation.source, ...more } });
const target = (more: object): Partial<Situation> => ({ target: { ...situation.target, ...more } });
const options = (more: object): Partial<Situation> => ({
  options: { ...situation.options, ...more },
});

/** What is found besides the owners. */
function found(change: Partial<Situation>): string[] {
  return findingsOf({ ...situation, ...change })
    .filter(({ name }) => name !== "owners")
    .map(({ verdict, name, message }) => `${verdict} ${name}: ${message}`);
}

test("an ordinary database has no blocking finding", () => {
  expect(found({})).toEqual([]);
});

test.each<[string, Partial<Situation>, string]>([
  [
    "a source that is too old",
    source({ version: "11.22", major: 11 }),
    "refused versions: the source is PostgreSQL 11.22. Upgrade it to 12 or later first.",
  ],
  [
    "a source that is newer",
    {
      ...source({ version: "16.1", major: 16 }),
      programs: { ...situation.programs, major: 16 } as Situation["programs"],
    },
    "refused versions: the source is PostgreSQL 16.1, newer than the target's 15.4. Raise engineVersion to 16 or later and deploy.",
  ],
  [
    "no client",
    { programs: undefined },
    "refused client: no pg_dump and pg_restore of version 15 or later on the PATH or under /usr/lib/postgresql. Install them: apt-get install postgresql-client-15.",
  ],
  [
    "a client that is too new for the target",
    { programs: { ...situation.programs, version: "17.2", major: 17 } as Situation["programs"] },
    "refused client: pg_restore 17.2 sends transaction_timeout, which PostgreSQL 15.4 does not know. Install postgresql-client-15.",
  ],
  [
    "an extension that RDS lacks",
    source({ extensions: [{ name: "timescaledb", version: "2.1" }] }),
    "refused extensions: the target does not have timescaledb. RDS installs only what SHOW rds.extensions lists; drop the extension in the source, or choose a version that has it: https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html",
  ],
  [
    "an extension that is not allowed",
    {
      ...source({ extensions: [{ name: "hstore", version: "1.8" }] }),
      ...target({ allowedExtensions: "citext, pg_trgm" }),
    },
    "refused extensions: rds.allowed_extensions does not list hstore. Add it to the parameters and deploy.",
  ],
  [
    "another version of an extension",
    source({ extensions: [{ name: "hstore", version: "1.7" }] }),
    "warning extensions: the target has other versions: hstore 1.7 → 1.8.",
  ],
  [
    "an unknown encoding",
    source({ encoding: "SQL_ASCII" }),
    "refused encoding: the source is SQL_ASCII: the encoding of its text is unknown. Restore it into a UTF8 database first, and repair what fails.",
  ],
  [
    "another encoding",
    source({ encoding: "LATIN1" }),
    "warning encoding: text is converted from LATIN1 to UTF8.",
  ],
  [
    "another collation",
    source({ collation: "en_US.utf8, en_US.utf8" }),
    "warning collation: the source sorts text by en_US.utf8, en_US.utf8, the target by C, C: ORDER BY and ranges of text may differ.",
  ],
  [
    "a collation that the target lacks",
    source({ columnCollations: ["C", "de_DE.utf8"] }),
    "refused collation: columns use the collations de_DE.utf8, which the target does not have. Give them one that it has: ALTER TABLE … ALTER COLUMN … TYPE … COLLATE ….",
  ],
  [
    "a role that the target lacks",
    source({ grantees: ["reporting", "newsadmin"] }),
    "refused grants: the target has no role reporting. Create it: CREATE ROLE …; or leave all grants out: --no-grants.",
  ],
  [
    "grants that are left out",
    { ...source({ grantees: ["reporting"] }), ...options({ withGrants: false }) },
    "warning grants: --no-grants: the privileges of reporting are left out.",
  ],
  [
    "a policy for a role that the target lacks",
    source({ policyRoles: ["reporting"] }),
    "refused policies: row-level policies are for reporting, which the target does not have. Create the role: CREATE ROLE ….",
  ],
  [
    "a function in C",
    source({ untrusted: ["public.f (c)"] }),
    "refused functions: RDS has no language for public.f (c). Drop or rewrite them.",
  ],
  [
    "too little storage",
    source({ databaseBytes: 17 * GIB }),
    "refused storage: the source has 17.0 GiB, which needs about 22 GiB with room for indexes and the write-ahead log; the target has 20 GiB. Raise allocatedStorageGib to 22 and deploy.",
  ],
  [
    "storage that grows",
    {
      ...source({ databaseBytes: 17 * GIB }),
      storage: { allocatedStorageGib: 20, maxAllocatedStorageGib: 22 },
    },
    "warning storage: the source has 17.0 GiB, which needs about 22 GiB with room for indexes and the write-ahead log; the target has 20 GiB and grows to 22, at most once in six hours. Raise allocatedStorageGib first.",
  ],
  [
    "too little disk",
    { freeBytes: GIB - 1 },
    "refused disk: the dump may need 1.0 GiB, and this disk has 1.0 GiB. Name a folder elsewhere: --work FOLDER.",
  ],
  [
    "more objects than locks",
    source({ relations: 6401 }),
    "refused locks: the tables and indexes are created in one transaction, which needs about 6401 locks; the target has 6400. Raise max_locks_per_transaction in parameters and deploy.",
  ],
  [
    "a target that accepts no writes",
    target({ readOnly: true }),
    "refused target: it accepts no writes: a replica, or default_transaction_read_only is on.",
  ],
  [
    "writers",
    source({ sessions: ["newsuser (web)"] }),
    "refused writers: newsuser (web) may write, and what they write after the dump has begun is not migrated. Stop the application, use --read-only, or use --accept-writers if that is what you want.",
  ],
  [
    "a table that is not there",
    options({ excludedTables: ["public.audits"] }),
    "refused --exclude-table: the source has no table public.audits. Did you mean public.audit?",
  ],
  [
    "a subscription",
    source({ subscriptions: ["feed"] }),
    "warning subscriptions: feed are left out, so that two databases do not apply the same changes. CREATE SUBSCRIPTION in the target.",
  ],
  [
    "an invalid index",
    source({ invalidIndexes: ["public.i"] }),
    "warning indexes: public.i are not valid and are left out. REINDEX or drop them.",
  ],
  [
    "settings of the database",
    source({ settings: ["work_mem=8MB"] }),
    "warning settings: a dump does not contain the settings of the database: work_mem=8MB. Set them in the target: ALTER DATABASE … SET.",
  ],
])("%s", (_, change, message) => {
  expect(found(change)).toEqual([message]);
});

test.each<[string, Partial<Situation>]>([
  ["just enough storage", source({ databaseBytes: 16 * GIB })],
  ["just enough disk", { freeBytes: GIB }],
  ["just enough locks", source({ relations: 6400 })],
  ["a full disk for a structure alone", { ...options({ schemaOnly: true }), freeBytes: 0 }],
  [
    "objects of the migration itself",
    { ...target({ objects: ["public.article"] }), continues: true },
  ],
  [
    "writers and unlogged tables of a source that is followed",
    {
      ...source({ sessions: ["newsuser (web)"], unlogged: ["public.scratch"] }),
      ...options({ follow: true }),
    },
  ],
  [
    "an extension that is already installed",
    {
      ...source({ extensions: [{ name: "own", version: "1" }] }),
      ...target({ extensions: [{ name: "own", version: "1" }] }),
    },
  ],
])("%s gives no finding", (_, change) => {
  expect(found(change)).toEqual([]);
});

test("long lists are shortened", () => {
  const unlogged = Array.from({ length: 10 }, (_, i) => `t${i}`);
  expect(found(source({ unlogged }))[0]).toContain(
    "t0, t1, t2, t3, t4, t5, t6, t7 and 2 more are copied",
  );
});
