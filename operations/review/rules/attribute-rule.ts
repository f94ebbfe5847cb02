import type { Change } from "../change";

/** A change of one attribute that is refused. */
export interface AttributeRule {
  readonly id: string;
  readonly types: readonly string[];
  readonly attribute: string;
  /** What a change means, as a sentence; undefined for a harmless one. */
  readonly refuses: (before: unknown, after: unknown, change: Change) => string | undefined;
  /** Whether a new resource is judged too. @default false */
  readonly alsoNew?: boolean;
  /** Why a value that only the apply knows is harmless. @default - it is not */
  readonly unknownIsHarmless?: string;
}

type Refuses = AttributeRule["refuses"];

/** true → anything else. */
export function turnsOff(message: string): Refuses {
  return (before, after) => (isOn(before) && !isOn(after) ? message : undefined);
}

/** Anything else → true. */
export function turnsOn(message: string): Refuses {
  return (before, after) => (!isOn(before) && isOn(after) ? message : undefined);
}

/** A lower number; absent counts as `absent`. */
export function lowers(what: string, loses: string, absent = 0): Refuses {
  return (before, after) => {
    const [from, to] = [before ?? absent, after ?? absent].map(Number) as [number, number];
    return to < from ? `lowers ${what} from ${from} to ${to}, which ${loses}` : undefined;
  };
}

/** Any other value; a first value counts as well. */
export function changes(message: string): Refuses {
  return () => message;
}

/** Any other value, when there was one. */
export function changesFrom(message: string): Refuses {
  return (before) => (before === undefined || before === "" ? undefined : message);
}

/** A value → none. */
export function removes(message: string): Refuses {
  return (before, after) =>
    before !== undefined && (after === undefined || after === "") ? message : undefined;
}

/** Some attributes are strings in one major of the provider and booleans in the other. */
export function isOn(value: unknown): boolean {
  return value === true || value === "true";
}

/** -1 when the first version is older, as far as both are written: `15` equals `15.4`. */
export function compareVersions(one: unknown, other: unknown): number {
  const [left, right] = [one, other].map((version) => String(version).split(".").map(Number)) as [
    number[],
    number[],
  ];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [mine = 0, theirs = 0] = [left[index], right[index]];
    // `6.x` has no number there.
    if (mine !== theirs && !Number.isNaN(mine) && !Number.isNaN(theirs)) {
      return mine < theirs ? -1 : 1;
    }
  }
  return 0;
}

export function isMajorChange(before: unknown, after: unknown): boolean {
  return String(before).split(".")[0] !== String(after).split(".")[0];
}
