import { z } from "zod";
import { printable } from "./printable";
import { encodeParts, type Parts, show, valueAt } from "./rule";
import { structureProblems } from "./structure";
import { didYouMean, nearest } from "./suggestion";

/** One problem in an environment. */
export interface Problem extends Parts {
  /** Dotted path of the setting: `database.storageType`. */
  readonly path: string;
  /** The parts as one text. */
  readonly message: string;
}

/** The styles of the parts of a report, such as colors on a terminal. */
export interface Paint {
  readonly path: (text: string) => string;
  readonly got: (text: string) => string;
  readonly instead: (text: string) => string;
}

/** Nobody reads more, and printing more takes minutes. */
const MOST_PROBLEMS = 200;
/** Enough for the longest list of choices in a message. */
const LONGEST_ADVICE = 2000;

const PLAIN: Paint = { path: String, got: String, instead: String };

/** All problems of one environment, or between environments. */
export class SettingsError extends Error {
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    super(report(subject, problems));
    this.name = "SettingsError";
  }

  /** The message with its parts styled. */
  painted(paint: Paint): string {
    return report(this.subject, this.problems, paint);
  }
}

export function problem(path: string, { must, got, instead: advice }: Parts): Problem {
  const instead = printable(advice, LONGEST_ADVICE);
  return { path, must, got, instead, message: message({ must, got, instead }) };
}

function message({ must, got, instead }: Parts, paint = PLAIN): string {
  const shown = got === undefined ? "" : `; got: ${paint.got(got)}`;
  return `${must}${shown}. ${paint.instead(instead)}`.trim();
}

/** One line for each problem. Several problems of one setting are grouped below its path. */
function report(subject: string, problems: readonly Problem[], paint = PLAIN): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const linesByPath = new Map<string, string[]>();
  for (const one of problems.slice(0, MOST_PROBLEMS)) {
    const lines = linesByPath.get(one.path) ?? [];
    linesByPath.set(one.path, [...lines, message(one, paint)]);
  }
  const groups = [...linesByPath].map(([path, lines]) => {
    const separator = lines.length === 1 ? " " : "\n    ";
    return `  ${paint.path(printable(path) || "(top level)")}:${separator}${lines.join(separator)}`;
  });
  const more = problems.length - MOST_PROBLEMS;
  const rest = more > 0 ? [`  … and ${more} more. Fix these first.`] : [];
  return [`${count} in ${printable(subject)}:`, ...groups, ...rest].join("\n");
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
  const structural = structureProblems(input);
  if (structural.some(({ isFatal }) => isFatal)) {
    const [first] = structural.filter(({ isFatal }) => isFatal);
    throw settingsError(subject, input, first ? [first] : []);
  }
  const result = schema.safeParse(input, { error: describeIssue });
  if (result.success && structural.length === 0) {
    return result.data;
  }
  const issues = result.success ? [] : result.error.issues;
  throw settingsError(subject, input, [...issues.flatMap(toProblems), ...structural]);
}

function settingsError(
  subject: string,
  input: unknown,
  found: readonly KeyedProblem[],
): SettingsError {
  const position = positionsIn(input);
  const problems = found
    .map((one) => ({ ...one, position: position(one.keys) }))
    .sort((a, b) => comparePositions(a.position, b.position))
    .map(({ keys, parts }) => problem(keys.join("."), parts));
  return new SettingsError(subject, problems);
}

/** Advice for likely keys that the settings do not have, with the reason. */
const REFUSED_KEYS: Readonly<Record<string, string>> = {
  password:
    "Remove it: the master password is never in settings, code or state. Terraform generates one and stores it in Secrets Manager.",
  masterPassword:
    "Remove it: the master password is never in settings, code or state. Terraform generates one and stores it in Secrets Manager.",
  authToken:
    "Remove it: a static token would be in the Terraform state. Let clients connect by security group, or set `iamUser` of a replication group.",
  engine:
    'Remove it: a database is always PostgreSQL, and a cluster is always Redis. For Valkey, use a cache of kind "replication-group".',
  parameterGroupName:
    "Remove it: the stack creates the parameter group. Set the parameters in `parameters`, or keep an existing group with `kept.parameterGroupName`.",
  publiclyAccessible:
    "Remove it: a database never has a public address. Name who may connect in `clients`.",
};

interface KeyedProblem {
  readonly keys: readonly PropertyKey[];
  readonly parts: Parts;
}

function toProblems(issue: z.core.$ZodIssue): KeyedProblem[] {
  const said: Parts | Parts[] = JSON.parse(issue.message);
  if (issue.code !== "unrecognized_keys") {
    return [{ keys: issue.path, parts: said as Parts }];
  }
  return issue.keys.map((key, index) => ({
    keys: [...issue.path, key],
    parts: (said as Parts[])[index] as Parts,
  }));
}

/** Converts zod's own issues. Issues of the rules already contain their messages. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const hint = hintOf(issue.inst, issue.input === undefined ? "Set it to" : "Use");
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? encodeParts("is required", issue.input, hint || `Set it to ${expected(issue.expected)}.`)
        : encodeParts(
            `must be ${expected(issue.expected)}`,
            issue.input,
            hint || `Use ${expected(issue.expected)}.`,
          );
    case "invalid_value":
      return encodeParts(
        `must be ${oneOf(issue.values)}`,
        issue.input,
        didYouMean(nearestOf(issue.input, issue.values), hint || "Use one of them."),
      );
    case "invalid_union":
      return issue.options
        ? describeKind(issue)
        : encodeParts("must have one of the accepted forms", issue.input, hint);
    case "unrecognized_keys":
      return JSON.stringify(
        issue.keys.map((key: string) => unknownKey(key, knownKeys(issue.inst))),
      );
    case "invalid_key":
      return issue.issues?.[0]?.message;
    default:
      return undefined;
  }
}

/** A `kind` that the setting does not have. */
function describeKind(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const kinds = issue.options as unknown[];
  const kind = valueAt(issue.input, [issue.discriminator as string]);
  return encodeParts(
    `must be ${oneOf(kinds)}`,
    kind,
    didYouMean(nearestOf(kind, kinds), "Use one of them."),
  );
}

function unknownKey(key: string, known: readonly string[]): Parts {
  const others = `Remove it. The settings here are: ${known.join(", ")}.`;
  const refused = Object.hasOwn(REFUSED_KEYS, key) ? REFUSED_KEYS[key] : undefined;
  const instead = refused ?? didYouMean(nearest(key, known), others);
  return { must: "is not a setting", instead };
}

const EXPECTED: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  record: "an object",
  boolean: "true or false",
  number: "a number",
  string: "a string",
};

function expected(type: string): string {
  return EXPECTED[type] ?? type;
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(", ")}`;
}

function nearestOf(input: unknown, values: readonly unknown[]): string | undefined {
  const words = values.filter((value) => typeof value === "string");
  return typeof input === "string" ? nearest(input, words) : undefined;
}

function hintOf(schema: unknown, verb: "Set it to" | "Use"): string {
  const description = schema instanceof z.ZodType ? schema.description : undefined;
  return description ? `${verb} ${description}.` : "";
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The position of a path in the input. Missing settings sort behind their siblings. */
function positionsIn(input: unknown): (keys: readonly PropertyKey[]) => readonly number[] {
  const positions = new Map<unknown, ReadonlyMap<string, number>>();
  const positionsOf = (container: unknown) => {
    const known = positions.get(container) ?? positionsOfKeys(container);
    positions.set(container, known);
    return known;
  };
  return (keys) =>
    keys.map((key, depth) => {
      const container = valueAt(input, keys.slice(0, depth));
      return positionsOf(container).get(String(key)) ?? Number.MAX_SAFE_INTEGER;
    });
}

function positionsOfKeys(container: unknown): ReadonlyMap<string, number> {
  const keys = typeof container === "object" && container ? Object.keys(container) : [];
  return new Map(keys.map((key, index) => [key, index]));
}

function comparePositions(a: readonly number[], b: readonly number[]): number {
  const depth = a.findIndex((position, index) => position !== b[index]);
  return depth < 0 ? a.length - b.length : (a[depth] as number) - (b[depth] ?? -1);
}
