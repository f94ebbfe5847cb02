import { z } from "zod";
import { printable } from "./printable";

/** A requirement for a setting, with a message that the operator can act on. */
export interface Rule<Value> {
  /** Whether the value satisfies the rule. */
  readonly holds: (value: Value) => boolean;
  /** The rule itself, continuing the setting's name: "must be …". */
  readonly must: string | ((value: Value) => string);
  /** The fix, as a whole sentence: "Use 20 or more." */
  readonly instead: string | ((value: Value) => string);
}

/** A rule between several settings of one object. */
export interface FieldsRule<Value> extends Rule<Value> {
  /** Dotted paths the rule reads. It is skipped while one of them has a problem. */
  readonly fields: readonly string[];
  /**
   * The path that the problem is reported at.
   * @default - the first of `fields`
   */
  readonly at?: string;
  /**
   * The value that the message shows after `got:`.
   * @default - the value at `at`
   */
  readonly got?: (value: Value) => unknown;
}

const SHOWN_LENGTH = 80;

/** A value as a message shows it: JSON if possible, and never longer than a line. */
export function show(value: unknown): string {
  if (value === undefined) {
    return "nothing";
  }
  const said = ["number", "bigint", "symbol", "function"].includes(typeof value);
  return printable(said ? String(value) : JSON.stringify(value), SHOWN_LENGTH);
}

/** The parts of every message: the rule, the value, the fix. */
export interface Parts {
  readonly must: string;
  /** Undefined if the value is secret or of no use. */
  readonly got?: string;
  readonly instead: string;
}

/** The parts as one text, because zod carries nothing else; `problem.ts` takes them apart again. */
export function encodeParts(must: string, got: unknown, instead: string): string {
  const parts: Parts = { must, got: show(got), instead };
  return JSON.stringify(parts);
}

function text<Value>(part: string | ((value: Value) => string), value: Value): string {
  return typeof part === "string" ? part : part(value);
}

/** A zod check for one rule on one setting: `z.string().check(rule({ … }))`. */
export function rule<Value>({ holds, must, instead }: Rule<Value>) {
  return z.refine<Value>(holds, {
    error: ({ input }) =>
      encodeParts(text(must, input as Value), input, text(instead, input as Value)),
  });
}

/** A zod check for one rule between settings of an object; it runs even when other settings are wrong. */
export function fieldsRule<Value>(rule: FieldsRule<Value>) {
  return rulesFor<Value>(() => [rule]);
}

/**
 * A zod check for rules that depend on what an object holds, such as one for each member of a map.
 * @param rulesOf builds the rules of a value. Parts of the value may be invalid: only `holds` and the messages, which
 * run when all `fields` are valid, may read them.
 */
export function rulesFor<Value>(rulesOf: (value: Value) => readonly FieldsRule<Value>[]) {
  const check = z.check<Value>(({ value, issues }) => {
    for (const rule of rulesOf(value)) {
      const skipped = rule.fields.some((field) => issues.some((issue) => concerns(issue, field)));
      if (!skipped && !rule.holds(value)) {
        const path = pathOf(atOf(rule));
        issues.push({ code: "custom", input: value, path, message: messageOf(rule, value) });
      }
    }
  });
  check._zod.def.when = ({ value }) => isObject(value);
  return check;
}

function atOf<Value>({ fields, at = fields[0] as string }: FieldsRule<Value>): string {
  return at;
}

function messageOf<Value>(rule: FieldsRule<Value>, value: Value): string {
  const got = rule.got ? rule.got(value) : valueAt(value, pathOf(atOf(rule)));
  return encodeParts(text(rule.must, value), got, text(rule.instead, value));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Issue {
  readonly code?: string | undefined;
  readonly path?: readonly PropertyKey[] | undefined;
  /** Of a union: the key that selects the member. */
  readonly discriminator?: string | undefined;
}

/** True when the issue concerns the field, its parents or its children. */
function concerns({ code, path = [], discriminator }: Issue, field: string): boolean {
  if (code === "unrecognized_keys") {
    return false;
  }
  // Without its `kind`, zod does not validate an object.
  const invalid = discriminator === undefined ? path : path.slice(0, -1);
  return field
    .split(".")
    .slice(0, invalid.length)
    .every((part, index) => part === String(invalid[index]));
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
