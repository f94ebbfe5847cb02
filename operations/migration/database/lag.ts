/** How far the target is behind the source. */
export interface Lag {
  readonly bytes: number;
  /** Since the oldest change that the target does not have; at least, if that was before the measurement began. */
  readonly seconds: number;
}

interface Sample {
  readonly at: number;
  readonly position: number;
}

/**
 * Computes how long the target is behind from positions in the source's write-ahead log. PostgreSQL's replay_lag does
 * not grow while the target stands still.
 */
export class LagMeter {
  private samples: readonly Sample[] = [];

  /**
   * @param at seconds
   * @param position the source's
   * @param confirmed the position that the target has confirmed
   */
  measure(at: number, position: number, confirmed: number): Lag {
    this.samples = [...this.samples, { at, position }];
    const newest = this.samples.findLastIndex((sample) => sample.position <= confirmed);
    this.samples = this.samples.slice(Math.max(0, newest));
    const isUpToDate = confirmed >= position;
    const [oldest = { at }] = this.samples;
    return { bytes: Math.max(0, position - confirmed), seconds: isUpToDate ? 0 : at - oldest.at };
  }
}

const KIB = 1024;

/** `lag 12.3 MiB, 4 s` */
export function lagText({ bytes, seconds }: Lag): string {
  const size =
    bytes < KIB * KIB ? `${Math.ceil(bytes / KIB)} KiB` : `${(bytes / KIB / KIB).toFixed(1)} MiB`;
  return `lag ${size}, ${Math.round(seconds)} s`;
}
