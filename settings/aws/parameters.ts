import { z } from "zod";
import { type FieldsRule, isObject, rule } from "../../validation/rule";
import { isStatic, parameterProblem } from "./postgres-parameters";
import { postgresVersion } from "./version";

/** Whether clients must use TLS. This project turns it on, whatever the default of the version is. */
export const FORCE_SSL = "rds.force_ssl";

/** When a change of a PostgreSQL parameter takes effect. */
export function applyMethod(parameter: string): "immediate" | "pending-reboot" {
  return isStatic(parameter) ? "pending-reboot" : "immediate";
}

const valueSchema = z.string().check(
  rule<string>({
    holds: (value) => value.trim() === value && value !== "",
    must: "must not be empty, or start or end with a space",
    instead: "Remove the spaces. To use the default, remove the parameter.",
  }),
);

function parametersOf(name: RegExp, grammar: string) {
  const nameSchema = z
    .string()
    .check(
      rule<string>({
        holds: (parameter) => name.test(parameter),
        must: `must have a name of ${grammar}`,
        instead: "Use the parameter's name as AWS documents it.",
      }),
    )
    .meta({ pattern: name.source });
  return z.record(nameSchema, valueSchema);
}

export const postgresParametersSchema = parametersOf(
  /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/,
  "lowercase letters, digits and underscores, with at most one dot",
)
  .check(
    rule<Record<string, string>>({
      holds: ({ [FORCE_SSL]: value = "1" }) => value === "0" || value === "1",
      must: `must have "0" or "1" for ${FORCE_SSL}`,
      instead: `Set ${FORCE_SSL} to "1", or remove it: "1" is the default.`,
    }),
  )
  .describe('PostgreSQL parameters, as name: value, such as { "work_mem": "65536" }');

interface Database {
  readonly engineVersion: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** One rule for each parameter: the engine version must have the parameter and accept the value. */
export function postgresParameterRules({ parameters }: Database): FieldsRule<Database>[] {
  return Object.keys(isObject(parameters) ? parameters : {}).map((name) => {
    const problemOf = ({ engineVersion, parameters: all }: Database) =>
      parameterProblem(name, all[name] ?? "", postgresVersion(engineVersion)?.major ?? 0);
    return {
      fields: [`parameters.${name}`, "engineVersion"],
      holds: (database) => problemOf(database) === undefined,
      must: (database) => problemOf(database)?.must ?? "",
      got: ({ parameters: all }) => all[name],
      instead: (database) => problemOf(database)?.instead ?? "",
    };
  });
}

export const redisParametersSchema = parametersOf(
  /^[a-z][a-z0-9-]*$/,
  "lowercase letters, digits and hyphens",
)
  .check(
    rule<Record<string, string>>({
      holds: ({ "cluster-enabled": value = "no" }) => value === "no",
      must: "must not enable cluster mode (cluster-enabled): this project creates caches with one shard",
      instead: "Remove cluster-enabled.",
    }),
  )
  .describe('Redis parameters, as name: value, such as { "maxmemory-policy": "allkeys-lru" }');
