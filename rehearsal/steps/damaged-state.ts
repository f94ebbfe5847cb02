import type { Rehearsal } from "../rehearsal";
import { StateObject } from "../state-object";
import { expectThat, type Step } from "../step";

/** The state is overwritten with nonsense, and comes back from the version before. */
export function damagedState(rehearsal: Rehearsal): Step {
  return {
    name: "damaged-state",
    title: "Lose the state, and get it back",
    async run(say) {
      const place = await rehearsal.copy("damaged-state", say);
      const state = new StateObject(place, "cache");
      const before = await state.read();
      await state.overwrite("not a state");
      const stack = place.workspace.stack("cache", say);
      const { exitCode, errors } = await stack.run(["plan", "-json", "-input=false"]);
      expectThat(
        exitCode !== 0 && /state file/i.test(errors.join("; ")),
        `Terraform did not refuse a damaged state: ${errors.join("; ")}`,
      );
      const [, earlier = ""] = await state.versions();
      say(`restoring version ${earlier}`);
      await state.restore(earlier);
      expectThat((await state.read()) === before, "The restored state is not what it was.");
      await stack.expectNoChanges();
      await state.remove();
      await state.restore(earlier);
      await stack.expectNoChanges();
      return {
        text: `terraform refused the damaged ${state.url}; restored from the version before, also after it was deleted: no changes`,
      };
    },
  };
}
