import {
  type Comparison,
  check,
  type Verification,
  type VerifiedCheck,
  verificationOf,
} from "../verification";
import type { Fingerprint, SequenceState, TableDigest } from "./fingerprint";
import type { Item } from "./inventory";

/** The additional state of the target. */
export interface TargetState {
  /** The user who restored, and owns everything. */
  readonly user: string;
  /** Indexes that are not valid. */
  readonly invalidIndexes: readonly string[];
  /** Tables without statistics. */
  readonly notAnalyzed: readonly string[];
}

export interface ComparisonProps {
  readonly source: Fingerprint;
  readonly target: Fingerprint;
  readonly state: TargetState;
  /** The sequences when the dump began; writers have moved them since. */
  readonly sequencesBefore: readonly SequenceState[];
  /** Both servers write definitions in the same way. */
  readonly sameMajor: boolean;
  readonly withGrants: boolean;
}

/** Kinds of which the target may have more, such as the schema of the application's role. */
const MAY_BE_MORE = ["schema", "extension"];

/** Compares two databases. */
export function compare(props: ComparisonProps): Verification {
  const { source, target, state } = props;
  const contents = tableComparisons(source.tables, target.tables);
  const differing = contents.filter(({ agrees }) => !agrees);
  return verificationOf(
    [
      check(
        "contents",
        `${contents.length} tables, ${total(source.tables)} rows`,
        differing.map(
          (one) => `${one.name}: ${one.source} in the source, ${one.target} in the target`,
        ),
      ),
      sequenceCheck(props),
      largeObjectCheck(props),
      ...structureChecks(props),
      check(
        "valid indexes",
        "every index is valid",
        state.invalidIndexes.map((name) => `${name} is not valid`),
      ),
      ownerCheck(props),
      check(
        "planner statistics",
        "ANALYZE is done",
        state.notAnalyzed.map((name) => `${name} has no statistics`),
      ),
    ],
    contents,
  );
}

function total(tables: readonly TableDigest[]): string {
  return String(tables.reduce((sum, { rows }) => sum + BigInt(rows), 0n));
}

function tableComparisons(
  source: readonly TableDigest[],
  target: readonly TableDigest[],
): Comparison[] {
  const found = new Map(target.map((digest) => [digest.name, digest]));
  const expected = new Set(source.map(({ name }) => name));
  const compared = source.map((digest) => {
    const other = found.get(digest.name);
    const [one, two] = descriptions(digest, other);
    return { name: digest.name, source: one, target: two, agrees: one === two };
  });
  const more = target
    .filter(({ name }) => !expected.has(name))
    .map(({ name, rows }) => ({
      name,
      source: "no such table",
      target: `${rows} rows`,
      agrees: false,
    }));
  return [...compared, ...more];
}

/** Checksums are shown only if nothing else differs. */
function descriptions(one: TableDigest, other: TableDigest | undefined): [string, string] {
  if (!other) {
    return [`${one.rows} rows`, "no such table"];
  }
  const withSum = one.rows === other.rows && one.checksum !== other.checksum;
  const text = ({ rows, checksum }: TableDigest) =>
    withSum ? `${rows} rows with checksum ${checksum}` : `${rows} rows`;
  return [text(one), text(other)];
}

function sequenceCheck({ source, target, sequencesBefore }: ComparisonProps): VerifiedCheck {
  const before = new Map(sequencesBefore.map((one) => [one.name, one]));
  const found = new Map(target.sequences.map((one) => [one.name, one]));
  const differences = source.sequences.flatMap((after) => {
    const state = found.get(after.name);
    return state && isBetween(state, before.get(after.name) ?? after, after)
      ? []
      : [
          `${after.name}: ${textOf(after)} in the source, ${state ? textOf(state) : "missing"} in the target`,
        ];
  });
  return check("sequences", `${source.sequences.length} sequences`, differences);
}

/** Sequences are in no snapshot: the dump read a state of some moment between the two. */
function isBetween(state: SequenceState, before: SequenceState, after: SequenceState): boolean {
  const same = (one: SequenceState) =>
    one.lastValue === state.lastValue && one.isCalled === state.isCalled;
  const [low = 0n, high = 0n] = [before, after]
    .map(({ lastValue }) => BigInt(lastValue))
    .sort((one, other) => (one < other ? -1 : 1));
  const value = BigInt(state.lastValue);
  return same(before) || same(after) || (low < value && value < high);
}

function textOf({ lastValue, isCalled }: SequenceState): string {
  return `${lastValue}${isCalled ? "" : " (not called yet)"}`;
}

function largeObjectCheck({ source, target }: ComparisonProps): VerifiedCheck {
  const [one, other] = [source.largeObjects, target.largeObjects];
  const differences =
    one.count === other.count && one.checksum === other.checksum
      ? []
      : [
          `${one.count} large objects with checksum ${one.checksum} in the source, ${other.count} with ${other.checksum} in the target`,
        ];
  return check("large objects", `${one.count} large objects`, differences);
}

/** One check for each kind of object that there is on either side. */
function structureChecks({ source, target, state, sameMajor, withGrants }: ComparisonProps) {
  const isWanted = ({ kind, name }: Item) =>
    kind !== "grant" || (withGrants && !name.endsWith(` to ${state.user}`));
  const [wanted, found] = [source.items.filter(isWanted), target.items.filter(isWanted)];
  const kinds = [...new Set([...wanted, ...found].map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const [own, others] = [byName(wanted, kind), byName(found, kind)];
    const differences = [
      ...[...own].flatMap(([name, item]) => differenceOf(name, item, others.get(name), sameMajor)),
      ...[...others.keys()]
        .filter((name) => !own.has(name) && !MAY_BE_MORE.includes(kind))
        .map((name) => `${name}: only in the target`),
    ];
    return check(kind, `${own.size} in the source`, differences);
  });
}

function byName(items: readonly Item[], kind: string): Map<string, Item> {
  return new Map(items.filter((item) => item.kind === kind).map((item) => [item.name, item]));
}

function differenceOf(
  name: string,
  one: Item,
  other: Item | undefined,
  sameMajor: boolean,
): string[] {
  if (!other) {
    return [`${name}: missing in the target`];
  }
  const comparable = sameMajor || !one.isDeparsed;
  return !comparable || one.definition === other.definition
    ? []
    : [`${name}: "${one.definition}" in the source, "${other.definition}" in the target`];
}

function ownerCheck({ source, target, state }: ComparisonProps): VerifiedCheck {
  const others = Object.keys(target.owners).filter((owner) => owner !== state.user);
  const was = Object.entries(source.owners).map(
    ([owner, objects]) => `${objects} were of ${owner}`,
  );
  return check(
    "owners",
    `everything belongs to ${state.user}${was.length > 0 ? ` (${was.join(", ")})` : ""}`,
    others.map((owner) => `${target.owners[owner]} objects belong to ${owner}`),
  );
}
