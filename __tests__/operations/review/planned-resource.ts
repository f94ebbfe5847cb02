import { type Change, changeOf } from "../../../operations/review/change";
import type { Plan, PlannedResource, Values } from "../../../operations/review/plan";

type Parts = Partial<PlannedResource["change"]> & { readonly address?: string };

/** An entry of a plan; `database` is the address, unless the parts name one. */
export function planned(
  type: string,
  actions: string,
  { address = `${type}.database`, ...change }: Parts = {},
): PlannedResource {
  return {
    address,
    mode: "managed",
    type,
    change: { actions: actions.split(","), before: null, after: null, ...change },
  };
}

export function changed(type: string, actions: string, parts: Parts = {}): Change {
  return changeOf(planned(type, actions, parts));
}

export function updated(type: string, before: Values, after: Values, unknown: Values = {}): Change {
  return changed(type, "update", { before, after, after_unknown: unknown });
}

export function planOf(...resources: readonly PlannedResource[]): Plan {
  return { format_version: "1.2", planned_values: {}, resource_changes: resources };
}
