import type { DataStore } from "../../settings/data-stores";
import type { Rehearsal } from "../rehearsal";
import { StateObject } from "../state-object";
import { expectThat, type Step } from "../step";

/** Overwrites a state with garbage, and restores it from the previous version. */
export function damagedState(rehearsal: Rehearsal): Step {
  return {
    name: "damaged-state",
    title: "Recover a damaged and a deleted state",
    async run(progress) {
      const place = await rehearsal.copy("damaged-state", progress);
      // The last one: a cache, where there is one, is planned faster than a database.
      const store = rehearsal.stores.at(-1) as DataStore;
      const state = new StateObject(place, store);
      const before = await state.read();
      await state.overwrite("not a state");
      const stack = place.workspace.stack(store, progress);
      const { exitCode, errors } = await stack.run(["plan", "-json", "-input=false"]);
      expectThat(
        exitCode !== 0 && /state file/i.test(errors.join("; ")),
        `Terraform did not refuse a damaged state: ${errors.join("; ")}`,
      );
      const [, earlier = ""] = await state.versions();
      progress(`restoring version ${earlier}`);
      await state.restore(earlier);
      expectThat((await state.read()) === before, "The restored state is not what it was.");
      await stack.expectNoChanges();
      await state.remove();
      await state.restore(earlier);
      await stack.expectNoChanges();
      return {
        text: `terraform refused the damaged ${state.url}; restored from the previous version, also after it was deleted: no changes`,
      };
    },
  };
}
