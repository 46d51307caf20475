/** Work on the same thing follows in the order in which it was asked for; work on different things does not wait. */
export class Turns {
  /** The last work on a thing that is under way. */
  readonly #last = new Map<string, Promise<unknown>>();

  one<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    return this.#taken([key], before.then(work, work));
  }

  /** Whoever comes later for one of these things waits for all of it, so nobody waits for each other. */
  all<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.#last.get(key) ?? []);
    return this.#taken(keys, before.length === 0 ? work() : Promise.allSettled(before).then(work));
  }

  async #taken<T>(keys: readonly string[], turn: Promise<T>): Promise<T> {
    for (const key of keys) this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      for (const key of keys) if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
