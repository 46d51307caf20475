/**
 * What a run may still spend. A log is begun only when all that is under way and this one, each as dear as the dearest so far, fit
 * under the cap; so a run spends more than its cap at most by what the calls under way cost more than any before them. A run with
 * a cap begins with one call, which tells what a call costs.
 */
export class Purse {
  #cap: number | null;
  #spent: number;
  #calls = { under: 0, dearest: null as number | null };
  #judging = { under: 0, dearest: null as number | null };
  #waiting: (() => void)[] = [];
  #closed = false;
  readonly #judged: boolean;

  /** @param judged whether the server judges what is made, which may cost too */
  constructor({ cap, spent, judged }: { cap: number | null; spent: number; judged: boolean }) {
    this.#cap = cap;
    this.#spent = spent;
    this.#judged = judged;
  }

  get spent(): number {
    return this.#spent;
  }
  get isSpent(): boolean {
    return this.#cap !== null && this.#spent >= this.#cap;
  }
  get cap(): number | null {
    return this.#cap;
  }
  set cap(cap: number | null) {
    this.#cap = cap;
    this.#wake();
  }

  /** Waits until it is known whether there is enough for one more log. Give it back by `called`. */
  async take(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      const room = this.#hasRoom();
      if (room === true) {
        this.#calls.under += 1;
        if (this.#judged) this.#judging.under += 1;
        return true;
      }
      if (room === false) return false;
      await this.#change(signal);
    }
  }

  /** No log is begun any more. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Null: it depends on what is under way. */
  #hasRoom(): boolean | null {
    if (this.#closed) return false;
    if (this.#cap === null) return true;
    const { under, dearest } = this.#calls;
    const idle = under === 0 && this.#judging.under === 0;
    if (this.#spent >= this.#cap) return idle ? false : null;
    if (dearest === null || (this.#judged && this.#judging.dearest === null)) return idle ? true : null;
    const needed = (under + 1) * dearest + (this.#judged ? (this.#judging.under + 1) * (this.#judging.dearest ?? 0) : 0);
    if (this.#spent + needed <= this.#cap) return true;
    return idle ? false : null;
  }

  /** A call ended, and its log will be judged. One that failed tells nothing of what others cost. */
  called(costUsd: number, failed: boolean): void {
    this.#calls.under -= 1;
    if (!failed) this.#calls.dearest = Math.max(this.#calls.dearest ?? 0, costUsd);
    this.pay(costUsd);
  }

  /** There was no call after all. */
  release(): void {
    this.#calls.under -= 1;
    if (this.#judged) this.#judging.under -= 1;
    this.#wake();
  }

  /** All judgments of a log are made. */
  judged(costUsd: number): void {
    this.#judging.under = Math.max(0, this.#judging.under - 1);
    this.#judging.dearest = Math.max(this.#judging.dearest ?? 0, costUsd);
    this.pay(costUsd);
  }

  pay(costUsd: number): void {
    this.#spent += costUsd;
    this.#wake();
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        resolve();
      };
      signal.addEventListener('abort', go, { once: true });
      this.#waiting.push(go);
    });
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
