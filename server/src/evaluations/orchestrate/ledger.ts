import type { Room } from '../context.ts';
import { keepProgress, type Mark } from './store.ts';

const writeMs = 250;
/** The pace of this long tells how long the rest takes. */
const windowMs = 30_000;
const firstTellMs = 2_000;

/** What came of a run's work, written a few times a second and not once a call. */
export class Ledger {
  readonly #room: Room;
  readonly #runId: string;
  #marks: Mark[] = [];
  #usd = 0;
  #calls = 0;
  #unpriced = 0;
  #changed = false;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #error: unknown = null;
  /** When logs were finished, judged and all. */
  #finished: number[] = [];
  #left = 0;
  readonly #since = performance.now();

  constructor(room: Room, runId: string) {
    this.#room = room;
    this.#runId = runId;
  }

  mark(mark: Mark): void {
    this.#marks.push(mark);
    this.#later();
  }

  /** Null: nobody knows what the call cost. */
  paid(costUsd: number | null): void {
    this.#calls += 1;
    if (costUsd === null) this.#unpriced += 1;
    else this.#usd += costUsd;
    this.#later();
  }

  /** So many logs more are to be made and judged. */
  expect(logs: number): void {
    this.#left += logs;
  }

  /** One of them is. */
  finished(logs = 1): void {
    this.#left = Math.max(0, this.#left - logs);
    const now = performance.now();
    for (let i = 0; i < logs; i += 1) this.#finished.push(now);
    this.#later();
  }

  #later(): void {
    this.#changed = true;
    this.#timer ??= setTimeout(() => this.#write(), writeMs);
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#changed) return;
    this.#changed = false;
    const marks = this.#marks.splice(0);
    const spent = { usd: this.#usd, calls: this.#calls, unpriced: this.#unpriced };
    this.#usd = this.#calls = this.#unpriced = 0;
    const secondsLeft = this.#secondsLeft();
    this.#writing = this.#writing
      .then(() => keepProgress(this.#room.db, this.#runId, { marks, spent, secondsLeft }))
      .catch((error: unknown) => {
        this.#error ??= error;
      });
  }

  #secondsLeft(): number | null {
    const now = performance.now();
    const from = this.#finished.findIndex((at) => now - at <= windowMs);
    this.#finished = from === -1 ? [] : this.#finished.slice(from);
    const spanMs = Math.min(windowMs, now - this.#since);
    if (spanMs < firstTellMs || this.#finished.length === 0) return null;
    return (this.#left * spanMs) / this.#finished.length / 1000;
  }

  /** All of it is written. Rejects when some of it could not be. */
  async settled(): Promise<void> {
    this.#write();
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }
}
