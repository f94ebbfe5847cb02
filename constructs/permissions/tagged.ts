import type { Condition } from "./grant";

/** The tag `stack`, which identifies the resources of a stack. */
export interface Tagged {
  /** Its values in the environment, one for each stack. */
  readonly stackTags: readonly string[];
}

/** A condition on existing resources with the tag. */
export function tagged({ stackTags }: Tagged): Condition {
  return { StringEquals: { "aws:ResourceTag/stack": stackTags } };
}

/** A condition on resources created with the tag. */
export function requested({ stackTags }: Tagged): { readonly StringEquals: Condition[string] } {
  return { StringEquals: { "aws:RequestTag/stack": stackTags } };
}
