import type { EnvironmentSettings } from "../../settings/environment";
import { changed, type Rehearsal } from "../rehearsal";
import { expectThat, NotApplicable, type Step } from "../step";

const RAISED_GIB = 10;
/** RDS wants room for autoscaling: at least a tenth more than is allocated. */
const MIN_HEADROOM = 1.1;
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
const MOST_GIB = 65_536;
/** io1 and io2 want one for every two GiB. */
const LEAST_IOPS_PER_GIB = 0.5;

/** More storage, online; never less: RDS takes none back. */
export function raiseStorage(rehearsal: Rehearsal): Step {
  return {
    name: "raise-storage",
    title: "Raise the storage",
    async run(say) {
      const from = rehearsal.props.settings.database.allocatedStorageGib;
      const to = Math.ceil(from * MIN_HEADROOM) + RAISED_GIB;
      if (to * MIN_HEADROOM > MOST_GIB) {
        throw new NotApplicable(`there is no room for more: RDS has at most ${MOST_GIB} GiB`);
      }
      const place = await rehearsal.copy("raise-storage", say);
      place.workspace.write(changed(place, (settings) => raise(settings, to)));
      const stack = place.workspace.stack("database", say);
      const { work } = await stack.apply();
      await stack.expectNoChanges();
      const { AllocatedStorage } = await place.inventory.instance();
      expectThat(AllocatedStorage === to, `The database has ${AllocatedStorage} GiB, not ${to}.`);
      return { text: `${from} → ${to} GiB in place, then no changes`, work };
    },
  };
}

function raise(settings: EnvironmentSettings, to: number): void {
  // More than 20 GiB is not in the free tier.
  delete settings.budget;
  const { database } = settings;
  database.allocatedStorageGib = to;
  if (database.maxAllocatedStorageGib !== undefined) {
    const least = Math.ceil(to * MIN_HEADROOM);
    database.maxAllocatedStorageGib = Math.max(least, database.maxAllocatedStorageGib);
  }
  if (database.iops !== undefined) {
    database.iops = Math.max(Math.ceil(to * LEAST_IOPS_PER_GIB), database.iops);
  }
}
