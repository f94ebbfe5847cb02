/** The catalogs of PostgreSQL, and the objects of extensions are not migrated. */
export const OWN_SCHEMA = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'";

/** Whether no extension made an object. */
export function notOfExtension(catalog: string, oid: string): string {
  return `NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = ${oid} AND e.deptype = 'e')`;
}

/**
 * Makes the text of every value the same on both sides, whatever the servers' settings are.
 * @see https://www.postgresql.org/docs/17/runtime-config-client.html#RUNTIME-CONFIG-CLIENT-FORMAT
 */
export const SAME_TEXT = [
  "SET search_path = pg_catalog",
  "SET client_encoding = 'UTF8'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET TimeZone = 'UTC'",
  "SET extra_float_digits = 1",
  "SET bytea_output = 'hex'",
  "SET xmlbinary = 'base64'",
  "SET lc_monetary = 'C'",
  "SET quote_all_identifiers = off",
  "SET row_security = off",
].join("; ");

/**
 * Sessions of clients in this database other than those of this migration. Without pg_read_all_stats, most of what
 * pg_stat_activity tells about sessions of other users is null.
 */
export const OTHER_SESSIONS = `pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
  AND coalesce(backend_type, 'client backend') = 'client backend' AND pid NOT IN (SELECT pid FROM pg_stat_replication)
  AND application_name IS DISTINCT FROM current_setting('application_name')`;
