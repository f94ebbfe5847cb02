import type { Client } from "pg";

/** How often each table has been written to, by the server's statistics. */
export async function writesOf(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; writes: string }>(
    "SELECT format('%I.%I', schemaname, relname) AS name, (n_tup_ins + n_tup_upd + n_tup_del)::text AS writes FROM pg_stat_user_tables",
  );
  return Object.fromEntries(rows.map(({ name, writes }) => [name, writes]));
}

/** The tables that have been written to since. */
export function writtenSince(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  return Object.keys(now).filter((name) => now[name] !== (before[name] ?? "0"));
}
