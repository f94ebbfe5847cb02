import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseStore } from "../../settings/data-stores";
import { changed, type DeployedAccount, type Rehearsal } from "../rehearsal";
import { StateObject } from "../state-object";
import { expectThat, NotApplicable, type Step, StepFailure } from "../step";
import type { Progress, WorkingStack } from "../workspace";
import { writtenDatabase } from "../written-stores";

/** Two applies run at once; then the first one is killed halfway. */
export function concurrency(rehearsal: Rehearsal): Step {
  return {
    name: "concurrency",
    title: "Two applies at once, and a crash",
    async run(progress) {
      const database = firstDatabase(rehearsal);
      const place = await rehearsal.copy("concurrency", progress);
      const { stack, process } = await interruptedApply(place, database, progress);
      progress("a second apply, while the first holds the lock");
      const { owner, id } = await lockRefusal(stack);
      progress("kill -9 of the first apply");
      process.kill();
      await process.result;
      const isLocked = await new StateObject(place, database).isLocked();
      expectThat(isLocked, "The lock is gone with the apply that was killed.");
      await stack.succeed(["force-unlock", "-force", id]);
      const { work } = await stack.apply();
      await stack.expectNoChanges();
      return {
        text: `the second apply was refused (locked by ${owner}); after kill -9: terraform force-unlock, apply, no changes`,
        work,
      };
    },
  };
}

/** @throws NotApplicable for an environment without a database. */
export function firstDatabase({ stores }: Rehearsal): DatabaseStore {
  const found = stores.find((store): store is DatabaseStore => store.kind === "database");
  if (!found) {
    throw new NotApplicable("the environment has no database");
  }
  return found;
}

/** Waits until an apply is halfway: it holds the lock, AWS has the change, and the state does not have it yet. */
export async function interruptedApply(
  place: DeployedAccount,
  store: DatabaseStore,
  progress: Progress,
) {
  const days = store.settings.backupRetentionDays;
  const others = days > 1 ? days - 1 : 2;
  place.workspace.write(
    changed(place, (settings) => {
      // The free tier keeps backups for one day. Validation refuses a reason for no backups if there are backups.
      delete settings.budget;
      const database = writtenDatabase(settings, store.name);
      const { backupRetentionDays: _, ...reasons } = database.reasons ?? {};
      database.reasons = reasons;
      database.backupRetentionDays = others;
    }),
  );
  const stack = place.workspace.stack(store, progress);
  const { events, process } = stack.start(["apply", "-json", "-auto-approve"]);
  await inTheMiddle(place, { store, days: others }, process.result);
  return { stack, events, process };
}

async function inTheMiddle(
  place: DeployedAccount,
  { store, days }: { readonly store: DatabaseStore; readonly days: number },
  ended: Promise<unknown>,
): Promise<void> {
  const state = new StateObject(place, store);
  let running = true;
  ended.finally(() => {
    running = false;
  });
  while (running) {
    const { BackupRetentionPeriod } = await place.inventory.instance(store.settings.identifier);
    if ((await state.isLocked()) && BackupRetentionPeriod === days) {
      return;
    }
    await sleep(500);
  }
  throw new StepFailure(
    "The first apply ended before the rehearsal saw it hold the lock and change the database.",
  );
}

/** Who holds the lock, by the message that a second apply gets. */
export async function lockRefusal(stack: WorkingStack): Promise<{ owner: string; id: string }> {
  const { exitCode, errors } = await stack.run(["apply", "-json", "-auto-approve"]);
  const said = errors.join("\n");
  expectThat(exitCode !== 0, "A second apply went ahead while the first held the lock.");
  const [, id] = /\bID:\s+(\S+)/.exec(said) ?? [];
  const [, owner] = /\bWho:\s+(\S+)/.exec(said) ?? [];
  expectThat(!!id && !!owner, `The second apply failed without naming the lock's owner: ${said}`);
  return { owner, id };
}
