import { z } from "zod";
import { type Rule, rule } from "./rule";

interface TextProps extends Pick<Rule<string>, "must" | "instead"> {
  /** The whole of what is accepted. */
  readonly pattern: RegExp;
  /** What it is, for the message when it is missing. */
  readonly what: string;
}

/** A text in one pattern, which the JSON Schema shows too. */
export function text({ pattern, what, ...props }: TextProps) {
  return z
    .string()
    .check(rule<string>({ holds: (value) => pattern.test(value), ...props }))
    .meta({ pattern: pattern.source })
    .describe(what);
}
