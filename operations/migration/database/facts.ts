import type { Client } from "pg";
import { notOfExtension, OTHER_SESSIONS, OWN_SCHEMA } from "./catalog";

/** The facts about both databases. */
export interface Facts {
  readonly version: string;
  readonly major: number;
  readonly user: string;
  readonly encoding: string;
  readonly collation: string;
  /** In recovery, or made read-only. */
  readonly readOnly: boolean;
  readonly databaseBytes: number;
  readonly roles: readonly string[];
  readonly schemas: readonly string[];
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  /** The available extensions with their default versions. */
  readonly available: Readonly<Record<string, string>>;
  /** `rds.allowed_extensions`, where it is set. */
  readonly allowedExtensions: string | null;
  readonly collations: readonly string[];
  /** Relations, functions and types, by name. */
  readonly objects: readonly string[];
  readonly relations: number;
  readonly largeObjects: number;
  /** How many locks a transaction can hold. */
  readonly locks: number;
}

/** The facts about the source only. */
export interface SourceFacts {
  readonly unreadable: readonly string[];
  readonly rowSecurity: readonly string[];
  readonly unlogged: readonly string[];
  readonly foreignTables: readonly string[];
  readonly invalidIndexes: readonly string[];
  readonly notValid: readonly string[];
  readonly columnCollations: readonly string[];
  readonly owners: readonly string[];
  readonly grantees: readonly string[];
  readonly policyRoles: readonly string[];
  readonly defaultPrivileges: readonly string[];
  readonly untrusted: readonly string[];
  readonly slots: readonly string[];
  readonly subscriptions: readonly string[];
  readonly prepared: readonly string[];
  readonly settings: readonly string[];
  readonly tablespaces: readonly string[];
  /** Other sessions in the database: `newsapp (web)`. */
  readonly sessions: readonly string[];
  /** Tables, with what depends on each of them: its foreign keys, views, partitions. */
  readonly dependents: Readonly<Record<string, readonly string[]>>;
  readonly tables: readonly string[];
}

export const NAME = "format('%I.%I', n.nspname, c.relname)";
export const RELATION = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND ${OWN_SCHEMA} AND c.relpersistence <> 't' AND ${notOfExtension("pg_class", "c.oid")}`;

/** A JSON array of one column. */
export function list(column: string, from: string): string {
  return `(SELECT coalesce(json_agg(x ORDER BY x), '[]') FROM (SELECT DISTINCT ${column} AS x FROM ${from}) AS found)`;
}

const FACTS: Readonly<Record<keyof Facts, string>> = {
  version: "current_setting('server_version')",
  major: "current_setting('server_version_num')::int / 10000",
  user: "current_user",
  encoding: "getdatabaseencoding()",
  collation:
    "(SELECT concat(datcollate, ', ', datctype) FROM pg_database WHERE datname = current_database())",
  readOnly:
    "pg_is_in_recovery() OR coalesce((SELECT bool_or(setting IN ('default_transaction_read_only=on', 'default_transaction_read_only=true')) FROM pg_db_role_setting, unnest(setconfig) setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setrole = 0), false)",
  databaseBytes: "pg_database_size(current_database())",
  roles: list("rolname::text", "pg_roles"),
  schemas: list("n.nspname::text", `pg_namespace n WHERE ${OWN_SCHEMA}`),
  extensions:
    "(SELECT coalesce(json_agg(json_build_object('name', extname, 'version', extversion) ORDER BY extname), '[]') FROM pg_extension)",
  available: "(SELECT json_object_agg(name, default_version) FROM pg_available_extensions)",
  allowedExtensions: "NULLIF(current_setting('rds.allowed_extensions', true), '*')",
  collations: list(
    "collname::text",
    "pg_collation WHERE collnamespace = 'pg_catalog'::regnamespace",
  ),
  objects: `(SELECT coalesce(json_agg(x ORDER BY x), '[]') FROM (
      SELECT ${NAME} AS x FROM ${RELATION} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION SELECT format('%I.%I()', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${OWN_SCHEMA} AND ${notOfExtension("pg_proc", "p.oid")}
      UNION SELECT format('%I.%I', n.nspname, t.typname) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND ${OWN_SCHEMA} AND t.typtype IN ('e', 'd', 'r') AND ${notOfExtension("pg_type", "t.oid")}
    ) AS found)`,
  relations: `(SELECT count(*) FROM ${RELATION})`,
  largeObjects: "(SELECT count(*) FROM pg_largeobject_metadata)",
  locks:
    "current_setting('max_locks_per_transaction')::int * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)",
};

/** Objects that a table's absence would break. */
const DEPENDENTS = `(SELECT coalesce(json_object_agg(name, others), '{}') FROM (
    SELECT ${NAME} AS name, json_agg(DISTINCT d.other ORDER BY d.other) AS others FROM ${RELATION} JOIN (
      SELECT confrelid AS oid, conrelid AS by, conrelid::regclass::text AS other FROM pg_constraint WHERE contype = 'f' AND confrelid <> conrelid
      UNION SELECT inhparent, inhrelid, inhrelid::regclass::text FROM pg_inherits
      UNION SELECT refobjid, w.ev_class, w.ev_class::regclass::text FROM pg_depend JOIN pg_rewrite w ON w.oid = objid
        WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass AND refobjid <> w.ev_class
    ) AS d ON d.oid = c.oid AND c.relkind IN ('r', 'p', 'm', 'f') GROUP BY 1) AS found)`;

const SOURCE_FACTS: Readonly<Record<keyof SourceFacts, string>> = {
  unreadable: list(
    NAME,
    `${RELATION} WHERE c.relkind IN ('r', 'p', 'S', 'm') AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))`,
  ),
  rowSecurity: list(
    NAME,
    `${RELATION} WHERE c.relkind IN ('r', 'p') AND row_security_active(c.oid)`,
  ),
  unlogged: list(NAME, `${RELATION} WHERE c.relkind = 'r' AND c.relpersistence = 'u'`),
  foreignTables: list(NAME, `${RELATION} WHERE c.relkind = 'f'`),
  invalidIndexes: list(
    NAME,
    `pg_index i JOIN ${RELATION} ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relkind = 'i'`,
  ),
  notValid: list(
    `${NAME} || ' ' || quote_ident(k.conname)`,
    `pg_constraint k JOIN ${RELATION} ON c.oid = k.conrelid WHERE NOT k.convalidated`,
  ),
  columnCollations: list(
    "o.collname::text",
    `pg_attribute a JOIN ${RELATION} ON c.oid = a.attrelid JOIN pg_collation o ON o.oid = a.attcollation WHERE o.collnamespace = 'pg_catalog'::regnamespace`,
  ),
  owners: list("pg_get_userbyid(c.relowner)::text", RELATION),
  grantees: `(SELECT coalesce(json_agg(x ORDER BY x), '[]') FROM (
      SELECT DISTINCT a.grantee::regrole::text AS x FROM (
        SELECT relowner AS owner, relacl AS acl FROM ${RELATION}
        UNION ALL SELECT c.relowner, a.attacl FROM pg_attribute a JOIN ${RELATION} ON c.oid = a.attrelid WHERE a.attacl IS NOT NULL
        UNION ALL SELECT proowner, proacl FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${OWN_SCHEMA} AND ${notOfExtension("pg_proc", "p.oid")}
        UNION ALL SELECT nspowner, nspacl FROM pg_namespace n WHERE ${OWN_SCHEMA}
        UNION ALL SELECT typowner, typacl FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND ${OWN_SCHEMA}
        UNION ALL SELECT lomowner, lomacl FROM pg_largeobject_metadata
      ) AS held, LATERAL aclexplode(held.acl) a WHERE a.grantee <> 0 AND a.grantee <> held.owner
    ) AS found)`,
  policyRoles: list(
    "o::regrole::text",
    `pg_policy p JOIN ${RELATION} ON c.oid = p.polrelid, LATERAL unnest(p.polroles) o WHERE o <> 0`,
  ),
  defaultPrivileges: list("pg_get_userbyid(defaclrole)::text", "pg_default_acl"),
  untrusted: list(
    "format('%I.%I (%s)', n.nspname, p.proname, l.lanname)",
    `pg_proc p JOIN pg_language l ON l.oid = p.prolang AND NOT l.lanpltrusted AND l.lanname <> 'internal' JOIN pg_namespace n ON n.oid = p.pronamespace AND ${OWN_SCHEMA} AND ${notOfExtension("pg_proc", "p.oid")}`,
  ),
  slots: list(
    "slot_name::text",
    "pg_replication_slots WHERE database = current_database() AND NOT temporary",
  ),
  subscriptions: list(
    "subname::text",
    "pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
  ),
  prepared: list("gid", "pg_prepared_xacts WHERE database = current_database()"),
  settings: list(
    "concat_ws(' ', CASE WHEN setrole <> 0 THEN setrole::regrole::text || ':' END, setting)",
    "pg_db_role_setting, unnest(setconfig) setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND setting !~ '^default_transaction_read_only='",
  ),
  tablespaces: list(
    "s.spcname::text",
    `${RELATION} JOIN pg_tablespace s ON s.oid = c.reltablespace`,
  ),
  sessions: list(
    "concat(usename, NULLIF(concat(' (', NULLIF(application_name, ''), ')'), ' ()'))",
    OTHER_SESSIONS,
  ),
  dependents: DEPENDENTS,
  tables: list(NAME, `${RELATION} WHERE c.relkind IN ('r', 'p', 'm', 'f')`),
};

/** Queries a server. A session of the migration must be at its defaults, but for `search_path = pg_catalog`. */
export async function factsOf(client: Client): Promise<Facts> {
  const facts = await ask<Facts>(client, FACTS);
  return {
    ...facts,
    databaseBytes: Number(facts.databaseBytes),
    relations: Number(facts.relations),
    largeObjects: Number(facts.largeObjects),
  };
}

export async function sourceFactsOf(client: Client): Promise<SourceFacts> {
  return await ask<SourceFacts>(client, SOURCE_FACTS);
}

export async function ask<Answer>(client: Client, questions: object): Promise<Answer> {
  const columns = Object.entries(questions).map(([name, query]) => `${query} AS "${name}"`);
  const { rows } = await client.query(`SELECT ${columns.join(", ")}`);
  return rows[0] as Answer;
}
