import { applyMethod } from "../../../settings/aws/parameters";
import catalogue from "../../../settings/aws/postgres-parameters.json";
import { problemsWith } from "../../minimal-environment";

const problems = (parameters: Readonly<Record<string, string>>, engineVersion = "15") =>
  problemsWith({ "database.parameters": parameters, "database.engineVersion": engineVersion });

test.each<[string, string]>([
  ["work_mem", "64"],
  ["work_mem", "2147483647"],
  ["max_connections", "1"],
  ["max_connections", "262143"],
  ["max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)"],
  ["shared_buffers", "{DBInstanceClassMemory/32768}"],
  ["effective_cache_size", "SUM({DBInstanceClassMemory/16384},-25600)"],
  ["max_worker_processes", "GREATEST({DBInstanceVCPU*2}, 8)"],
  ["random_page_cost", "1.1"],
  ["seq_page_cost", "0"],
  ["autovacuum", "1"],
  ["autovacuum", "ON"],
  ["synchronous_commit", "remote_apply"],
  ["synchronous_commit", "off"],
  ["ssl_min_protocol_version", "TLSv1.2"],
  ["log_min_duration_statement", "-1"],
  ["search_path", "public, news"],
  ["shared_preload_libraries", "pg_stat_statements,pgaudit"],
  ["pg_stat_statements.max", "10000"],
  ["rds.logical_replication", "1"],
])("%s accepts %s", (name, value) => {
  expect(problems({ [name]: value })).toEqual([]);
});

const FORMULA =
  "Use a number in that range without its unit, or a formula such as {DBInstanceClassMemory/32768}.";

test.each<[string, string, string]>([
  [
    "work_mem",
    "lots",
    `must be a whole number of kB from 64 to 2147483647; got: "lots". ${FORMULA}`,
  ],
  ["work_mem", "63", `must be a whole number of kB from 64 to 2147483647; got: "63". ${FORMULA}`],
  [
    "work_mem",
    "64MB",
    `must be a whole number of kB from 64 to 2147483647; got: "64MB". ${FORMULA}`,
  ],
  [
    "work_mem",
    "64.5",
    `must be a whole number of kB from 64 to 2147483647; got: "64.5". ${FORMULA}`,
  ],
  ["max_connections", "0", `must be a whole number from 1 to 262143; got: "0". ${FORMULA}`],
  [
    "max_connections",
    "262144",
    `must be a whole number from 1 to 262143; got: "262144". ${FORMULA}`,
  ],
  [
    "max_connections",
    "{DBInstanceClassDisk/2}",
    `must be a whole number from 1 to 262143; got: "{DBInstanceClassDisk/2}". ${FORMULA}`,
  ],
  ["seq_page_cost", "-0.1", `must be a number from 0 to 1.79769e+308; got: "-0.1". ${FORMULA}`],
  ["autovacuum", "2", 'must be "0" or "1"; got: "2". Use one of them.'],
  [
    "synchronous_commit",
    "remote",
    'must be one of local, remote_write, remote_apply, on, off; got: "remote". Use one of them.',
  ],
  ["no_such_parameter", "1", 'must be a parameter of PostgreSQL 15; got: "1". Remove it.'],
  ["work_men", "64", 'must be a parameter of PostgreSQL 15; got: "64". Did you mean "work_mem"?'],
  ["server_version", "15", 'must be a parameter of PostgreSQL 15; got: "15". Remove it.'],
])("%s refuses %s", (name, value, message) => {
  expect(problems({ [name]: value })).toEqual([`database.parameters.${name}: ${message}`]);
});

test("a prefix must be that of RDS or of an extension that RDS supports", () => {
  expect(problems({ "pgaudits.log": "ddl" })).toEqual([
    expect.stringMatching(
      /^database\.parameters\.pgaudits\.log: must be a parameter of RDS or of an extension that RDS supports: .* Did you mean "pgaudit\.log"\?$/,
    ),
  ]);
});

test.each([
  ["stats_temp_directory", "pg_stat_tmp", "14", "15", "it exists up to PostgreSQL 14"],
  ["wal_decode_buffer_size", "65536", "15", "14", "it exists from PostgreSQL 15 on"],
  ["transaction_timeout", "60000", "17", "16", "it exists from PostgreSQL 17 on"],
  ["io_method", "worker", "18", "17", "it exists from PostgreSQL 18 on"],
  ["old_snapshot_threshold", "60", "16", "17", "it exists up to PostgreSQL 16"],
])("%s: %j exists in PostgreSQL %s, not in %s", (name, value, has, lacks, why) => {
  expect(problems({ [name]: value }, has)).toEqual([]);
  expect(problems({ [name]: value }, lacks)).toEqual([
    `database.parameters.${name}: must be absent with PostgreSQL ${lacks}: ${why}; got: "${value}". Remove it.`,
  ]);
});

test("all invalid parameters are reported together", () => {
  expect(problems({ work_mem: "lots", autovacuum: "2", no_such_parameter: "1" })).toHaveLength(3);
});

test.each([
  "shared_buffers",
  "max_connections",
  "io_method",
  "rds.logical_replication",
  "cron.timezone",
])("%s is static", (name) => {
  expect(applyMethod(name)).toBe("pending-reboot");
});

test.each(["work_mem", "autovacuum", "pgaudit.log", "constructor"])("%s is not static", (name) => {
  expect(applyMethod(name)).toBe("immediate");
});

test("every entry of the catalogue is complete", () => {
  for (const [name, entry] of Object.entries(catalogue.parameters)) {
    const { type, min, max, values } = entry as Record<string, unknown>;
    expect([name, ["boolean", "integer", "real", "enum", "string"]]).toEqual([
      name,
      expect.arrayContaining([type]),
    ]);
    const isNumber = type === "integer" || type === "real";
    expect([name, typeof min, typeof max]).toEqual([
      name,
      ...(isNumber ? ["number", "number"] : ["undefined", "undefined"]),
    ]);
    expect([name, Array.isArray(values)]).toEqual([name, type === "enum"]);
  }
});
