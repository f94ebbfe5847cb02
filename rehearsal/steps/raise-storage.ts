import type { DatabaseStore } from "../../settings/data-stores";
import type { EnvironmentSettings } from "../../settings/environment";
import { changed, type Rehearsal } from "../rehearsal";
import { expectThat, NotApplicable, type Step } from "../step";
import { type WrittenDatabase, writtenDatabase } from "../written-stores";
import { firstDatabase } from "./concurrency";

const RAISED_GIB = 10;
/** RDS requires a limit for storage autoscaling that is at least a tenth above the allocated storage. */
const MIN_HEADROOM = 1.1;
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
const MOST_GIB = 65_536;
/** io1 and io2 want one for every two GiB. */
const LEAST_IOPS_PER_GIB = 0.5;

/** Raises the storage online. RDS cannot lower it. */
export function raiseStorage(rehearsal: Rehearsal): Step {
  return {
    name: "raise-storage",
    title: "Raise the storage",
    async run(progress) {
      const raises = raisesOf(rehearsal);
      const place = await rehearsal.copy("raise-storage", progress);
      const raised = changed(place, (settings) => raise(settings, raises));
      const applied = await place.workspace.change(raised, progress);
      for (const { store, to } of raises) {
        const { AllocatedStorage } = await place.inventory.instance(store.settings.identifier);
        expectThat(
          AllocatedStorage === to,
          `The database ${store.name} has ${AllocatedStorage} GiB instead of ${to} GiB.`,
        );
      }
      const texts = raises.map(({ from, to }) => `${from} → ${to} GiB`);
      return {
        text: `${texts.join(", ")} in place, then no changes`,
        work: applied.flatMap(({ work }) => work),
      };
    },
  };
}

interface Raise {
  readonly store: DatabaseStore;
  readonly from: number;
  readonly to: number;
}

/** @throws NotApplicable when there is no database, or none whose storage RDS can raise. */
function raisesOf(rehearsal: Rehearsal): readonly Raise[] {
  firstDatabase(rehearsal);
  const raises = rehearsal.stores
    .filter((store) => store.kind === "database")
    .map((store) => {
      const { allocatedStorageGib: from } = store.settings;
      return { store, from, to: Math.ceil(from * MIN_HEADROOM) + RAISED_GIB };
    })
    .filter(({ to }) => to * MIN_HEADROOM <= MOST_GIB);
  if (raises.length === 0) {
    throw new NotApplicable(`the storage is at its maximum: RDS allows ${MOST_GIB} GiB`);
  }
  return raises;
}

function raise(settings: EnvironmentSettings, raises: readonly Raise[]): void {
  // More than 20 GiB is not in the free tier.
  delete settings.budget;
  for (const { store, to } of raises) {
    raiseTo(writtenDatabase(settings, store.name), to);
  }
}

function raiseTo(database: WrittenDatabase, to: number): void {
  database.allocatedStorageGib = to;
  if (database.maxAllocatedStorageGib !== undefined) {
    const least = Math.ceil(to * MIN_HEADROOM);
    database.maxAllocatedStorageGib = Math.max(least, database.maxAllocatedStorageGib);
  }
  if (database.iops !== undefined) {
    database.iops = Math.max(Math.ceil(to * LEAST_IOPS_PER_GIB), database.iops);
  }
}
