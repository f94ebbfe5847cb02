import { closest } from "fastest-levenshtein";
import { type Finding, note, refused, warning } from "../finding";
import type { Facts, SourceFacts } from "./facts";
import type { Programs } from "./programs";

const GIB = 1024 ** 3;
/** The needed multiple of the source's size: indexes are sorted on disk, and the write-ahead log grows during the load. */
const STORAGE_FACTOR = 1.25;
/** The first version whose client sends `transaction_timeout`, which older servers refuse. */
const TRANSACTION_TIMEOUT_MAJOR = 17;
/** The oldest version with the catalogs that are read. */
const OLDEST_MAJOR = 12;
const MOST_NAMES = 8;

export interface Situation {
  readonly source: Facts & SourceFacts;
  readonly target: Facts;
  /** The programs to use; undefined if none is new enough. */
  readonly programs: Programs | undefined;
  /** The storage in the target's settings. */
  readonly storage: {
    readonly allocatedStorageGib: number;
    readonly maxAllocatedStorageGib?: number | undefined;
  };
  /** Free bytes where the dump goes. */
  readonly freeBytes: number;
  readonly options: {
    readonly readOnly: boolean;
    readonly acceptWriters: boolean;
    readonly withGrants: boolean;
    readonly schemaOnly: boolean;
    readonly excludedTables: readonly string[];
    /** By logical replication, which has additional findings. @default false */
    readonly follow?: boolean;
  };
  /** Whether the target already has objects of this migration. */
  readonly continues: boolean;
}

type Rule = (situation: Situation) => Finding[];

/** Everything that blocks a migration, and everything that it does not move. */
export function findingsOf(situation: Situation): Finding[] {
  return RULES.flatMap((rule) => rule(situation));
}

/** `a, b, c and 4 more` */
function names(all: readonly string[]): string {
  const more = all.length - MOST_NAMES;
  return more > 0 ? `${all.slice(0, MOST_NAMES).join(", ")} and ${more} more` : all.join(", ");
}

/** A finding about some names, if there are any. */
export function about(
  all: readonly string[],
  finding: (name: string, message: string) => Finding,
  name: string,
  message: (list: string) => string,
): Finding[] {
  return all.length > 0 ? [finding(name, message(names(all)))] : [];
}

export function without(all: readonly string[], others: readonly string[]): string[] {
  return all.filter((one) => !others.includes(one));
}

const versions: Rule = ({ source, target, programs }) => {
  const needed = Math.max(source.major, target.major);
  const found: Finding[] = [];
  if (source.major < OLDEST_MAJOR) {
    found.push(
      refused(
        "versions",
        `the source is PostgreSQL ${source.version}. Upgrade it to ${OLDEST_MAJOR} or later first.`,
      ),
    );
  }
  if (source.major > target.major) {
    found.push(
      refused(
        "versions",
        `the source is PostgreSQL ${source.version}, newer than the target's ${target.version}. Raise engineVersion to ${source.major} or later and deploy.`,
      ),
    );
  }
  if (!programs) {
    found.push(
      refused(
        "client",
        `no pg_dump and pg_restore of version ${needed} or later on the PATH or under /usr/lib/postgresql. Install them: apt-get install postgresql-client-${needed}.`,
      ),
    );
  } else if (
    programs.major >= TRANSACTION_TIMEOUT_MAJOR &&
    target.major < TRANSACTION_TIMEOUT_MAJOR
  ) {
    found.push(
      refused(
        "client",
        `pg_restore ${programs.version} sends transaction_timeout, which PostgreSQL ${target.version} does not know. Install postgresql-client-${needed}.`,
      ),
    );
  }
  return found;
};

const extensions: Rule = ({ source, target }) => {
  const installed = target.extensions.map(({ name }) => name);
  const allowed = target.allowedExtensions?.split(",").map((name) => name.trim());
  const wanted = source.extensions.filter(({ name }) => !installed.includes(name));
  const missing = wanted.filter(({ name }) => !(name in target.available));
  const forbidden = wanted.filter(
    ({ name }) => name in target.available && allowed?.includes(name) === false,
  );
  const other = wanted.filter(
    ({ name, version }) => name in target.available && target.available[name] !== version,
  );
  const nameOf = ({ name }: { readonly name: string }) => name;
  return [
    ...about(
      missing.map(nameOf),
      refused,
      "extensions",
      (list) =>
        `the target does not have ${list}. RDS installs only what SHOW rds.extensions lists; drop the extension in the source, or choose a version that has it: https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html`,
    ),
    ...about(
      forbidden.map(nameOf),
      refused,
      "extensions",
      (list) =>
        `rds.allowed_extensions does not list ${list}. Add it to the parameters and deploy.`,
    ),
    ...about(
      other.map(({ name, version }) => `${name} ${version} → ${target.available[name]}`),
      warning,
      "extensions",
      (list) => `the target has other versions: ${list}.`,
    ),
  ];
};

const encoding: Rule = ({ source, target }) => [
  ...(source.encoding === "SQL_ASCII" && target.encoding !== "SQL_ASCII"
    ? [
        refused(
          "encoding",
          `the source is SQL_ASCII: the encoding of its text is unknown. Restore it into a ${target.encoding} database first, and repair what fails.`,
        ),
      ]
    : source.encoding === target.encoding
      ? []
      : [warning("encoding", `text is converted from ${source.encoding} to ${target.encoding}.`)]),
  ...(source.collation === target.collation
    ? []
    : [
        warning(
          "collation",
          `the source sorts text by ${source.collation}, the target by ${target.collation}: ORDER BY and ranges of text may differ.`,
        ),
      ]),
  ...about(
    without(source.columnCollations, target.collations),
    refused,
    "collation",
    (list) =>
      `columns use the collations ${list}, which the target does not have. Give them one that it has: ALTER TABLE … ALTER COLUMN … TYPE … COLLATE ….`,
  ),
];

const roles: Rule = ({ source, target, options }) => {
  const missing = without(source.grantees, target.roles);
  const policies = without(source.policyRoles, target.roles);
  return [
    note(
      "owners",
      `--no-owner: everything will belong to ${target.user}; it belongs to ${names(source.owners) || "nobody"} in the source.`,
    ),
    ...(options.withGrants
      ? about(
          missing,
          refused,
          "grants",
          (list) =>
            `the target has no role ${list}. Create it: CREATE ROLE …; or leave all grants out: --no-grants.`,
        )
      : about(
          source.grantees,
          warning,
          "grants",
          (list) => `--no-grants: the privileges of ${list} are left out.`,
        )),
    ...about(
      policies,
      refused,
      "policies",
      (list) =>
        `row-level policies are for ${list}, which the target does not have. Create the role: CREATE ROLE ….`,
    ),
    ...about(
      source.defaultPrivileges,
      warning,
      "default privileges",
      (list) =>
        `those of ${list} are left out. Run ALTER DEFAULT PRIVILEGES in the target for ${target.user}.`,
    ),
    ...about(
      source.untrusted,
      refused,
      "functions",
      (list) => `RDS has no language for ${list}. Drop or rewrite them.`,
    ),
  ];
};

const sizes: Rule = ({ source, storage, freeBytes, options }) => {
  const bytes = options.schemaOnly ? 0 : source.databaseBytes;
  const neededGib = Math.ceil((bytes * STORAGE_FACTOR) / GIB);
  const { allocatedStorageGib: allocated, maxAllocatedStorageGib: most = allocated } = storage;
  const size = `the source has ${gib(bytes)}, which needs about ${neededGib} GiB with room for indexes and the write-ahead log`;
  const found: Finding[] = [];
  if (neededGib > most) {
    found.push(
      refused(
        "storage",
        `${size}; the target has ${allocated} GiB. Raise allocatedStorageGib to ${neededGib} and deploy.`,
      ),
    );
  } else if (neededGib > allocated) {
    found.push(
      warning(
        "storage",
        `${size}; the target has ${allocated} GiB and grows to ${most}, at most once in six hours. Raise allocatedStorageGib first.`,
      ),
    );
  }
  if (bytes > freeBytes) {
    found.push(
      refused(
        "disk",
        `the dump may need ${gib(bytes)}, and this disk has ${gib(freeBytes)}. Name a folder elsewhere: --work FOLDER.`,
      ),
    );
  }
  return found;
};

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}

const readable: Rule = ({ source }) => [
  ...about(
    source.unreadable,
    refused,
    "privileges",
    (list) =>
      `${source.user} is not allowed to read ${list}. Use a user who is: the owner, or a member of pg_read_all_data.`,
  ),
  ...about(
    source.rowSecurity,
    refused,
    "privileges",
    (list) =>
      `row-level security hides rows of ${list} from ${source.user}. Use the owner, or a user with BYPASSRLS.`,
  ),
  ...about(
    source.prepared,
    refused,
    "prepared transactions",
    (list) =>
      `${list} are neither committed nor rolled back, and a dump does not contain them. COMMIT PREPARED or ROLLBACK PREPARED them.`,
  ),
];

/** Objects that stay behind or change their meaning. */
const leftBehind: Rule = ({ source, options }) => [
  ...about(
    options.follow ? [] : source.unlogged,
    warning,
    "unlogged tables",
    (list) =>
      `${list} are copied, and RDS empties them after a crash, a failover or a restore. ALTER TABLE … SET LOGGED keeps them.`,
  ),
  ...about(
    source.foreignTables,
    warning,
    "foreign tables",
    (list) =>
      `${list} are created without their user mappings, and their rows stay on the foreign server. Run CREATE USER MAPPING in the target, and admit the target's security group there.`,
  ),
  ...about(
    source.slots,
    warning,
    "replication slots",
    (list) => `${list} are not migrated: their readers must start over with the target.`,
  ),
  ...about(
    source.subscriptions,
    warning,
    "subscriptions",
    (list) =>
      `${list} are left out, so that two databases do not apply the same changes. CREATE SUBSCRIPTION in the target.`,
  ),
  ...about(
    source.invalidIndexes,
    warning,
    "indexes",
    (list) => `${list} are not valid and are left out. REINDEX or drop them.`,
  ),
  ...about(
    source.notValid,
    warning,
    "constraints",
    (list) => `${list} are NOT VALID and stay so: VALIDATE CONSTRAINT when the data is right.`,
  ),
  ...about(
    source.settings,
    warning,
    "settings",
    (list) =>
      `a dump does not contain the settings of the database: ${list}. Set them in the target: ALTER DATABASE … SET.`,
  ),
  ...about(
    source.tablespaces,
    note,
    "tablespaces",
    (list) => `the objects in ${list} move to the target's only tablespace.`,
  ),
];

const writers: Rule = ({ source, options }) =>
  options.follow
    ? []
    : options.readOnly
      ? [
          note(
            "writers",
            "--read-only: the source accepts no writes until the migration ends, and open sessions in it are closed.",
          ),
        ]
      : about(source.sessions, options.acceptWriters ? warning : refused, "writers", (list) =>
          options.acceptWriters
            ? `what ${list} write after the dump has begun is not migrated.`
            : `${list} may write, and what they write after the dump has begun is not migrated. Stop the application, use --read-only, or use --accept-writers if that is what you want.`,
        );

const target: Rule = ({ source, target, continues }) => [
  ...(continues
    ? []
    : about(
        target.objects,
        refused,
        "target",
        (list) => `it is not empty: ${list}. Empty it, or migrate into a separate database.`,
      )),
  ...(continues || target.largeObjects === 0
    ? []
    : [
        refused(
          "target",
          `it has ${target.largeObjects} large objects. Remove them: SELECT lo_unlink(oid) FROM pg_largeobject_metadata.`,
        ),
      ]),
  ...(target.readOnly
    ? [
        refused(
          "target",
          "it accepts no writes: a replica, or default_transaction_read_only is on.",
        ),
      ]
    : []),
  ...(source.relations + source.largeObjects > target.locks
    ? [
        refused(
          "locks",
          `the tables and indexes are created in one transaction, which needs about ${source.relations + source.largeObjects} locks; the target has ${target.locks}. Raise max_locks_per_transaction in parameters and deploy.`,
        ),
      ]
    : []),
];

const excluded: Rule = ({ source, options }) => {
  const { excludedTables } = options;
  const unknown = without(excludedTables, source.tables);
  return [
    ...unknown.map((table) =>
      refused(
        "--exclude-table",
        `the source has no table ${table}.${source.tables.length > 0 ? ` Did you mean ${closest(table, [...source.tables])}?` : ""}`,
      ),
    ),
    ...excludedTables.flatMap((table) =>
      about(
        without(source.dependents[table] ?? [], excludedTables),
        refused,
        "--exclude-table",
        (list) => `${list} need ${table}. Exclude them too.`,
      ),
    ),
  ];
};

const RULES: readonly Rule[] = [
  versions,
  target,
  writers,
  readable,
  extensions,
  encoding,
  roles,
  sizes,
  excluded,
  leftBehind,
];
