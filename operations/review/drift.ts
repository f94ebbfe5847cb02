import { type AttributeChange, actionOf, attributeChanges, type Change, same } from "./change";

/** A change outside Terraform that the plan reverts. */
export interface Drift {
  readonly address: string;
  /** The attributes: what Terraform wrote, what is there now. Empty for a resource that is gone. */
  readonly attributes: readonly AttributeChange[];
  readonly message: string;
}

/**
 * The drift that the plan would undo. Terraform also reports what it merely reads differently, such as tags that are null
 * or empty, and what AWS changes by itself: the plan leaves both alone.
 */
export function undoneDrift(drift: readonly Change[], changes: readonly Change[]): Drift[] {
  return drift.flatMap((drifted) => {
    const planned = changes.find(({ address }) => address === drifted.address);
    if (!planned || actionOf(planned) === "none") {
      return [];
    }
    if (drifted.actions.join() === "delete") {
      const message = "Deleted outside Terraform. The plan creates it again.";
      return actionOf(planned) === "create"
        ? [{ address: drifted.address, attributes: [], message }]
        : [];
    }
    const attributes = attributeChanges(drifted).filter(
      ({ attribute, after }) =>
        planned.after !== undefined &&
        attribute in planned.after &&
        !same(planned.after[attribute], after),
    );
    const message = "Changed outside Terraform. The plan changes it again.";
    return attributes.length > 0 ? [{ address: drifted.address, attributes, message }] : [];
  });
}
