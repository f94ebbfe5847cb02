import { didYouMean, nearest } from "../../validation/suggestion";

/** A parameter as `pg_settings` of PostgreSQL describes it. */
interface Parameter {
  readonly type: "boolean" | "integer" | "real" | "enum" | "string";
  /** The lowest value, in the unit. */
  readonly min?: number;
  readonly max?: number;
  /** `kB`, `8kB`, `ms`, …: a value in a parameter group is a bare number in this unit. */
  readonly unit?: string;
  readonly values?: readonly string[];
  /** PostgreSQL reads it only at startup. */
  readonly static?: boolean;
  /** The first major version that has it. */
  readonly from?: number;
  /** The last major version that has it. */
  readonly until?: number;
}

/** Loaded by the first environment that sets a parameter. */
function catalogue(): Readonly<Record<string, Parameter>> {
  return require("./postgres-parameters.json").parameters;
}

/**
 * The prefixes of parameters of RDS itself and of the extensions that RDS supports.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html
 */
const PREFIXES = (
  "auto_explain cron hnsw ivfflat orafce pg_bigm pg_hint_plan pg_partman_bgw pg_prewarm " +
  "pg_stat_statements pg_transport pg_trgm pgactive pgaudit pglogical pgtle plperl plpgsql pltcl " +
  "plv8 postgis rdkit rds"
).split(" ");

/**
 * Parameters of extensions and of RDS that take effect only after a reboot.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
 */
const STATIC_EXTENSION_PARAMETERS = new Set(
  (
    "cron.database_name cron.host cron.log_run cron.log_statement cron.max_running_jobs " +
    "cron.timezone pg_prewarm.autoprewarm pg_stat_statements.max rds.custom_dns_resolution " +
    "rds.enable_pgactive rds.logical_replication"
  ).split(" "),
);

/** Whether a change takes effect only after a reboot. */
export function isStatic(parameter: string): boolean {
  return STATIC_EXTENSION_PARAMETERS.has(parameter) || known(parameter)?.static === true;
}

/** The problem with a parameter, and its fix. */
interface ParameterProblem {
  readonly must: string;
  readonly instead: string;
}

/** The reason why RDS would refuse a parameter for a major version, or undefined. */
export function parameterProblem(
  name: string,
  value: string,
  major: number,
): ParameterProblem | undefined {
  if (name.includes(".")) {
    return prefixProblem(name);
  }
  const parameter = known(name);
  if (!parameter) {
    const near = nearest(name, Object.keys(catalogue()));
    return {
      must: `must be a parameter of PostgreSQL ${major}`,
      instead: didYouMean(near, "Remove it."),
    };
  }
  const { from = 0, until = Number.POSITIVE_INFINITY } = parameter;
  if (major < from || major > until) {
    const where = major < from ? `from PostgreSQL ${from} on` : `up to PostgreSQL ${until}`;
    return {
      must: `must be absent with PostgreSQL ${major}: it exists ${where}`,
      instead: "Remove it.",
    };
  }
  return valueProblem(parameter, value);
}

function known(name: string): Parameter | undefined {
  const all = catalogue();
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

function prefixProblem(name: string): ParameterProblem | undefined {
  const [prefix = ""] = name.split(".");
  const near = nearest(prefix, PREFIXES);
  return PREFIXES.includes(prefix)
    ? undefined
    : {
        must: `must be a parameter of RDS or of an extension that RDS supports: ${PREFIXES.join(", ")}`,
        instead: didYouMean(near && `${near}${name.slice(prefix.length)}`, "Remove it."),
      };
}

/** `{DBInstanceClassMemory/9531392}`, `GREATEST(…)`: RDS evaluates it for the instance class. */
const FORMULA =
  /^(?=.*\{)(?:GREATEST|LEAST|SUM|log|[\s(),*/+-]|\d|\{(?:AllocatedStorage|DBInstanceClassMemory|DBInstanceVCPU|EndPointPort)[\d*/+-]*\})+$/;

const BOOLEANS = ["0", "1", "on", "off", "true", "false", "yes", "no"];

function valueProblem(parameter: Parameter, value: string): ParameterProblem | undefined {
  switch (parameter.type) {
    case "boolean":
      return BOOLEANS.includes(value.toLowerCase())
        ? undefined
        : { must: 'must be "0" or "1"', instead: "Use one of them." };
    case "enum":
      return enumProblem(parameter, value);
    case "integer":
    case "real":
      return FORMULA.test(value) ? undefined : numberProblem(parameter, value);
    default:
      return undefined;
  }
}

/** If one of the values is `on`, PostgreSQL accepts every boolean word. */
function enumProblem({ values = [] }: Parameter, value: string): ParameterProblem | undefined {
  const accepted = values.includes("on") ? [...values, ...BOOLEANS] : values;
  const isAccepted = accepted.some((one) => one.toLowerCase() === value.toLowerCase());
  return isAccepted
    ? undefined
    : {
        must: `must be one of ${values.join(", ")}`,
        instead: didYouMean(nearest(value, values), "Use one of them."),
      };
}

const NUMBERS = { integer: /^-?[0-9]+$/, real: /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/ };

function numberProblem(
  { type, min = 0, max = 0, unit }: Parameter,
  value: string,
): ParameterProblem | undefined {
  const isNumber = NUMBERS[type as keyof typeof NUMBERS].test(value);
  if (isNumber && Number(value) >= min && Number(value) <= max) {
    return undefined;
  }
  const kind = type === "integer" ? "a whole number" : "a number";
  return {
    must: `must be ${kind}${unit ? ` of ${unit}` : ""} from ${min} to ${max}`,
    instead:
      "Use a number in that range without its unit, or a formula such as {DBInstanceClassMemory/32768}.",
  };
}
