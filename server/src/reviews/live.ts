import { systemScope } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import type { LogFilter, RecordedLog } from '../logs/index.ts';
import { prefixes, type Room } from './context.ts';
import { belongs, matching, mostItems } from './sources.ts';
import { insertItems, liveQueues } from './store.ts';
import { countItems } from './store-slots.ts';
import type { QueueRow, StoredFilter } from './tables.ts';

/** New logs that match join a live queue, within seconds. */

const pauseMs = 1_000;
/** What waits in memory at most; what is beyond is found at the next start. */
const mostWaiting = 5_000;

export class Live {
  readonly #room: Room;
  readonly #waiting = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(room: Room) {
    this.#room = room;
  }

  recorded({ workspaceId }: Scope, { id }: RecordedLog): void {
    if (this.#closed) return;
    const ids = this.#waiting.get(workspaceId) ?? new Set();
    if (ids.size < mostWaiting) ids.add(id);
    this.#waiting.set(workspaceId, ids);
    this.#timer ??= setTimeout(() => this.#wake(), pauseMs).unref();
  }

  #wake(): void {
    this.#timer = undefined;
    this.#working = this.#working
      .then(() => this.#take())
      .catch((error: unknown) => this.#room.log.warn({ err: error }, 'new logs did not join the review queues that they match'));
  }

  async #take(): Promise<void> {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [workspaceId, ids] of all) {
      const queues = await liveQueues(this.#room.db, workspaceId);
      for (const queue of queues) await this.#join(queue, { ids: [...ids] });
    }
  }

  /** Those of the queue's filter, of which its share joins. */
  async #join(queue: QueueRow, among: LogFilter): Promise<void> {
    const room = this.#room;
    const filter = filterOf(queue.live_filter ?? {});
    const ids = await matching(room, systemScope(queue.workspace_id, 'reviews'), { ...filter, ...among });
    if (ids.length === 0 || (await countItems(room.db, queue.id)) >= mostItems) return;
    const items = ids
      .filter((id) => belongs(id, queue.id, queue.share))
      .map((logId) => ({
        id: room.newId(prefixes.item),
        position: room.random(),
        logId,
        otherLogId: null,
        swapped: false,
        probability: null,
      }));
    await insertItems(room.db, queue.id, items, room.clock());
  }

  /** What came while no process looked, however long that was; what joined before is there already. */
  async start(): Promise<void> {
    for (const queue of await liveQueues(this.#room.db, null)) {
      const asked = filterOf(queue.live_filter ?? {}).from?.getTime() ?? 0;
      const from = new Date(Math.max(asked, queue.created_at.getTime()));
      await this.#join(queue, { from }).catch((error: unknown) =>
        this.#room.log.warn({ err: error }, 'a review queue was not brought up to date'),
      );
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }
}

export function filterOf({ from, to, ...rest }: StoredFilter): LogFilter {
  return { ...rest, from: from == null ? null : new Date(from), to: to == null ? null : new Date(to) };
}
