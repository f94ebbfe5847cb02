import { existsSync } from "node:fs";
import type { Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";
import { everyOne, type Progress, type WorkingStack } from "../workspace";
import { firstDatabase, interruptedApply, lockRefusal } from "./concurrency";
import { expectRulesAsExpected, expectStoresAsExpected } from "./verify-deployment";

const SHARES = [0, 10, 30, 50];

interface Deployed {
  readonly addresses: readonly string[];
  readonly row: readonly string[];
}

/** The same deployment with more and more failing calls: it takes longer, and has the same result. */
export function faultShares(rehearsal: Rehearsal): Step {
  return {
    name: "fault-shares",
    title: `Deploy while ${SHARES.join(", ")} % of the calls fail`,
    async run(progress) {
      const all = await everyOne(SHARES.map((percent) => deployed(rehearsal, percent, progress)));
      const [none, ...others] = all.map(({ addresses }) => addresses.join("\n"));
      expectThat(
        others.every((addresses) => addresses === none),
        "With faults, Terraform created different resources.",
      );
      return {
        text: `the same ${all[0]?.addresses.length} resources each time, as configured; no changes afterwards`,
        tables: [
          {
            title: "Deployments while calls fail",
            head: ["fault rate", "calls", "failed calls", "seconds", "end state"],
            rows: all.map(({ row }) => row),
          },
        ],
      };
    },
  };
}

async function deployed(
  rehearsal: Rehearsal,
  percent: number,
  progress: Progress,
): Promise<Deployed> {
  const place = await rehearsal.newAccount(`faults-${percent}`, percent);
  const { workspace, emulator, proxy } = place;
  await emulator.createBucket(workspace.environment.stateBucket.name);
  const started = performance.now();
  const applied = await everyOne(
    workspace.stacks(progress).map(async (stack) => {
      await stack.init();
      return stack.apply();
    }),
  );
  const seconds = Math.round((performance.now() - started) / 1000);
  await expectStoresAsExpected(place);
  await expectRulesAsExpected(place);
  await workspace.expectNoChanges(progress);
  const addresses = applied.flatMap(({ work }) => work.map(({ address }) => address)).sort();
  const calls = proxy ? [`${proxy.calls}`, `${proxy.faults}`] : ["–", "0"];
  return { addresses, row: [`${percent} %`, ...calls, `${seconds}`, "as configured, no changes"] };
}

/** The credentials expire during an apply: Terraform can neither save the state nor release the lock. */
export function expiredCredentials(rehearsal: Rehearsal): Step {
  return {
    name: "expired-credentials",
    title: "Expire the credentials during an apply",
    async run(progress) {
      const database = firstDatabase(rehearsal);
      const place = await rehearsal.copy("expired-credentials", progress);
      const { proxy } = place;
      expectThat(proxy !== undefined, "Without the proxy, the credentials cannot expire.");
      const { events, process } = await interruptedApply(place, database, progress);
      proxy.expireCredentials();
      const { exitCode } = await process.result;
      const { problem } = events;
      expectThat(
        exitCode !== 0 && problem.startsWith("the credentials expired"),
        `The apply failed for another reason: ${problem}`,
      );
      proxy.renewCredentials();
      await resumed(place.workspace.stack(database, progress));
      return { text: `recovered as described under “${problem}”, then no changes` };
    },
  };
}

async function resumed(stack: WorkingStack): Promise<void> {
  const { id } = await lockRefusal(stack);
  await stack.succeed(["force-unlock", "-force", id]);
  expectThat(existsSync(stack.unsavedState), "Terraform kept no errored.tfstate.");
  await stack.succeed(["state", "push", "errored.tfstate"]);
  await stack.apply();
  await stack.expectNoChanges();
}
