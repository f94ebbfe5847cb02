import type { Condition } from "./grant";

/** The tag that everything in a stack has, and nothing else: `stack`. */
export interface Tagged {
  /** Its values in the environment, one for each stack. */
  readonly stackTags: readonly string[];
}

/** For what has the tag. */
export function tagged({ stackTags }: Tagged): Condition {
  return { StringEquals: { "aws:ResourceTag/stack": stackTags } };
}

/** For what gets the tag when it is created. */
export function requested({ stackTags }: Tagged): { readonly StringEquals: Condition[string] } {
  return { StringEquals: { "aws:RequestTag/stack": stackTags } };
}
