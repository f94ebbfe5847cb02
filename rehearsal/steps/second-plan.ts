import type { Rehearsal } from "../rehearsal";
import type { Step } from "../step";

/** Nobody has touched anything: nothing may change. */
export function secondPlan(rehearsal: Rehearsal): Step {
  return {
    name: "second-plan",
    title: "Plan again",
    async run(say) {
      const { workspace } = await rehearsal.copy("second-plan", say);
      await workspace.expectNoChanges(say);
      return { text: "no changes, in either stack" };
    },
  };
}
