import type { Client } from "pg";
import { notOfExtension, OWN_SCHEMA } from "./catalog";
import type { TargetState } from "./comparison";

const NAME = "format('%I.%I', n.nspname, c.relname)";
const RELATION = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND ${OWN_SCHEMA} AND ${notOfExtension("pg_class", "c.oid")}`;

/** Properties that a restored database must not have. */
export async function targetStateOf(client: Client): Promise<TargetState> {
  const { rows } = await client.query<TargetState>(`
    SELECT current_user AS user,
      ARRAY(SELECT ${NAME} FROM pg_index i JOIN ${RELATION} ON c.oid = i.indexrelid WHERE NOT i.indisvalid ORDER BY 1) AS "invalidIndexes",
      -- Before PostgreSQL 14, reltuples does not tell.
      ARRAY(SELECT ${NAME} FROM ${RELATION} WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND c.reltuples < 0 ORDER BY 1) AS "notAnalyzed"`);
  return rows[0] as TargetState;
}
