import type { JudgedLog } from './feedback.ts';

const mostRows = 20_000;
const mostBorn = 50_000;
const mostSaid = 200_000;

/**
 * What feedback needs not ask the store, in a process that alone writes to it: how logs are that were asked for, and of logs that this
 * process wrote first, what was said by feedback. Feedback comes soon after its log, and a question to the store costs more than
 * all the rest of it.
 */
export class Recent {
  readonly #rows = new Map<string, JudgedLog>();
  /** Rows on their way from the store: what changes meanwhile is not kept as it was. */
  readonly #flights = new Map<string, { asked: number; stale: boolean }>();
  readonly #born = new Map<string, Set<string>>();
  #saids = 0;

  async row(key: string, ask: () => Promise<JudgedLog | null>): Promise<JudgedLog | null> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const flight = this.#flights.get(key) ?? { asked: 0, stale: false };
    this.#flights.set(key, flight);
    flight.asked += 1;
    try {
      const row = await ask();
      if (row !== null && !flight.stale) this.#keep(key, row);
      return row;
    } finally {
      flight.asked -= 1;
      if (flight.asked === 0) this.#flights.delete(key);
    }
  }

  #keep(key: string, row: JudgedLog): void {
    this.#rows.set(key, row);
    if (this.#rows.size > mostRows) for (const oldest of this.#rows.keys()) return void this.#rows.delete(oldest);
  }

  /** A log was written, for the first time or again. */
  changed(key: string): void {
    this.#rows.delete(key);
    const flight = this.#flights.get(key);
    if (flight !== undefined) flight.stale = true;
  }

  /** Many were, nobody counts which. */
  changedMany(): void {
    this.#rows.clear();
    for (const flight of this.#flights.values()) flight.stale = true;
  }

  /** Under an id that nobody had before. */
  born(key: string): void {
    this.#born.set(key, new Set());
    while (this.#born.size > mostBorn || this.#saids > mostSaid) for (const oldest of this.#born.keys()) if (this.unborn(oldest)) break;
  }

  /** It may have judgments that did not come by feedback under the ids that feedback gives. */
  unborn(key: string): boolean {
    this.#saids -= this.#born.get(key)?.size ?? 0;
    return this.#born.delete(key);
  }

  /** Whether feedback never wrote this judgment of the log; false: who knows. */
  isNew(key: string, judgmentId: string): boolean {
    return this.#born.get(key)?.has(judgmentId) === false;
  }

  said(key: string, judgmentId: string): void {
    const said = this.#born.get(key);
    if (said === undefined || said.has(judgmentId)) return;
    said.add(judgmentId);
    this.#saids += 1;
  }
}
