import { z } from "zod";
import { rule } from "./rule";

/**
 * A lower-case name as RDS, ElastiCache and this project's own names have it: letters, digits and single
 * hyphens, a letter first, no hyphen last.
 */
export function identifier(maximumLength: number, what: string) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (name) => name.length >= 1 && name.length <= maximumLength,
        must: `must have 1 to ${maximumLength} characters`,
        instead: `Write ${what} of at most ${maximumLength} characters.`,
      }),
      rule<string>({
        holds: (name) => /^([a-z]([a-z0-9]|-(?=[a-z0-9]))*)?$/.test(name),
        must: "must be lower-case letters, digits and single hyphens, a letter first and no hyphen last",
        instead: (name) => `Write for example ${JSON.stringify(repaired(name))}.`,
      }),
    )
    .describe(what);
}

function repaired(name: string): string {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const joined = words.filter((word) => word !== "").join("-");
  return joined.replace(/^[^a-z]+/, "") || "news-api";
}

/** The id of something that exists in AWS: a prefix and 8 or 17 hexadecimal digits. */
export function resourceId(prefix: "sg" | "subnet" | "vpc" | "pl", what: string) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (id) => new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id),
        must: `must be "${prefix}-" and 8 or 17 hexadecimal digits`,
        instead: `Write ${what}, such as "${prefix}-0123456789abcdef0".`,
      }),
    )
    .describe(what);
}
