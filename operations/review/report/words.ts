import type { Review, StackReview } from "../review";

export const VERDICTS: Readonly<Record<Review["verdict"], string>> = {
  passed: "Nothing in this plan is refused.",
  refused: "This plan is refused.",
  error: "Approvals are left over. Remove them.",
};

export const HOW_TO_APPROVE =
  "Change the settings. If it must happen, approve it in the environment, and remove the approval after the apply:";

/** `2 create, 1 replace`. */
export function countsText({ counts }: StackReview): string {
  const parts = Object.entries(counts).map(([action, count]) => `${count} ${action}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}

/** Impacts that users notice. */
export function felt({ impacts }: StackReview) {
  return impacts.filter(({ effect }) => effect !== "nothing");
}

/** The lines of `approvals` that would let the findings pass. */
export function approvalLines({ findings }: StackReview): string[] {
  return findings
    .filter(({ approval }) => approval === undefined)
    .map(
      ({ approvalKey }) =>
        `${JSON.stringify(approvalKey)}: "why it is right, and what protects the data",`,
    );
}

export function findingText({
  verdict,
  message,
  approval,
}: StackReview["findings"][number]): string {
  return approval === undefined ? `${verdict}: ${message}` : `approved: ${message} (${approval})`;
}

export function whatIsCompared({ comparedWith }: StackReview): string {
  return comparedWith === "plan" ? "" : `, compared with ${comparedWith}`;
}
