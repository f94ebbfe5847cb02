import { z } from "zod";
import { text } from "../../validation/pattern-string";
import { rule } from "../../validation/rule";

const NOTHING = /(?!)/;

/**
 * A lowercase name for RDS, ElastiCache and this project: letters, digits and single hyphens, starting with a letter
 * and not ending with a hyphen.
 * @param reserved names that another rule refuses, so that no message recommends them
 */
export function identifier(maximumLength: number, what: string, reserved = NOTHING) {
  return name({
    maximumLength,
    what,
    reserved,
    pattern: /^[a-z]([a-z0-9]|-(?=[a-z0-9]))*$/,
    grammar:
      "must contain only lowercase letters, digits and single hyphens, start with a letter and not end with a hyphen",
  });
}

/** An identifier with letters of either case, as RDS accepts it for a snapshot. */
export function mixedCaseIdentifier(maximumLength: number, what: string) {
  return name({
    maximumLength,
    what,
    reserved: NOTHING,
    pattern: /^[A-Za-z]([A-Za-z0-9]|-(?=[A-Za-z0-9]))*$/,
    grammar:
      "must contain only letters, digits and single hyphens, start with a letter and not end with a hyphen",
  });
}

interface NameProps {
  readonly maximumLength: number;
  readonly what: string;
  readonly pattern: RegExp;
  /** Names that another rule refuses, so that no message recommends them. */
  readonly reserved: RegExp;
  /** The pattern, described in prose. */
  readonly grammar: string;
}

function name({ maximumLength, what, pattern, reserved, grammar }: NameProps) {
  return z
    .string()
    .check(
      rule<string>({
        holds: (value) => value.length >= 1 && value.length <= maximumLength,
        must: `must have 1 to ${maximumLength} characters`,
        instead: (value) =>
          value === "" ? `Use ${what}.` : `Shorten it to ${maximumLength} characters or fewer.`,
      }),
      rule<string>({
        holds: (value) => value === "" || pattern.test(value),
        must: grammar,
        instead: (value) => `Use, for example, ${JSON.stringify(repaired(value, reserved))}.`,
      }),
    )
    .meta({ minLength: 1, maxLength: maximumLength, pattern: pattern.source })
    .describe(what);
}

function repaired(value: string, reserved: RegExp): string {
  const words = value.toLowerCase().split(/[^a-z0-9]+/);
  const joined = words.filter((word) => word !== "").join("-");
  const fixed = joined.replace(/^[^a-z]+/, "");
  return fixed === "" || reserved.test(fixed) ? "news-api" : fixed;
}

/** The ID of an existing AWS resource: a prefix and 8 or 17 hexadecimal digits. */
export function resourceId(prefix: "sg" | "subnet" | "vpc" | "pl", what: string) {
  return text({
    pattern: new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`),
    what,
    must: `must be "${prefix}-" followed by 8 or 17 hexadecimal digits`,
    instead: `Use ${what}, such as "${prefix}-0123456789abcdef0".`,
  });
}
