import { z } from "zod";
import { type Rule, rule } from "./rule";

interface TextProps extends Pick<Rule<string>, "must" | "instead"> {
  /** Matches the whole text. */
  readonly pattern: RegExp;
  /** Describes the value in the message when it is missing. */
  readonly what: string;
}

/** A string that matches a pattern, which is also in the JSON Schema. */
export function text({ pattern, what, ...props }: TextProps) {
  return z
    .string()
    .check(rule<string>({ holds: (value) => pattern.test(value), ...props }))
    .meta({ pattern: pattern.source })
    .describe(what);
}
