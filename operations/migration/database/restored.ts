import { type Client, escapeIdentifier } from "pg";
import { notOfExtension, OWN_SCHEMA } from "./catalog";
import { listed } from "./table-of-contents";

interface RestoredTable {
  readonly schema: string;
  readonly table: string;
  /** Created by an extension, which may have filled it. */
  readonly ofExtension: boolean;
}

async function tables(client: Client): Promise<RestoredTable[]> {
  const { rows } = await client.query<RestoredTable>(`
    SELECT n.nspname::text AS schema, c.relname::text AS table, NOT ${notOfExtension("pg_class", "c.oid")} AS "ofExtension"
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${OWN_SCHEMA}`);
  return rows;
}

function sqlName({ schema, table }: RestoredTable): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

/** The rows in the tables of extensions, by name. */
export async function extensionRows(client: Client): Promise<Record<string, string>> {
  const rows: Record<string, string> = {};
  for (const table of (await tables(client)).filter(({ ofExtension }) => ofExtension)) {
    const found = await client.query(`SELECT count(*)::text AS count FROM ONLY ${sqlName(table)}`);
    rows[sqlName(table)] = found.rows[0].count;
  }
  return rows;
}

/**
 * The entries for data that the target has: pg_restore copies a table in one statement, so that a table with rows has all.
 * @param baseline the rows of extensions' tables before
 */
export async function restoredData(
  client: Client,
  baseline: Readonly<Record<string, string>>,
): Promise<string[]> {
  const now = await extensionRows(client);
  const done: string[] = [];
  for (const one of await tables(client)) {
    const name = sqlName(one);
    const isDone = one.ofExtension
      ? now[name] !== baseline[name]
      : (await client.query(`SELECT FROM ONLY ${name} LIMIT 1`)).rowCount === 1;
    if (isDone) {
      done.push(listed("TABLE DATA", one.schema, one.table));
    }
  }
  return done;
}

/** The entries for indexes, constraints and the like that the target has: each was created in a separate transaction. */
export async function restoredStructure(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ kind: string; schema: string; name: string }>(STRUCTURE);
  return rows.map(({ kind, schema, name }) => listed(kind, schema, name));
}

const STRUCTURE = `
  WITH relation AS (
    SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OWN_SCHEMA})
  SELECT 'INDEX' AS kind, schema, name FROM relation JOIN pg_index ON indexrelid = oid
  UNION ALL SELECT kind, schema, name || ' ' || conname FROM relation JOIN pg_constraint ON conrelid = relation.oid,
    unnest(ARRAY['CONSTRAINT', 'FK CONSTRAINT', 'CHECK CONSTRAINT']) AS kind
  UNION ALL SELECT 'CHECK CONSTRAINT', n.nspname, typname || ' ' || conname FROM pg_constraint c
    JOIN pg_type t ON t.oid = c.contypid JOIN pg_namespace n ON n.oid = t.typnamespace
  UNION ALL SELECT 'TRIGGER', schema, name || ' ' || tgname FROM relation JOIN pg_trigger ON tgrelid = relation.oid
  UNION ALL SELECT 'RULE', schema, name || ' ' || rulename FROM relation JOIN pg_rewrite ON ev_class = relation.oid
  UNION ALL SELECT 'POLICY', schema, name || ' ' || polname FROM relation JOIN pg_policy ON polrelid = relation.oid
  UNION ALL SELECT 'STATISTICS', n.nspname, stxname FROM pg_statistic_ext JOIN pg_namespace n ON n.oid = stxnamespace
  UNION ALL SELECT 'EVENT TRIGGER', '-', evtname FROM pg_event_trigger
  UNION ALL SELECT 'PUBLICATION', '-', pubname FROM pg_publication
  UNION ALL SELECT 'PUBLICATION TABLE', schema, pubname || ' ' || name FROM pg_publication_rel
    JOIN pg_publication p ON p.oid = prpubid JOIN relation ON relation.oid = prrelid`;
