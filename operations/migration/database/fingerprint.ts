import type { Client } from "pg";
import { notOfExtension, OWN_SCHEMA, SAME_TEXT } from "./catalog";
import { type Item, inventory } from "./inventory";

/** The contents of a table, whatever the order of its rows. */
export interface TableDigest {
  /** `public.article` */
  readonly name: string;
  readonly rows: string;
  /** The sum of a 64-bit hash of each row: duplicate rows count twice. */
  readonly checksum: string;
}

export interface SequenceState {
  readonly name: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** Everything in a database that a migration must preserve. */
export interface Fingerprint {
  readonly items: readonly Item[];
  readonly tables: readonly TableDigest[];
  readonly sequences: readonly SequenceState[];
  readonly largeObjects: { readonly count: string; readonly checksum: string };
  /** How many objects each role owns. */
  readonly owners: Readonly<Record<string, number>>;
  readonly extensions: Readonly<Record<string, string>>;
}

/** A table to be read. */
export interface Table {
  /** As SQL writes it: `public."odd name"`. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly owner: string;
  /** The size of its contents, without indexes. */
  readonly bytes: number;
}

export interface FingerprintProps {
  /** A session with `SAME_TEXT`. */
  readonly client: Client;
  /** More sessions with the same snapshot, to read tables in parallel. */
  readonly readers: readonly Client[];
  /** Tables that are left out: `public.audit`. */
  readonly excluded: readonly string[];
  readonly schemaOnly: boolean;
  /** Called for each table when it has been read. */
  readonly progress: (table: Table) => void;
}

/** Sets a session up for reading contents. */
export async function prepareReader(client: Client): Promise<Client> {
  await client.query(SAME_TEXT);
  return client;
}

/** Reads a whole database. */
export async function fingerprint(props: FingerprintProps): Promise<Fingerprint> {
  const { client, schemaOnly, excluded } = props;
  const digests = schemaOnly ? [] : await tableDigests(props);
  return {
    items: (await inventory(client, excluded)).filter(
      ({ kind }) => !(schemaOnly && kind === "populated materialized view"),
    ),
    tables: digests,
    sequences: schemaOnly ? [] : await sequences(client, excluded),
    largeObjects: schemaOnly ? { count: "0", checksum: "0" } : await largeObjects(client),
    owners: await owners(client),
    extensions: await extensions(client),
  };
}

/** Every table that has rows itself, the largest first. */
export async function tablesOf(client: Client): Promise<Table[]> {
  const { rows } = await client.query<Omit<Table, "bytes"> & { bytes: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname::text AS schema, c.relname::text AS table,
      pg_get_userbyid(c.relowner)::text AS owner, pg_table_size(c.oid)::text AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${OWN_SCHEMA} AND ${notOfExtension("pg_class", "c.oid")}
    ORDER BY pg_table_size(c.oid) DESC, 1`);
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

async function tableDigests(props: FingerprintProps): Promise<TableDigest[]> {
  const { client, readers, excluded, progress } = props;
  const queries = await digestQueries(client);
  const waiting = (await tablesOf(client)).filter(({ name }) => !excluded.includes(name));
  const digests: TableDigest[] = [];
  const read = async (reader: Client) => {
    for (let table = waiting.shift(); table; table = waiting.shift()) {
      const { rows } = await reader.query(queries.get(table.name) ?? "");
      digests.push({ name: table.name, ...(rows[0] as Omit<TableDigest, "name">) });
      progress(table);
    }
  };
  await Promise.all(readers.map(read));
  return digests.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * A query for each table. The columns are in the order of their names, because a restored table that inherits may have
 * them in another order. md5 is the same in every version and on every processor.
 */
async function digestQueries(client: Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; columns: string | null; encoding: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name, getdatabaseencoding() AS encoding,
      string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND ${OWN_SCHEMA}
    GROUP BY n.nspname, c.relname`);
  return new Map(
    rows.map(({ name, columns, encoding }) => {
      const text = `ROW(${columns ?? ""})::text`;
      const bytes = encoding === "UTF8" ? text : `convert_to(${text}, 'UTF8')`;
      return [
        name,
        `SELECT count(*)::text AS rows, coalesce(sum(${hashOf(bytes)}), 0)::text AS checksum FROM ONLY ${name} AS t`,
      ];
    }),
  );
}

/** 64 bits of the md5 of a text, as a signed number. Their sum is a numeric, which does not overflow. */
function hashOf(text: string): string {
  return `('x' || left(md5(${text}), 16))::bit(64)::bigint`;
}

/** The states of all sequences; they are in no snapshot. */
export async function sequences(
  client: Client,
  excluded: readonly string[],
): Promise<SequenceState[]> {
  const { rows } = await client.query<{ name: string; owner: string | null }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
      (SELECT format('%I.%I', tn.nspname, t.relname) FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_namespace tn ON tn.oid = t.relnamespace
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refobjsubid > 0 AND d.deptype = 'i') AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ${OWN_SCHEMA} AND ${notOfExtension("pg_class", "c.oid")}
    ORDER BY 1`);
  const wanted = rows.filter(({ name, owner }) => !excluded.includes(owner ?? name));
  const states: SequenceState[] = [];
  for (const { name } of wanted) {
    const state = await client.query(
      `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${name}`,
    );
    states.push({ name, ...(state.rows[0] as Omit<SequenceState, "name">) });
  }
  return states;
}

async function largeObjects(client: Client): Promise<Fingerprint["largeObjects"]> {
  const { rows } = await client.query(
    `SELECT count(*)::text AS count, coalesce(sum(${hashOf("oid::text || ' ' || md5(lo_get(oid))")}), 0)::text AS checksum FROM pg_largeobject_metadata`,
  );
  return rows[0] as Fingerprint["largeObjects"];
}

async function owners(client: Client): Promise<Record<string, number>> {
  const { rows } = await client.query<{ owner: string; objects: number }>(`
    SELECT pg_get_userbyid(c.relowner)::text AS owner, count(*)::int AS objects
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND ${OWN_SCHEMA}
      AND ${notOfExtension("pg_class", "c.oid")}
    GROUP BY 1 ORDER BY 1`);
  return Object.fromEntries(rows.map(({ owner, objects }) => [owner, objects]));
}

async function extensions(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; version: string }>(
    "SELECT extname::text AS name, extversion AS version FROM pg_extension ORDER BY 1",
  );
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]));
}
