/**
 * How many calls run at once. It grows by one for as many good answers as run, and halves when a provider says that it is
 * too much (additive increase, multiplicative decrease: Chiu & Jain 1989), at most once for the calls that were under way.
 */
export class Pace {
  #limit: number;
  #running = 0;
  #good = 0;
  #pausedUntil = 0;
  /** Calls that began before this one was refused say nothing new. */
  #epoch = 0;
  readonly #most: number;
  readonly #now: () => number;
  #waiting: (() => void)[] = [];

  constructor({ start, most, now }: { start: number; most: number; now: () => number }) {
    this.#limit = start;
    this.#most = most;
    this.#now = now;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Waits for a place. Give it back by `done` or `refused`. */
  async take(signal: AbortSignal): Promise<number> {
    while (this.#running >= this.#limit || this.#now() < this.#pausedUntil) {
      signal.throwIfAborted();
      await this.#change(signal);
    }
    this.#running += 1;
    return this.#epoch;
  }

  done(): void {
    this.#running -= 1;
    this.#good += 1;
    if (this.#good >= this.#limit && this.#limit < this.#most) {
      this.#limit += 1;
      this.#good = 0;
    }
    // During a pause everyone keeps a clock of their own.
    this.#wake(Math.max(0, this.#limit - this.#running));
  }

  /** A provider asked for less. @param epoch what `take` gave */
  refused(epoch: number, pauseMs: number): void {
    this.#running -= 1;
    this.#good = 0;
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + pauseMs);
    if (epoch === this.#epoch) {
      this.#limit = Math.max(1, Math.floor(this.#limit / 2));
      this.#epoch += 1;
    }
    this.#wake();
  }

  async #change(signal: AbortSignal): Promise<void> {
    const restMs = Math.max(0, this.#pausedUntil - this.#now());
    await new Promise<void>((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', go);
        this.#waiting = this.#waiting.filter((each) => each !== go);
        resolve();
      };
      const timer = restMs > 0 ? setTimeout(go, restMs) : undefined;
      signal.addEventListener('abort', go, { once: true });
      this.#waiting.push(go);
    });
  }

  #wake(most = this.#waiting.length): void {
    for (const go of this.#waiting.splice(0, most)) go();
  }
}
