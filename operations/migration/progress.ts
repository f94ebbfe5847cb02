import { Listr, ListrLogger, type ListrTask, ProcessOutput } from "listr2";
import type { Interruption } from "./interruption";

/** Reports the progress of a step, such as `12 of 200 tables, 340 of 1024 MiB`. */
export type Say = (text: string) => void;

/** One part of a migration. */
export interface Step {
  readonly title: string;
  /** @returns what was done, for the line that stays */
  readonly run: (say: Say) => Promise<string>;
}

/** The steps. None begins after a signal. */
export function interruptible(
  steps: readonly Step[],
  interruption: Pick<Interruption, "check">,
): Step[] {
  return steps.map(({ title, run }) => ({
    title,
    run: async (say) => {
      interruption.check();
      return await run(say);
    },
  }));
}

/** Lines in a log: one in so many seconds. */
const LINE_EVERY_MS = 10_000;

/** How long each step took, in seconds. */
export type Timings = Record<string, number>;

/**
 * Runs the steps one after another, up to the first that fails. They are shown live on a terminal, elsewhere with a line
 * for each start, each end and now and then between; on stderr, because stdout is for the report.
 */
export async function runSteps(steps: readonly Step[], quiet = false): Promise<Timings> {
  // Listr draws live only where stdout is a terminal, too.
  const live = process.stderr.isTTY === true && process.stdout.isTTY === true && !process.env.CI;
  const timings: Timings = {};
  const logger = new ListrLogger({
    useIcons: true,
    processOutput: new ProcessOutput(process.stderr, process.stderr),
  });
  const list = new Listr(
    steps.map((step) => taskOf(step, timings, live)),
    {
      registerSignalListeners: false,
      renderer: quiet ? "silent" : live ? "default" : "simple",
      rendererOptions: { logger, collapseErrors: false, showErrorMessage: false } as object,
    },
  );
  await list.run();
  return timings;
}

function taskOf({ title, run }: Step, timings: Timings, live: boolean): ListrTask {
  return {
    title,
    task: async (_, shown) => {
      const start = performance.now();
      let said = start;
      const say = (text: string) => {
        if (live || performance.now() - said > LINE_EVERY_MS) {
          said = performance.now();
          shown.output = text;
        }
      };
      const done = await run(say);
      timings[title] = (performance.now() - start) / 1000;
      shown.title = `${title} (${Math.round(timings[title])} s): ${done}`;
    },
  };
}

const MIB = 1024 ** 2;

/** Counts tables and their bytes. */
export class TableProgress {
  private tables = 0;
  private bytes = 0;

  /** @param sizes the bytes of each table by its name */
  constructor(
    private readonly sizes: ReadonlyMap<string, number>,
    private readonly say: Say,
  ) {}

  /** @param verb `Dumping`; shown with the table. */
  add(table: string): void {
    this.tables++;
    this.bytes += this.sizes.get(table) ?? 0;
    this.say(`${this.text}: ${table}`);
  }

  get text(): string {
    const all = [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
    return `${this.tables} of ${this.sizes.size} tables, ${mib(this.bytes)} of ${mib(all)} MiB`;
  }
}

function mib(bytes: number): string {
  return String(Math.ceil(bytes / MIB));
}
