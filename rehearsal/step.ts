/** The result of a step in one line, and details for the report. */
export interface StepResult {
  readonly text: string;
  /** Tables of the report. */
  readonly tables?: readonly ReportTable[];
  /** The resources that Terraform created, changed and destroyed. */
  readonly work?: readonly ResourceWork[];
  /** The rules, as AWS lists them. */
  readonly rules?: readonly Rule[];
}

export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What Terraform did to one resource, and how long it took. */
export interface ResourceWork {
  readonly stack: string;
  readonly address: string;
  readonly action: string;
  readonly seconds: number;
}

/** One ingress rule, as AWS lists it. */
export interface Rule {
  /** The name of the data store. */
  readonly store: string;
  /** `tcp`, `udp`, …; `-1` for all of them. */
  readonly protocol: string;
  /** The first port, and the last. */
  readonly port: number;
  readonly toPort: number;
  /** A CIDR, or the ID of a security group or a prefix list. */
  readonly source: string;
  readonly description: string;
}

export interface Step {
  /** Short, and unique: `second-plan`. A failure is reported by it. */
  readonly name: string;
  readonly title: string;
  /** @throws StepFailure when the result is not as expected. */
  run(progress: (progress: string) => void): Promise<StepResult>;
}

/** An expectation that was not met: what was expected, and what was found. */
export class StepFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StepFailure";
  }
}

/** The step does not apply to this environment, for a reason. */
export class NotApplicable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "NotApplicable";
  }
}

/** @throws StepFailure unless it holds. */
export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new StepFailure(otherwise);
  }
}

export type State = "passed" | "failed" | "not applicable" | "not run";

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly state: State;
  /** Since the rehearsal began. */
  readonly startedAtSeconds: number;
  readonly seconds: number;
  readonly seen: StepResult;
}

/** Runs steps, and records the result of each. */
export class Recorder {
  private readonly outcomes = new Map<string, Outcome>();
  private readonly began = performance.now();

  constructor(steps: readonly Step[]) {
    for (const { name, title } of steps) {
      const seen = { text: "an earlier step failed" };
      const state = "not run";
      this.outcomes.set(name, { name, title, state, startedAtSeconds: 0, seconds: 0, seen });
    }
  }

  /** Steps in their order, with those that were not run. */
  get all(): readonly Outcome[] {
    return [...this.outcomes.values()];
  }

  get failed(): boolean {
    return this.all.some(({ state }) => state === "failed");
  }

  /** Since the rehearsal began. */
  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  get passed(): boolean {
    return this.all.every(({ state }) => state === "passed" || state === "not applicable");
  }

  /** @throws what the step throws, except that it does not apply. */
  async run({ name, title, run }: Step, progress: (progress: string) => void): Promise<Outcome> {
    const started = performance.now();
    const keep = (state: State, seen: StepResult) => {
      const startedAtSeconds = (started - this.began) / 1000;
      const seconds = (performance.now() - started) / 1000;
      const outcome = { name, title, state, startedAtSeconds, seconds, seen };
      this.outcomes.set(name, outcome);
      return outcome;
    };
    try {
      return keep("passed", await run(progress));
    } catch (error) {
      if (error instanceof NotApplicable) {
        return keep("not applicable", { text: error.message });
      }
      keep("failed", { text: (error as Error).message });
      throw error;
    }
  }
}
