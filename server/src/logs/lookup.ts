import { logIdAt } from '@whetstone/domain';
import type { LogRow } from './record/row.ts';

type Load = (workspaceId: string, wanted: readonly { id: string; at: number | null }[]) => Promise<Map<string, LogRow>>;

interface Asked {
  id: string;
  resolve: (row: LogRow | null) => void;
  reject: (error: unknown) => void;
}

const mostAtOnce = 500;
const mostQueries = 4;

/** Newest rows by id. What is asked while queries run is asked together: a span of a trace each has an id of its own. */
export class Lookup {
  readonly #load: Load;
  readonly #waiting = new Map<string, Asked[]>();
  #running = 0;

  constructor(load: Load) {
    this.#load = load;
  }

  row(workspaceId: string, id: string): Promise<LogRow | null> {
    return new Promise((resolve, reject) => {
      const asked = this.#waiting.get(workspaceId);
      if (asked) asked.push({ id, resolve, reject });
      else this.#waiting.set(workspaceId, [{ id, resolve, reject }]);
      this.#next();
    });
  }

  #next(): void {
    for (const [workspaceId, asked] of this.#waiting) {
      if (this.#running >= mostQueries) return;
      const batch = asked.splice(0, mostAtOnce);
      if (asked.length === 0) this.#waiting.delete(workspaceId);
      this.#running += 1;
      void this.#ask(workspaceId, batch);
    }
  }

  async #ask(workspaceId: string, batch: readonly Asked[]): Promise<void> {
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
