import { CommandError } from "../commands/run";
import type { Emulator } from "./emulator";
import type { Rehearsal } from "./rehearsal";
import type { Step } from "./step";
import { bootstrap } from "./steps/bootstrap";
import { byHand, comparison } from "./steps/chapter";
import { concurrency } from "./steps/concurrency";
import { damagedState } from "./steps/damaged-state";
import { deploy } from "./steps/deploy";
import { drift } from "./steps/drift";
import { expiredCredentials, faultShares } from "./steps/faults";
import { goodbye } from "./steps/goodbye";
import { raiseStorage } from "./steps/raise-storage";
import { rotatePassword } from "./steps/rotate-password";
import { secondPlan } from "./steps/second-plan";
import { tightenClients } from "./steps/tighten-clients";
import { whatAwsSays } from "./steps/what-aws-says";

/** Steps that run side by side. */
export interface Act {
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * The life of an environment: it is deployed once; everything after begins with a copy of that account.
 * @param only the names of the later steps to play. @default - all of them
 * @throws CommandError for a name that no later step has.
 */
export function life(rehearsal: Rehearsal, only?: readonly string[]): readonly Act[] {
  const chapter: { emulator?: Emulator } = {};
  const [first, ...later] = actsOf(rehearsal, chapter);
  const names = later.flatMap(({ steps }) => steps.map(({ name }) => name));
  const faultNames = withFaults(rehearsal).steps.map(({ name }) => name);
  const unknown = (only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    const listed = unknown.map((name) => `"${name}"`).join(", ");
    const more = names.some((name) => faultNames.includes(name))
      ? ""
      : `\nWith --faults also:\n  ${faultNames.join("\n  ")}`;
    throw new CommandError(
      `There is no step ${listed} after the deployment. There are:\n  ${names.join("\n  ")}${more}`,
    );
  }
  const chosen = later.map(({ title, steps }) => ({
    title,
    steps: steps.filter(({ name }) => !only || only.includes(name)),
  }));
  return [first as Act, ...chosen.filter(({ steps }) => steps.length > 0)];
}

function actsOf(rehearsal: Rehearsal, chapter: { emulator?: Emulator }): readonly Act[] {
  return [
    {
      title: "An account with nothing in it",
      steps: [
        bootstrap(rehearsal),
        deploy(rehearsal, "database"),
        deploy(rehearsal, "cache"),
        byHand(rehearsal, chapter),
      ],
    },
    {
      title: "Then, each in a copy of the account",
      steps: [
        secondPlan(rehearsal),
        whatAwsSays(rehearsal),
        comparison(rehearsal, chapter),
        tightenClients(rehearsal),
        raiseStorage(rehearsal),
        rotatePassword(rehearsal),
        drift(rehearsal),
        concurrency(rehearsal),
        damagedState(rehearsal),
        goodbye(rehearsal),
      ],
    },
    ...(rehearsal.props.faultPercent === undefined ? [] : [withFaults(rehearsal)]),
  ];
}

/** They need the proxy that has calls fail. */
function withFaults(rehearsal: Rehearsal): Act {
  return {
    title: "While calls fail",
    steps: [expiredCredentials(rehearsal), faultShares(rehearsal)],
  };
}
