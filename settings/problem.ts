import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { sentence, show, valueAt } from "./rule";

/** One thing that is wrong in an environment. */
export interface Problem {
  /** Dotted path of the setting: `database.storageType`. */
  readonly path: string;
  /** The rule, `got:` and the way out. */
  readonly message: string;
}

/** Everything that is wrong in one environment, or between environments. */
export class SettingsError extends Error {
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    super(report(subject, problems));
    this.name = "SettingsError";
  }
}

function report(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => `  ${path || "(the whole)"}: ${message}`);
  return [`${count} in ${subject}:`, ...lines].join("\n");
}

/**
 * Parses settings with a schema.
 * @throws SettingsError with all problems at once, in the order of the input.
 */
export function parseSettings<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  subject: string,
): z.output<Schema> {
  const result = schema.safeParse(input, { error: describeIssue });
  if (result.success) {
    return result.data;
  }
  const problems = result.error.issues
    .flatMap(toProblems)
    .map((problem) => ({ ...problem, position: positionIn(input, problem.keys) }))
    .sort((a, b) => comparePositions(a.position, b.position))
    .map(({ keys, message }) => ({ path: keys.join("."), message }));
  throw new SettingsError(subject, problems);
}

/** Advice for keys that somebody will try, and why they are not offered. */
const REFUSED_KEYS: Readonly<Record<string, string>> = {
  password:
    "The master password is never in settings, code or state: remove it, Terraform makes one and keeps it in Secrets Manager",
  masterPassword:
    "The master password is never in settings, code or state: remove it, Terraform makes one and keeps it in Secrets Manager",
  authToken:
    "A static token would be in the Terraform state: remove it, and let clients in by security group or by IAM users",
  publiclyAccessible:
    "A database here never has a public address: remove it, and name who may connect in `clients`",
};

interface KeyedProblem {
  readonly keys: readonly PropertyKey[];
  readonly message: string;
}

function toProblems(issue: z.core.$ZodIssue): KeyedProblem[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ keys: issue.path, message: issue.message }];
  }
  // describeIssue() answers with one line per unknown key, in the order of issue.keys.
  const messages = issue.message.split("\n");
  return issue.keys.map((key, index) => ({
    keys: [...issue.path, key],
    message: messages[index] as string,
  }));
}

/** Puts zod's own issues into the project's form; the rules bring their messages along. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const hint = hintOf(issue.inst);
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? sentence("is required", issue.input, hint || `Write a ${issue.expected}.`)
        : sentence(`must be ${article(issue.expected)}`, issue.input, hint || "Change its type.");
    case "invalid_value":
      return sentence(
        `must be ${oneOf(issue.values)}`,
        issue.input,
        nearest(issue.input, issue.values) || hint || "Write one of them.",
      );
    case "invalid_union":
      return issue.options
        ? sentence(
            `must be ${oneOf(issue.options as unknown[])}`,
            valueAt(issue.input, [issue.discriminator as string]),
            "Write one of them.",
          )
        : sentence("must have one of its forms", issue.input, hint);
    case "unrecognized_keys":
      return issue.keys.map((key: string) => unknownKey(key, knownKeys(issue.inst))).join("\n");
    case "invalid_key":
      return issue.issues?.[0]?.message;
    default:
      return undefined;
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const advice = REFUSED_KEYS[key];
  if (advice) {
    return `is not a setting. ${advice}.`;
  }
  const near = nearest(key, known);
  return `is not a setting. ${near || `Remove it; what can be set here: ${known.join(", ")}.`}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  number: "a number",
  string: "a string",
};

function article(expected: string): string {
  return EXPECTED[expected] ?? expected;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(", ")}`;
}

/** How far a word may be from a known one to be taken for a slip: a third of its length. */
const SLIP = 3;

function nearest(input: unknown, known: readonly unknown[]): string {
  const words = known.filter((value) => typeof value === "string");
  if (typeof input !== "string" || words.length === 0) {
    return "";
  }
  const word = closest(input.toLowerCase(), words);
  const near = similar(input.toLowerCase(), word.toLowerCase());
  return near ? `Did you mean ${show(word)}?` : "";
}

function similar(a: string, b: string): boolean {
  const length = Math.max(a.length, b.length);
  return distance(a, b) <= Math.max(1, Math.floor(length / SLIP));
}

function hintOf(schema: unknown): string {
  const description = schema instanceof z.ZodType ? schema.description : undefined;
  return description ? `It is ${description}.` : "";
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Where a path stands in the input; what is not there sorts behind its siblings. */
function positionIn(input: unknown, keys: readonly PropertyKey[]): readonly number[] {
  return keys.map((key, depth) => {
    const container = valueAt(input, keys.slice(0, depth));
    const known = typeof container === "object" && container ? Object.keys(container) : [];
    const index = known.indexOf(String(key));
    return index < 0 ? Number.MAX_SAFE_INTEGER : index;
  });
}

function comparePositions(a: readonly number[], b: readonly number[]): number {
  const depth = a.findIndex((position, index) => position !== b[index]);
  return depth < 0 ? a.length - b.length : (a[depth] as number) - (b[depth] ?? -1);
}
