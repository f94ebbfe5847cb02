import type { Client } from "pg";
import { notOfExtension, OWN_SCHEMA } from "./catalog";

/** One object of a database, or one property of it. */
export interface Item {
  /** `table`, `column`, `index`, `grant` … */
  readonly kind: string;
  /** `public.article.title` */
  readonly name: string;
  readonly definition: string;
  /** The server wrote the definition from its own parse tree: another major version may write it in another way. */
  readonly isDeparsed: boolean;
}

/**
 * @param excluded tables that are left out with everything that is theirs: `public.audit`
 * @returns everything in a database but contents, in a stable order; a session must have `SAME_TEXT`.
 */
export async function inventory(client: Client, excluded: readonly string[]): Promise<Item[]> {
  const { rows } = await client.query<Item>(
    `${RELATIONS} ${PARTS.join(" UNION ALL ")} ORDER BY 1, 2, 3`,
    [excluded],
  );
  return rows;
}

const RELATIONS = `
  WITH excluded_table AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE format('%I.%I', n.nspname, c.relname) = ANY($1)
  ), excluded AS (
    SELECT oid FROM excluded_table
    UNION SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM excluded_table)
    UNION SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
      AND refobjid IN (SELECT oid FROM excluded_table) AND refobjsubid > 0 AND deptype = 'i'
  ), relation AS (
    SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name,
      CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type' ELSE 'index' END AS kind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE ${OWN_SCHEMA} AND c.relpersistence <> 't' AND c.relkind <> 't' AND ${notOfExtension("pg_class", "c.oid")}
      AND c.oid NOT IN (SELECT oid FROM excluded)
  )`;

/** @param isDeparsed see Item */
function part(kind: string, name: string, definition: string, from: string, isDeparsed = false) {
  return `SELECT ${kind} AS kind, ${name} AS name, coalesce(${definition}, '') AS definition, ${isDeparsed} AS "isDeparsed" FROM ${from}`;
}

const GRANTEE = "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END";

/** Privileges of roles other than the owner. */
function grants(what: string, acl: string, kind: string, owner: string, from: string): string {
  return part(
    "'grant'",
    `format('%s on %s to %s', privilege_type, ${what}, ${GRANTEE})`,
    "CASE WHEN is_grantable THEN 'with grant option' END",
    `${from}, LATERAL aclexplode(coalesce(${acl}, acldefault(${kind}, ${owner}))) WHERE grantee <> ${owner}`,
  );
}

const FUNCTION =
  "format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))";
const FUNCTIONS = `pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace AND ${OWN_SCHEMA} AND ${notOfExtension("pg_proc", "p.oid")}`;
const TYPES = `pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND ${OWN_SCHEMA} AND t.typtype IN ('e', 'd', 'r') AND ${notOfExtension("pg_type", "t.oid")}`;
const COLUMNS =
  "pg_attribute a JOIN relation r ON r.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')";
const SCHEMAS = `pg_namespace n WHERE ${OWN_SCHEMA} AND ${notOfExtension("pg_namespace", "n.oid")}`;

// pg_dump leaves out what a failed CREATE INDEX CONCURRENTLY left behind.
const VALID_INDEXES = "pg_index i JOIN relation r ON r.oid = i.indexrelid AND i.indisvalid";
const CONSTRAINT =
  "concat_ws(' ', coalesce(r.name, c.contypid::regtype::text), quote_ident(c.conname))";
// Those of partitions come with their parent's, and PostgreSQL names them.
const CONSTRAINTS =
  "pg_constraint c LEFT JOIN relation r ON r.oid = c.conrelid LEFT JOIN pg_type t ON t.oid = c.contypid LEFT JOIN pg_namespace n ON n.oid = t.typnamespace WHERE c.contype NOT IN ('n', 't') AND NOT (c.contype = 'f' AND c.conparentid <> 0) AND (r.oid IS NOT NULL OR n.nspname !~ '^(pg_|information_schema)')";
const TRIGGERS =
  "pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal AND coalesce(to_jsonb(t)->>'tgparentid', '0') = '0'";

const PARTS: readonly string[] = [
  part("'schema'", "format('%I', n.nspname)", "''", SCHEMAS),
  part("'extension'", "extname::text", "''", "pg_extension"),
  part(
    "kind",
    "name",
    "concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relreplident, (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) o), (SELECT string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = relation.oid))",
    "relation WHERE relkind NOT IN ('i', 'I')",
  ),
  part(
    "'populated materialized view'",
    "name",
    "''",
    "relation WHERE relkind = 'm' AND relispopulated",
  ),
  part(
    "'partition'",
    "name",
    "concat_ws(' ', pg_get_partkeydef(relation.oid), pg_get_expr(relpartbound, relation.oid))",
    "relation WHERE relkind = 'p' OR (relispartition AND relkind IN ('r', 'f'))",
    true,
  ),
  part(
    "'column'",
    "format('%s.%I', r.name, a.attname)",
    "concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, (SELECT format('%I.%I', cn.nspname, collname) FROM pg_collation co JOIN pg_namespace cn ON cn.oid = collnamespace WHERE co.oid = a.attcollation))",
    COLUMNS,
  ),
  part(
    "'default'",
    "format('%s.%I', r.name, a.attname)",
    "pg_get_expr(d.adbin, d.adrelid)",
    `${COLUMNS} JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`,
    true,
  ),
  part(
    "'index'",
    "r.name",
    "concat_ws(' ', i.indisunique, i.indisprimary, i.indisclustered, i.indisreplident, i.indnatts)",
    VALID_INDEXES,
  ),
  part("'definition of an index'", "r.name", "pg_get_indexdef(i.indexrelid)", VALID_INDEXES, true),
  part(
    "'constraint'",
    CONSTRAINT,
    "concat_ws(' ', c.contype, c.convalidated, c.condeferrable, c.condeferred)",
    CONSTRAINTS,
  ),
  part(
    "'definition of a constraint'",
    CONSTRAINT,
    "pg_get_constraintdef(c.oid)",
    CONSTRAINTS,
    true,
  ),
  part("'trigger'", "format('%s %I', r.name, t.tgname)", "t.tgenabled::text", TRIGGERS),
  part(
    "'definition of a trigger'",
    "format('%s %I', r.name, t.tgname)",
    "pg_get_triggerdef(t.oid)",
    TRIGGERS,
    true,
  ),
  part(
    "'query of a view'",
    "name",
    "pg_get_viewdef(oid)",
    "relation WHERE relkind IN ('v', 'm')",
    true,
  ),
  part(
    "'rule'",
    "format('%s %I', r.name, rulename)",
    "concat_ws(' ', ev_enabled, pg_get_ruledef(w.oid))",
    "pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE rulename <> '_RETURN'",
    true,
  ),
  part(
    "'policy'",
    "format('%s %I', r.name, polname)",
    "concat_ws(' ', polcmd, polpermissive, (SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE o::regrole::text END, ',' ORDER BY o::regrole::text) FROM unnest(polroles) o), pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))",
    "pg_policy p JOIN relation r ON r.oid = p.polrelid",
    true,
  ),
  part(
    "'function'",
    FUNCTION,
    "concat_ws(' ', p.prokind, l.lanname, p.provolatile, p.prosecdef, p.proisstrict, p.proparallel, p.proleakproof, pg_get_function_result(p.oid), p.proconfig, md5(p.prosrc))",
    `${FUNCTIONS} JOIN pg_language l ON l.oid = p.prolang`,
  ),
  part(
    "'type'",
    "format('%I.%I', n.nspname, t.typname)",
    "concat_ws(' ', t.typtype, t.typnotnull, t.typdefault, NULLIF(format_type(t.typbasetype, t.typtypmod), '-'), (SELECT string_agg(quote_literal(enumlabel), ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), (SELECT rngsubtype::regtype::text FROM pg_range WHERE rngtypid = t.oid))",
    TYPES,
  ),
  part(
    "'statistics'",
    "format('%I.%I', n.nspname, s.stxname)",
    "pg_get_statisticsobjdef(s.oid)",
    `pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace AND ${OWN_SCHEMA} AND s.stxrelid NOT IN (SELECT oid FROM excluded)`,
    true,
  ),
  part(
    "'publication'",
    "format('%I', p.pubname)",
    "concat_ws(' ', puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, to_jsonb(p)->>'pubviaroot', (SELECT string_agg(prrelid::regclass::text, ',' ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid AND prrelid NOT IN (SELECT oid FROM excluded)))",
    "pg_publication p",
  ),
  part(
    "'event trigger'",
    "format('%I', evtname)",
    "concat_ws(' ', evtevent, evtenabled, evttags, evtfoid::regproc)",
    `pg_event_trigger e2 WHERE ${notOfExtension("pg_event_trigger", "e2.oid")}`,
  ),
  part(
    "'comment'",
    "format('%s %s', o.type, o.identity)",
    "md5(d.description)",
    "pg_description d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o WHERE d.objoid >= 16384 AND d.classoid <> 'pg_extension'::regclass AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e') AND o.identity IS NOT NULL AND coalesce((SELECT conrelid FROM pg_constraint WHERE oid = d.objoid AND d.classoid = 'pg_constraint'::regclass), (SELECT tgrelid FROM pg_trigger WHERE oid = d.objoid AND d.classoid = 'pg_trigger'::regclass), d.objoid) NOT IN (SELECT oid FROM excluded)",
  ),
  // The privileges on the schema public are those of the server's version.
  grants(
    "format('SCHEMA %I', n.nspname)",
    "n.nspacl",
    "'n'",
    "n.nspowner",
    `(SELECT * FROM ${SCHEMAS} AND n.nspname <> 'public') n`,
  ),
  grants(
    "r.name",
    "r.relacl",
    "CASE r.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END",
    "r.relowner",
    "(SELECT * FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) r",
  ),
  part(
    "'grant'",
    `format('%s on %s.%I to %s', privilege_type, r.name, a.attname, ${GRANTEE})`,
    "CASE WHEN is_grantable THEN 'with grant option' END",
    `${COLUMNS}, LATERAL aclexplode(a.attacl) WHERE grantee <> r.relowner`,
  ),
  grants(FUNCTION, "p.proacl", "'f'", "p.proowner", FUNCTIONS),
  grants("format('%I.%I', n.nspname, t.typname)", "t.typacl", "'T'", "t.typowner", TYPES),
  grants(
    "format('LARGE OBJECT %s', m.oid)",
    "m.lomacl",
    "'L'",
    "m.lomowner",
    "pg_largeobject_metadata m",
  ),
];
