import { isDeepStrictEqual } from "node:util";
import type { PlannedResource, Values } from "./plan";

/** The action on one resource. */
export interface Change {
  readonly address: string;
  readonly previousAddress: string | undefined;
  readonly type: string;
  readonly actions: readonly string[];
  readonly before: Values | undefined;
  readonly after: Values | undefined;
  /** Attributes that are known only after apply are true. */
  readonly unknown: Values;
  readonly sensitive: readonly (Values | boolean)[];
  readonly importing: boolean;
  /** The key of an object that an interrupted replacement has left behind. */
  readonly deposed: string | undefined;
}

export type Action =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "forget"
  | "import"
  | "move"
  | "none";

/** An attribute whose value changes; `after` is undefined where only the apply knows it. */
export interface AttributeChange {
  readonly attribute: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: boolean;
}

export function changeOf(planned: PlannedResource): Change {
  const { change } = planned;
  return {
    address: planned.address,
    previousAddress: planned.previous_address,
    type: planned.type,
    actions: change.actions,
    before: change.before ?? undefined,
    after: change.after ?? undefined,
    unknown: typeof change.after_unknown === "object" ? change.after_unknown : {},
    sensitive: [change.before_sensitive ?? false, change.after_sensitive ?? false],
    importing: change.importing !== undefined && change.importing !== null,
    deposed: planned.deposed,
  };
}

export function actionOf({ actions, importing, previousAddress }: Change): Action {
  const has = (action: string) => actions.includes(action);
  if (has("forget")) {
    return "forget";
  }
  if (has("delete")) {
    return has("create") ? "replace" : "delete";
  }
  const [only = "no-op"] = actions;
  if (only === "create" || only === "update") {
    return only;
  }
  if (importing) {
    return "import";
  }
  return previousAddress === undefined ? "none" : "move";
}

/** Whether a replacement deletes the old object before the new one exists. */
export function deletesFirst({ actions }: Change): boolean {
  return actions[0] === "delete";
}

/** Providers represent absent values in several ways. */
function isAbsent(value: unknown): boolean {
  if (value === null || value === undefined || value === "") {
    return true;
  }
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Objects without their absent members. */
function normalized(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(normalized);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const members = Object.entries(value).map(([key, inner]) => [key, normalized(inner)] as const);
  return Object.fromEntries(members.filter(([, inner]) => !isAbsent(inner)));
}

export function same(one: unknown, other: unknown): boolean {
  return (
    (isAbsent(one) && isAbsent(other)) || isDeepStrictEqual(normalized(one), normalized(other))
  );
}

/** Whether something in a value of `after_unknown` is unknown. */
export function isUnknown(mark: unknown): boolean {
  if (typeof mark !== "object" || mark === null) {
    return mark === true;
  }
  return Object.values(mark).some(isUnknown);
}

/** The attributes that change, without those that only AWS sets. */
export function attributeChanges({ before, after, unknown }: Change): AttributeChange[] {
  const names = new Set([
    ...Object.keys(before ?? {}),
    ...Object.keys(after ?? {}),
    ...Object.keys(unknown),
  ]);
  return [...names].sort().flatMap((attribute) => {
    const change = {
      attribute,
      before: before?.[attribute] ?? undefined,
      after: after?.[attribute] ?? undefined,
      unknown: isUnknown(unknown[attribute]),
    };
    return change.unknown || !same(change.before, change.after) ? [change] : [];
  });
}
