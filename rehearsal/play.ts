import { Listr, type ListrTask } from "listr2";
import type { Act } from "./life";
import type { Outcome, Recorder, Step } from "./step";

/**
 * Plays the acts one after another, the steps of an act side by side: live on a terminal, elsewhere with a line for
 * each beginning and each end. Steps that fail do not stop those beside them; no act follows an act that failed.
 */
export async function play(acts: readonly Act[], recorder: Recorder): Promise<void> {
  const live = process.stdout.isTTY === true && !process.env.CI;
  const tasks = acts.map(
    ({ title, steps }): ListrTask => ({
      title,
      skip: () => recorder.failed && "a step before it failed",
      task: (_, act) =>
        act.newListr(
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
      const say = (progress: string) => {
        if (live) {
          shown.output = progress;
        }
      };
      try {
        shown.title = lineOf(await recorder.run(step, say));
      } catch (error) {
        throw new Error(`${step.name}: ${(error as Error).message}`);
      }
    },
  };
}

function lineOf({ title, seconds, seen }: Outcome): string {
  return `${title} (${Math.round(seconds)} s): ${seen.text}`;
}
