import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Emulator } from "../../emulator/emulator";
import { withoutAws } from "../../rehearsal/rehearsal";
import { expectAdoption } from "../../rehearsal/steps/adopt";
import { Workspace } from "../../rehearsal/workspace";
import { Terraform } from "../../terraform/terraform";
import { create, type RandomStores, randomStores } from "./random-stores";

const NAMED = { app: "any", name: "live", stateBucket: "any-live-states" };

/**
 * Creates random data stores, each time in an account of their own, and adopts them.
 * @param accounts how many.
 * @throws Error with the stores for which a plan does more than import, or a later plan is not empty.
 */
export async function adoptRandomStores(accounts: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "adopt-random-"));
  const empty = await Emulator.start({ tls: folder });
  let initialized: Workspace | undefined;
  try {
    await empty.createBucket(NAMED.stateBucket);
    let count = 0;
    const adopt = async (stores: RandomStores) => {
      const emulator = await empty.copy();
      try {
        const terraform = await Terraform.find({ ...withoutAws(process.env), ...emulator.env });
        const own = join(folder, `account-${count++}`);
        const workspace = initialized
          ? initialized.copy(own, terraform)
          : new Workspace({ folder: own, terraform, processes: new Set() });
        const ids = await create(stores, emulator);
        await expectAdoption({ emulator, workspace, named: NAMED, stores: ids }, () => {});
        process.stderr.write(`${count} of ${accounts}: ${ids.database} and ${ids.cache} adopted\n`);
        initialized ??= workspace;
        if (workspace !== initialized) {
          rmSync(own, { recursive: true });
        }
      } finally {
        await emulator.stop();
      }
    };
    await fc.assert(fc.asyncProperty(randomStores, adopt), {
      numRuns: accounts,
      endOnFailure: true,
    });
  } finally {
    await empty.stop();
    rmSync(folder, { recursive: true });
  }
}
