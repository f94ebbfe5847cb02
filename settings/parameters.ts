import { z } from "zod";
import { rule } from "./rule";

/** Whether clients must use TLS; this project turns it on, whatever the version's default. */
export const FORCE_SSL = "rds.force_ssl";

/**
 * Parameters that PostgreSQL reads only when it starts: RDS takes a change of them for the next reboot alone. One too
 * many here waits for a reboot; one too few fails the apply. With those of the extensions that RDS has.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
 * @see https://www.postgresql.org/docs/15/view-pg-settings.html (context `postmaster`)
 */
const STATIC_PARAMETERS = new Set(
  (
    "autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age " +
    "autovacuum_worker_slots commit_timestamp_buffers cron.database_name cron.host " +
    "cron.log_run cron.log_statement cron.max_running_jobs cron.timezone huge_pages " +
    "io_max_concurrency io_method jit_provider logging_collector max_connections " +
    "max_files_per_process max_locks_per_transaction max_logical_replication_workers " +
    "max_pred_locks_per_transaction max_prepared_transactions max_replication_slots " +
    "max_wal_senders max_worker_processes min_dynamic_shared_memory multixact_member_buffers " +
    "multixact_offset_buffers notify_buffers old_snapshot_threshold pg_prewarm.autoprewarm " +
    "pg_stat_statements.max rds.custom_dns_resolution rds.enable_pgactive " +
    "rds.logical_replication reserved_connections serializable_buffers shared_buffers " +
    "shared_memory_type shared_preload_libraries subtransaction_buffers " +
    "superuser_reserved_connections track_activity_query_size track_commit_timestamp " +
    "transaction_buffers wal_buffers wal_decode_buffer_size"
  ).split(" "),
);

/** When a change of a PostgreSQL parameter reaches the instance. */
export function applyMethod(parameter: string): "immediate" | "pending-reboot" {
  return STATIC_PARAMETERS.has(parameter) ? "pending-reboot" : "immediate";
}

const valueSchema = z.string().check(
  rule<string>({
    holds: (value) => value.trim() === value && value !== "",
    must: "must not be empty, or start or end with a space",
    instead: "Write the value as the engine shows it, or remove the parameter for its default.",
  }),
);

function parametersOf(name: RegExp, grammar: string) {
  const nameSchema = z
    .string()
    .check(
      rule<string>({
        holds: (parameter) => name.test(parameter),
        must: `must have a name of ${grammar}`,
        instead: "Write the parameter's name as the engine writes it.",
      }),
    )
    .meta({ pattern: name.source });
  return z.record(nameSchema, valueSchema);
}

export const postgresParametersSchema = parametersOf(
  /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/,
  "lower-case letters, digits and underscores, with at most one dot",
)
  .check(
    rule<Record<string, string>>({
      holds: ({ [FORCE_SSL]: value = "1" }) => value === "0" || value === "1",
      must: `must have "0" or "1" for ${FORCE_SSL}`,
      instead: "Write one of them, or leave it out for 1.",
    }),
  )
  .describe('PostgreSQL parameters, as name: value, such as { "work_mem": "65536" }');

export const redisParametersSchema = parametersOf(
  /^[a-z][a-z0-9-]*$/,
  "lower-case letters, digits and hyphens",
)
  .check(
    rule<Record<string, string>>({
      holds: ({ "cluster-enabled": value = "no" }) => value === "no",
      must: "must not have cluster-enabled: this project makes caches of one shard",
      instead: "Remove it.",
    }),
  )
  .describe('Redis parameters, as name: value, such as { "maxmemory-policy": "allkeys-lru" }');
