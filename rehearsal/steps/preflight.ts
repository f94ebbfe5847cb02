import { AwsAccount, type ClientOverrides } from "../../cli/aws-account";
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
      const checks = await expectPreflightPasses(await rehearsal.copy("preflight", progress));
      return { text: `${checks} checks passed` };
    },
  };
}

/**
 * @param credentials to ask with. @default - the emulated account's own
 * @returns the number of checks.
 * @throws StepFailure unless every check passes.
 */
export async function expectPreflightPasses(
  place: DeployedAccount,
  credentials?: ClientOverrides["credentials"],
): Promise<number> {
  const results = await preflightOf(place, credentials);
  const wrong = results.filter(({ status }) => status !== "passed");
  expectThat(wrong.length === 0, `After the deployment: ${textOf(wrong)}`);
  return results.length;
}

/** @throws StepFailure unless preflight finds only the state bucket missing, as before the first deployment. */
export async function expectOnlyBucketMissing(place: DeployedAccount): Promise<void> {
  const missing = (await preflightOf(place)).filter(({ status }) => status !== "passed");
  expectThat(
    missing.map(({ id }) => id).join() === "state-bucket",
    `Before the deployment, preflight must find only the state bucket missing: ${textOf(missing)}`,
  );
}

async function preflightOf(
  { emulator, workspace: { environment } }: DeployedAccount,
  credentials: ClientOverrides["credentials"] = emulator.clientConfig.credentials,
): Promise<Result[]> {
  const account = new AwsAccount(environment, { ...emulator.clientConfig, credentials });
  return runChecks(environment, checksOf(environment), { account });
}

function textOf(wrong: readonly Result[]): string {
  return wrong.map(({ id, subject, found }) => `${id} of ${subject}: ${found}`).join("; ");
}
