import type { Rehearsal } from "../rehearsal";
import type { Step } from "../step";

/** Without changes outside Terraform, the plan must be empty. */
export function secondPlan(rehearsal: Rehearsal): Step {
  return {
    name: "second-plan",
    title: "Plan again",
    async run(progress) {
      const { workspace } = await rehearsal.copy("second-plan", progress);
      await workspace.expectNoChanges(progress);
      return { text: "no changes in any stack" };
    },
  };
}
