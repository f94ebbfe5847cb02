import { AwsAccount } from "../../operations/preflight/aws-account";
import type { Result } from "../../operations/preflight/check";
import { checksOf } from "../../operations/preflight/preflight";
import { runChecks } from "../../operations/preflight/run-checks";
import type { DeployedAccount, Rehearsal } from "../rehearsal";
import { expectThat, type Step } from "../step";

/** Preflight after the deployment: everything exists, and every name is the stacks' own. */
export function preflight(rehearsal: Rehearsal): Step {
  return {
    name: "preflight",
    title: "Preflight after the deployment",
    async run(progress) {
      const results = await preflightOf(await rehearsal.copy("preflight", progress));
      const wrong = results.filter(({ status }) => status !== "passed");
      expectThat(wrong.length === 0, `After the deployment: ${textOf(wrong)}`);
      return { text: `${results.length} checks passed` };
    },
  };
}

/** @throws StepFailure unless preflight misses the state bucket alone, as before the first deployment. */
export async function expectOnlyBucketMissing(place: DeployedAccount): Promise<void> {
  const missing = (await preflightOf(place)).filter(({ status }) => status !== "passed");
  expectThat(
    missing.map(({ id }) => id).join() === "state-bucket",
    `Before the deployment, preflight must miss the state bucket alone: ${textOf(missing)}`,
  );
}

async function preflightOf({
  emulator,
  workspace: { environment },
}: DeployedAccount): Promise<Result[]> {
  const account = new AwsAccount(environment, emulator.clientConfig);
  return runChecks(environment, checksOf(environment), { account });
}

function textOf(wrong: readonly Result[]): string {
  return wrong.map(({ id, subject, found }) => `${id} of ${subject}: ${found}`).join("; ");
}
