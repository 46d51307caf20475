import { logIdAt } from '@whetstone/domain';

type Load<Row> = (workspaceId: string, wanted: readonly { id: string; at: number | null }[]) => Promise<Map<string, Row>>;

interface Asked<Row> {
  id: string;
  resolve: (row: Row | null) => void;
  reject: (error: unknown) => void;
}

const mostAtOnce = 500;
const mostQueries = 4;

/**
 * Newest rows by id. What is asked in one go, or while queries run, is asked together: a span of a trace each has an id of
 * its own, and so has a log of an import.
 */
export class Lookup<Row> {
  readonly #load: Load<Row>;
  readonly #waiting = new Map<string, Asked<Row>[]>();
  #running = 0;
  #planned = false;

  constructor(load: Load<Row>) {
    this.#load = load;
  }

  row(workspaceId: string, id: string): Promise<Row | null> {
    return new Promise((resolve, reject) => {
      const asked = this.#waiting.get(workspaceId);
      if (asked) asked.push({ id, resolve, reject });
      else this.#waiting.set(workspaceId, [{ id, resolve, reject }]);
      if (this.#planned) return;
      this.#planned = true;
      queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    this.#planned = false;
    for (const [workspaceId, asked] of this.#waiting) {
      if (this.#running >= mostQueries) return;
      const batch = asked.splice(0, mostAtOnce);
      if (asked.length === 0) this.#waiting.delete(workspaceId);
      this.#running += 1;
      void this.#ask(workspaceId, batch);
    }
  }

  async #ask(workspaceId: string, batch: readonly Asked<Row>[]): Promise<void> {
    try {
      const ids = [...new Set(batch.map(({ id }) => id))];
      const rows = await this.#load(
        workspaceId,
        ids.map((id) => ({ id, at: logIdAt(id) })),
      );
      for (const { id, resolve } of batch) resolve(rows.get(id) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }
}
