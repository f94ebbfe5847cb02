import { z } from "zod";

/** What a setting must satisfy, in words a person can act on. */
export interface Rule<Value> {
  /** Whether the value satisfies the rule. */
  readonly holds: (value: Value) => boolean;
  /** The rule itself, continuing the setting's name: "must be …". */
  readonly must: string | ((value: Value) => string);
  /** The way out, as a whole sentence: "Write 20 or more." */
  readonly instead: string | ((value: Value) => string);
}

/** A rule between several settings of one object. */
export interface FieldsRule<Value> extends Rule<Value> {
  /** Dotted paths the rule reads. It is skipped while one of them has a problem of its own. */
  readonly fields: readonly string[];
  /**
   * The path that the problem is reported at.
   * @default - the first of `fields`
   */
  readonly at?: string;
  /**
   * What the message shows after `got:`.
   * @default - the value at `at`
   */
  readonly got?: (value: Value) => unknown;
}

const SHOWN_LENGTH = 80;

/** A value as a message shows it: JSON, except for what JSON cannot say, and never longer than a line. */
export function show(value: unknown): string {
  if (value === undefined) {
    return "nothing";
  }
  const said = ["number", "bigint", "symbol", "function"].includes(typeof value);
  const text = said ? String(value) : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** What every message says: the rule, what was got, the way out. */
export interface Parts {
  readonly must: string;
  /** Undefined where what was got must not be repeated, or says nothing. */
  readonly got?: string;
  readonly instead: string;
}

/** The parts as one text, because zod carries nothing else; `problem.ts` takes them apart again. */
export function packed(must: string, got: unknown, instead: string): string {
  const parts: Parts = { must, got: show(got), instead };
  return JSON.stringify(parts);
}

function text<Value>(part: string | ((value: Value) => string), value: Value): string {
  return typeof part === "string" ? part : part(value);
}

/** A zod check for one rule on one setting: `z.string().check(rule({ … }))`. */
export function rule<Value>({ holds, must, instead }: Rule<Value>) {
  return z.refine<Value>(holds, {
    error: ({ input }) => packed(text(must, input as Value), input, text(instead, input as Value)),
  });
}

/** A zod check for one rule between settings of an object; runs even when other settings are wrong. */
export function fieldsRule<Value>({
  fields,
  at = fields[0] as string,
  got,
  ...rest
}: FieldsRule<Value>) {
  return z.refine<Value>(rest.holds, {
    path: pathOf(at),
    when: ({ value, issues }) =>
      isObject(value) && !fields.some((field) => issues.some((issue) => concerns(issue, field))),
    error: ({ input }) => {
      const value = input as Value;
      const shown = got ? got(value) : valueAt(value, pathOf(at));
      return packed(text(rest.must, value), shown, text(rest.instead, value));
    },
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True when the issue leaves the field, what it is in or what is in it unfit to be read. */
function concerns(issue: { code?: string; path?: PropertyKey[] }, field: string): boolean {
  if (issue.code === "unrecognized_keys") {
    return false;
  }
  const issuePath = issue.path ?? [];
  return field
    .split(".")
    .slice(0, issuePath.length)
    .every((part, index) => part === String(issuePath[index]));
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

/** `"database.port"` as keys; the empty path is the object itself. */
function pathOf(at: string): string[] {
  return at === "" ? [] : at.split(".");
}
