import { CommandError } from "../../cli/command-error";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** 128 + SIGINT, as shells count. */
const INTERRUPTED = 130;

/** Turns a signal into an error, so that everything is closed on the way out. */
export class Interruption {
  private readonly stops = new Set<() => void>();
  private interrupted = false;
  private readonly listener = () => {
    this.interrupted = true;
    for (const stop of this.stops) {
      stop();
    }
  };

  constructor() {
    for (const signal of SIGNALS) {
      process.on(signal, this.listener);
    }
  }

  /** Call it between two steps. @throws CommandError after a signal. */
  check(): void {
    if (this.interrupted) {
      throw new CommandError(
        "Interrupted. Run the same command again: it continues where this one stopped.",
        INTERRUPTED,
      );
    }
  }

  /**
   * Waits for work that a signal stops, also a signal that came just before the work began.
   * @param stop makes the work end, with an error or without
   * @throws CommandError after a signal.
   */
  async watch<T>(work: Promise<T>, stop: () => void): Promise<T> {
    this.stops.add(stop);
    if (this.interrupted) {
      stop();
    }
    try {
      return await work;
    } finally {
      this.stops.delete(stop);
      this.check();
    }
  }

  dispose(): void {
    for (const signal of SIGNALS) {
      process.off(signal, this.listener);
    }
  }
}
