import type { Client } from "pg";
import { OTHER_SESSIONS } from "./catalog";
import { ask, list, NAME, RELATION } from "./facts";

/** The facts about the source that logical replication needs. */
export interface PublisherFacts {
  readonly walLevel: string;
  readonly isRds: boolean;
  readonly freeSlots: number;
  readonly freeSenders: number;
  /** In MiB; -1 is no limit. */
  readonly keptMib: number;
  readonly mayReplicate: boolean;
  readonly mayPublish: boolean;
  /** The user may make the database read-only. */
  readonly mayForbidWrites: boolean;
  /** Users with sessions that the user may not end. */
  readonly unendable: readonly string[];
  readonly notOwned: readonly string[];
  /** Tables without primary key and replica identity. */
  readonly withoutIdentity: readonly string[];
  /** Tables whose rows are found by all their columns, one of which cannot be compared. */
  readonly incomparable: readonly string[];
  /** Triggers that run for replicated changes, too. */
  readonly alwaysTriggers: readonly string[];
  readonly materializedViews: readonly string[];
}

/** The facts about the target that replication needs. */
export interface SubscriberFacts {
  readonly freeWorkers: number;
  /** The number of tables that are copied in parallel. */
  readonly syncWorkers: number;
  /** `pgaudit.log`, where it is set. */
  readonly audited: string | null;
}

/**
 * The types that a column consists of, and whether one of them has no equality operator: no default operator class of
 * a B-tree or hash index, as PostgreSQL itself looks for one.
 */
const INCOMPARABLE_COLUMN = `
  WITH RECURSIVE part (type) AS (
    SELECT atttypid FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    UNION
    SELECT inner_type FROM part JOIN pg_type t ON t.oid = part.type
    CROSS JOIN LATERAL (
      SELECT t.typbasetype WHERE t.typtype = 'd'
      UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
      UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS within (inner_type)
  )
  SELECT FROM part JOIN pg_type t ON t.oid = part.type
  WHERE t.typtype = 'b' AND t.typcategory <> 'A' AND NOT EXISTS (
    SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
    WHERE m.amname IN ('btree', 'hash') AND o.opcdefault AND (o.opcintype = t.oid OR EXISTS (
      SELECT FROM pg_cast WHERE castsource = t.oid AND casttarget = o.opcintype AND castmethod = 'b' AND castcontext = 'i')))`;

const PUBLISHER: Readonly<Record<keyof PublisherFacts, string>> = {
  walLevel: "current_setting('wal_level')",
  isRds: "EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser')",
  freeSlots:
    "current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)::int",
  freeSenders:
    "current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)::int",
  keptMib:
    "coalesce((SELECT setting::float8 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'), -1)",
  mayReplicate:
    "(SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user) OR coalesce((SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = 'rds_replication'), false)",
  mayPublish: "has_database_privilege(current_database(), 'CREATE')",
  mayForbidWrites:
    "(SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database())",
  unendable: list(
    "usename::text",
    `${OTHER_SESSIONS} AND NOT pg_has_role(usesysid, 'USAGE') AND (NOT pg_has_role('pg_signal_backend', 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE oid = usesysid))`,
  ),
  notOwned: list(
    NAME,
    `${RELATION} WHERE c.relkind = 'r' AND NOT pg_has_role(c.relowner, 'USAGE')`,
  ),
  withoutIdentity: list(
    NAME,
    `${RELATION} WHERE c.relkind = 'r' AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i
       WHERE i.indrelid = c.oid AND i.indisvalid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'd' THEN i.indisprimary END)`,
  ),
  incomparable: list(
    NAME,
    `${RELATION} WHERE c.relkind = 'r' AND c.relreplident = 'f'
       AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indisprimary)
       AND EXISTS (${INCOMPARABLE_COLUMN})`,
  ),
  alwaysTriggers: list(
    `${NAME} || ' ' || quote_ident(tgname)`,
    `pg_trigger JOIN ${RELATION} ON c.oid = tgrelid WHERE tgenabled IN ('A', 'R') AND NOT tgisinternal`,
  ),
  materializedViews: list(NAME, `${RELATION} WHERE c.relkind = 'm' AND c.relispopulated`),
};

const SUBSCRIBER: Readonly<Record<keyof SubscriberFacts, string>> = {
  freeWorkers:
    "current_setting('max_logical_replication_workers')::int - (SELECT count(*) FROM pg_stat_subscription WHERE pid IS NOT NULL)::int",
  syncWorkers: "current_setting('max_sync_workers_per_subscription')::int",
  audited: "current_setting('pgaudit.log', true)",
};

export async function publisherFactsOf(client: Client): Promise<PublisherFacts> {
  return await ask<PublisherFacts>(client, PUBLISHER);
}

export async function subscriberFactsOf(client: Client): Promise<SubscriberFacts> {
  return await ask<SubscriberFacts>(client, SUBSCRIBER);
}

/** How the target finds the rows that are updated or deleted: `CONSTRAINT public article article_pkey`, as a dump lists it. */
export async function replicaIdentities(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; table: string; index: string }>(`
    SELECT n.nspname::text AS schema, c.relname::text AS table, x.relname::text AS index
    FROM pg_index i JOIN ${RELATION} ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END`);
  return rows.flatMap(({ schema, table, index }) => [
    `CONSTRAINT ${schema} ${table} ${index}`,
    `INDEX ${schema} ${index}`,
  ]);
}
