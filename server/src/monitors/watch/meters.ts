/** Counters since the start, and how far behind. */
export interface Counts {
  judged: number;
  notJudged: number;
  failed: number;
  /** Since the oldest log that waits came into the store. */
  lagSeconds: number;
}

export class Meters {
  readonly #counts = { judged: 0, not_judged: 0, failed: 0 };
  /** Per monitor that works: when the first of its page came, in microseconds. */
  readonly #late = new Map<string, number>();
  readonly #clock: () => Date;

  constructor(clock: () => Date) {
    this.#clock = clock;
  }

  count(outcome: 'judged' | 'not_judged' | 'failed'): void {
    this.#counts[outcome] += 1;
  }

  late(monitorId: string, since: number | null): void {
    if (since === null) this.#late.delete(monitorId);
    else this.#late.set(monitorId, since);
  }

  read(): Counts {
    const { judged, not_judged, failed } = this.#counts;
    const now = this.#clock().getTime();
    const lagSeconds = Math.max(0, ...[...this.#late.values()].map((since) => (now - since / 1000) / 1000));
    return { judged, notJudged: not_judged, failed, lagSeconds };
  }
}
