import { CommandError } from "../cli/command-error";
import type { Emulator } from "../emulator/emulator";
import type { Rehearsal } from "./rehearsal";
import type { Step } from "./step";
import { adoptBaseline, adoptExisting } from "./steps/adopt";
import { compareBaseline, deployBaseline } from "./steps/baseline";
import { bootstrap } from "./steps/bootstrap";
import { concurrency } from "./steps/concurrency";
import { damagedState } from "./steps/damaged-state";
import { deploy } from "./steps/deploy";
import { drift } from "./steps/drift";
import { expiredCredentials, faultShares } from "./steps/faults";
import { lostState } from "./steps/lost-state";
import { permissions } from "./steps/permissions";
import { preflight } from "./steps/preflight";
import { raiseStorage } from "./steps/raise-storage";
import { rotatePassword } from "./steps/rotate-password";
import { secondPlan } from "./steps/second-plan";
import { teardown } from "./steps/teardown";
import { tightenClients } from "./steps/tighten-clients";
import { verifyDeployment } from "./steps/verify-deployment";

/** Steps that run concurrently. */
export interface Phase {
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * The lifecycle of an environment: it is deployed once; every later step starts with a copy of that account.
 * @param only the names of the later steps to run. @default - all of them
 * @throws CommandError for a name that no later step has.
 */
export function scenario(rehearsal: Rehearsal, only?: readonly string[]): readonly Phase[] {
  const baseline: { emulator?: Emulator } = {};
  const [first, ...later] = phasesOf(rehearsal, baseline);
  const names = later.flatMap(({ steps }) => steps.map(({ name }) => name));
  const faultNames = withFaults(rehearsal).steps.map(({ name }) => name);
  const unknown = (only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const listed = unknown.map((name) => `"${name}"`).join(", ");
    const more = names.some((name) => faultNames.includes(name))
      ? ""
      : `\nWith --faults also:\n  ${faultNames.join("\n  ")}`;
    throw new CommandError(
      `There is no step ${listed}. The steps after the deployment are:\n  ${names.join("\n  ")}${more}`,
    );
  }
  const chosen = later.map(({ title, steps }) => ({
    title,
    steps: steps.filter(({ name }) => !only || only.includes(name)),
  }));
  return [first as Phase, ...chosen.filter(({ steps }) => steps.length > 0)];
}

function phasesOf(rehearsal: Rehearsal, baseline: { emulator?: Emulator }): readonly Phase[] {
  return [
    {
      title: "Deploy to an empty account",
      steps: [
        bootstrap(rehearsal),
        ...rehearsal.stores.map((store) => deploy(rehearsal, store)),
        deployBaseline(rehearsal, baseline),
      ],
    },
    {
      title: "Operate, each step in a copy of the account",
      steps: [
        secondPlan(rehearsal),
        preflight(rehearsal),
        verifyDeployment(rehearsal),
        compareBaseline(rehearsal, baseline),
        tightenClients(rehearsal),
        raiseStorage(rehearsal),
        rotatePassword(rehearsal),
        drift(rehearsal),
        concurrency(rehearsal),
        damagedState(rehearsal),
        lostState(rehearsal),
        adoptBaseline(rehearsal, baseline),
        adoptExisting(rehearsal),
        permissions(rehearsal),
        teardown(rehearsal),
      ],
    },
    ...(rehearsal.props.faultPercent === undefined ? [] : [withFaults(rehearsal)]),
  ];
}

/** They need the proxy that injects faults. */
function withFaults(rehearsal: Rehearsal): Phase {
  return {
    title: "With injected faults",
    steps: [expiredCredentials(rehearsal), faultShares(rehearsal)],
  };
}
