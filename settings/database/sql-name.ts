import { z } from "zod";
import { rule } from "../../validation/rule";

/**
 * Words that PostgreSQL accepts as names only in quotes.
 * @see https://www.postgresql.org/docs/15/sql-keywords-appendix.html (`pg_get_keywords()`, categories R and T)
 */
const RESERVED_WORDS = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check " +
    "collate collation column concurrently constraint create cross current_catalog current_date " +
    "current_role current_schema current_time current_timestamp current_user default deferrable desc " +
    "distinct do else end except false fetch for foreign freeze from full grant group having ilike in " +
    "initially inner intersect into is isnull join lateral leading left like limit localtime " +
    "localtimestamp natural not notnull null offset on only or order outer overlaps placing primary " +
    "references returning right select session_user similar some symmetric table tablesample then to " +
    "trailing true union unique user using variadic verbose when where window with"
  ).split(" "),
);

/** Names that PostgreSQL or RDS reserves. */
const RESERVED_USERNAMES = new Set(["admin", "public", "rdsadmin", "rdsrepladmin", "none"]);
const RESERVED_DATABASES = new Set(["rdsadmin", "template0", "template1"]);

/** A name that PostgreSQL accepts without quotes. */
export function sqlName(maximumLength: number, reserved: ReadonlySet<string>, what: string) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (name) => name.length >= 1 && name.length <= maximumLength,
        must: `must have 1 to ${maximumLength} characters`,
        instead: (name) =>
          name === "" ? `Set ${what}.` : `Shorten it to ${maximumLength} characters or fewer.`,
      }),
      rule<string>({
        holds: (name) => /^([a-zA-Z][a-zA-Z0-9_]*)?$/.test(name),
        must: "must contain only letters, digits and underscores, and start with a letter",
        instead: "Replace the other characters.",
      }),
      rule<string>({
        holds: (name) => {
          const word = name.toLowerCase();
          return !RESERVED_WORDS.has(word) && !reserved.has(word) && !/^(rds_|pg_)/.test(word);
        },
        must: "must not be a reserved word of PostgreSQL or RDS",
        instead: "Choose another name.",
      }),
    )
    .meta({ minLength: 1, maxLength: maximumLength, pattern: "^[a-zA-Z][a-zA-Z0-9_]*$" })
    .describe(what);
}

// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
export const usernameSchema = sqlName(16, RESERVED_USERNAMES, "the master user's name");
export const databaseNameSchema = sqlName(63, RESERVED_DATABASES, "the database's name");
