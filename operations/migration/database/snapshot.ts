import type { Client } from "pg";

const BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/** Takes a snapshot that other sessions can join, as long as this session's transaction lasts. */
export async function exportSnapshot(client: Client): Promise<string> {
  await client.query(BEGIN);
  const { rows } = await client.query("SELECT pg_export_snapshot() AS snapshot");
  return rows[0].snapshot;
}

export async function joinSnapshot(client: Client, snapshot: string): Promise<void> {
  await client.query(BEGIN);
  await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
}
