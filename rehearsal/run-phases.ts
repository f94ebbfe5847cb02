import { Listr, type ListrTask } from "listr2";
import type { Phase } from "./scenario";
import type { Outcome, Recorder, Step } from "./step";

/**
 * Runs the phases one after another, and the steps of a phase side by side: live on a terminal, elsewhere with a line for
 * each start and each end. A failed step does not stop those beside it; no phase follows a phase that failed.
 */
export async function runPhases(phases: readonly Phase[], recorder: Recorder): Promise<void> {
  const live = process.stdout.isTTY === true && !process.env.CI;
  const tasks = phases.map(
    ({ title, steps }): ListrTask => ({
      title,
      skip: () => recorder.failed && "an earlier step failed",
      task: (_, phase) =>
        phase.newListr(
          steps.map((step) => taskOf(step, recorder, live)),
          { concurrent: true, exitOnError: false },
        ),
    }),
  );
  const list = new Listr(tasks, {
    exitOnError: false,
    registerSignalListeners: false,
    renderer: live ? "default" : "simple",
    rendererOptions: { collapseSubtasks: false, collapseErrors: false },
  });
  await list.run();
}

function taskOf(step: Step, recorder: Recorder, live: boolean): ListrTask {
  return {
    title: step.title,
    task: async (_, shown) => {
      const progress = (text: string) => {
        if (live) {
          shown.output = text;
        }
      };
      try {
        shown.title = lineOf(await recorder.run(step, progress));
      } catch (error) {
        throw new Error(`${step.name}: ${(error as Error).message}`);
      }
    },
  };
}

function lineOf({ title, seconds, seen }: Outcome): string {
  return `${title} (${Math.round(seconds)} s): ${seen.text}`;
}
