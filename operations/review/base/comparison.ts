import type { StackApprovals } from "../approvals";
import { guard } from "../guard";
import { Redaction } from "../redaction";
import { reviewChanges, type StackReview } from "../review";
import { difference, PREVENT_DESTROY } from "./configuration-changes";
import type { Configurations } from "./revision";

const LIMITS =
  "Compared without a plan: drift, imports and forced replacements of other resources are only in the state, so this report does not show them.";

/** Removing a stack destroys nothing, and afterwards only an older revision can destroy it. */
const REMOVED =
  "No environment has this stack any more. Its resources remain in AWS: destroy the stack before you remove it from the environment.";

/** Reviews the difference between the JSON of two revisions, stack by stack. */
export function compare(
  base: Configurations,
  head: Configurations,
  revision: string,
  approvalsFor: (stack: string) => StackApprovals,
): StackReview[] {
  const stacks = [...new Set([...base.keys(), ...head.keys()])].sort();
  return stacks.flatMap((stack) => {
    const [before = {}, after] = [base.get(stack), head.get(stack)];
    const { changes, findings } = difference(before, after ?? before);
    const review = reviewChanges({
      approvals: approvalsFor(stack),
      changes,
      drift: [],
      comparedWith: revision,
      findings: [...guard(changes, []), ...findings],
      redaction: new Redaction([]),
      notes: after ? [LIMITS] : [LIMITS, REMOVED],
    });
    const isChanged = !after || review.changes.length > 0 || review.findings.length > 0;
    return isChanged ? [withPlanApprovals(review)] : [];
  });
}

/** Only a plan tells which approvals are needed, except for what only the JSON shows. */
function withPlanApprovals(review: StackReview): StackReview {
  const unusedApprovals = review.unusedApprovals.filter((key) =>
    key.includes(`: ${PREVENT_DESTROY} `),
  );
  return { ...review, unusedApprovals };
}
