import { applyMethod } from "../../../settings/aws/parameters";
import { problemsWith, REPLICATION_GROUP } from "../../minimal-environment";

const REASON = "a client of the last decade, until it is gone";
const VALUE =
  "must not be empty, or start or end with a space; got: %s. Remove the spaces. To use the default, remove the parameter.";

const postgres = (parameters: unknown, reasons = {}) =>
  problemsWith({ "database.parameters": parameters, "database.reasons": reasons });
const redis = (parameters: unknown) => problemsWith({ "cache.parameters": parameters });

test.each([
  {},
  { work_mem: "65536" },
  { "rds.force_ssl": "1" },
  { "pgaudit.log": "ddl" },
  { "auto_explain.log_min_duration": "100" },
  { search_path: "public, news" },
])("the PostgreSQL parameters %j are accepted", (parameters) => {
  expect(postgres(parameters)).toEqual([]);
});

test.each<[object, string]>([
  [
    { Work_mem: "1" },
    'database.parameters.Work_mem: must have a name of lowercase letters, digits and underscores, with at most one dot; got: "Work_mem". Use the parameter\'s name as AWS documents it.',
  ],
  [
    { "work-mem": "1" },
    'database.parameters.work-mem: must have a name of lowercase letters, digits and underscores, with at most one dot; got: "work-mem". Use the parameter\'s name as AWS documents it.',
  ],
  [
    { "a.b.c": "1" },
    'database.parameters.a.b.c: must have a name of lowercase letters, digits and underscores, with at most one dot; got: "a.b.c". Use the parameter\'s name as AWS documents it.',
  ],
  [{ work_mem: "" }, `database.parameters.work_mem: ${VALUE.replace("%s", '""')}`],
  [{ work_mem: " 1" }, `database.parameters.work_mem: ${VALUE.replace("%s", '" 1"')}`],
  [{ work_mem: "1 " }, `database.parameters.work_mem: ${VALUE.replace("%s", '"1 "')}`],
  [
    { work_mem: 65536 },
    "database.parameters.work_mem: must be a string; got: 65536. Use a string.",
  ],
  [
    { "rds.force_ssl": "on" },
    'database.parameters: must have "0" or "1" for rds.force_ssl; got: {"rds.force_ssl":"on"}. Set rds.force_ssl to "1", or remove it: "1" is the default.',
  ],
  [
    { "rds.force_ssl": "0" },
    'database.parameters: requires a reason, because it allows unencrypted passwords and data on the network; got: {"rds.force_ssl":"0"}. Set rds.force_ssl to "1", or give the reason in `reasons.forceSsl`.',
  ],
])("the PostgreSQL parameters %j are refused", (parameters, message) => {
  expect(postgres(parameters)).toEqual([message]);
});

test("optional TLS requires a reason, and the reason is refused while TLS is enforced", () => {
  expect(postgres({ "rds.force_ssl": "0" }, { forceSsl: REASON })).toEqual([]);
  expect(postgres({}, { forceSsl: REASON })).toEqual([
    `database.reasons.forceSsl: must be absent while forceSsl has a safe value; got: ${JSON.stringify(REASON)}. Remove the reason.`,
  ]);
});

test.each([{}, { "maxmemory-policy": "allkeys-lru" }, { "cluster-enabled": "no" }])(
  "the Redis parameters %j are accepted",
  (parameters) => {
    expect(redis(parameters)).toEqual([]);
    expect(problemsWith({ cache: { ...REPLICATION_GROUP, parameters } })).toEqual([]);
  },
);

test.each<[object, string]>([
  [
    { maxmemory_policy: "allkeys-lru" },
    'cache.parameters.maxmemory_policy: must have a name of lowercase letters, digits and hyphens; got: "maxmemory_policy". Use the parameter\'s name as AWS documents it.',
  ],
  [
    { "-timeout": "1" },
    'cache.parameters.-timeout: must have a name of lowercase letters, digits and hyphens; got: "-timeout". Use the parameter\'s name as AWS documents it.',
  ],
  [{ timeout: "" }, `cache.parameters.timeout: ${VALUE.replace("%s", '""')}`],
  [
    { "cluster-enabled": "yes" },
    'cache.parameters: must not enable cluster mode (cluster-enabled): this project creates caches with one shard; got: {"cluster-enabled":"yes"}. Remove cluster-enabled.',
  ],
])("the Redis parameters %j are refused", (parameters, message) => {
  expect(redis(parameters)).toEqual([message]);
});

test.each([
  "autovacuum_freeze_max_age",
  "autovacuum_max_workers",
  "autovacuum_multixact_freeze_max_age",
  "huge_pages",
  "logging_collector",
  "max_connections",
  "max_files_per_process",
  "max_locks_per_transaction",
  "max_logical_replication_workers",
  "max_pred_locks_per_transaction",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "old_snapshot_threshold",
  "rds.logical_replication",
  "shared_buffers",
  "shared_memory_type",
  "shared_preload_libraries",
  "superuser_reserved_connections",
  "track_activity_query_size",
  "track_commit_timestamp",
  "wal_buffers",
  "cron.host",
  "cron.log_run",
  "cron.log_statement",
  "cron.max_running_jobs",
  "cron.timezone",
  "jit_provider",
  "pg_prewarm.autoprewarm",
  "rds.custom_dns_resolution",
  "rds.enable_pgactive",
])("a change of %s takes effect after a reboot", (parameter) => {
  expect(applyMethod(parameter)).toBe("pending-reboot");
});

test.each(["work_mem", "rds.force_ssl", "log_min_duration_statement"])(
  "a change of %s takes effect immediately",
  (parameter) => {
    expect(applyMethod(parameter)).toBe("immediate");
  },
);
