import type { Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { Room } from '../context.ts';
import { callVersion } from './call-version.ts';
import { Pace } from './pace.ts';
import { markDone, waitingItems, type Item } from './store.ts';

const startAtOnce = 32;
const mostAtOnce = 128;
const mostTries = 8;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const marksMs = 250;
const datapointsAtOnce = 500;

interface Generating {
  runId: string;
  version: Snapshot;
  /** Told of each log that is there. */
  onLog: (logId: string) => void;
  signal: AbortSignal;
}

/** Makes the logs that a run still lacks. Rejects with the signal's reason; what was done by then stays done. */
export async function generate(room: Room, scope: Scope, { runId, version, onLog, signal }: Generating): Promise<void> {
  const items = await left(room, scope, runId, onLog);
  const done = new Marks(room, runId);
  const pace = new Pace({ start: startAtOnce, most: mostAtOnce, now: () => performance.now() });
  const running = new Set<Promise<void>>();
  const failed: unknown[] = [];
  const stop = new AbortController();
  const stopping = AbortSignal.any([signal, stop.signal]);
  const run = async (item: Item, datapoint: StoredDatapoint | null): Promise<void> => {
    if (datapoint !== null) {
      const link = { id: item.logId, runId, datapointId: item.datapointId };
      for (let tries = 1; ; tries += 1) {
        const epoch = await pace.take(stopping);
        const refusal = await callVersion(room, scope, version, datapoint, link, stopping).catch((error: unknown) => {
          pace.done();
          throw error;
        });
        if (refusal === null || tries === mostTries) {
          pace.done();
          break;
        }
        pace.refused(epoch, refusal.retryMs ?? Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1) * (0.5 + room.random())));
      }
    }
    done.add(item.logId);
    onLog(item.logId);
  };
  try {
    for await (const { item, datapoint } of withDatapoints(room, scope, items)) {
      // Not more promises than may run soon: a run may have a hundred thousand items.
      while (running.size >= mostAtOnce * 2 && failed.length === 0) await Promise.race(running);
      if (failed.length > 0 || signal.aborted) break;
      const work = run(item, datapoint)
        .catch((error: unknown) => {
          failed.push(error);
          stop.abort();
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
    await Promise.all(running);
  } finally {
    await done.close();
  }
  signal.throwIfAborted();
  if (failed.length > 0) throw failed[0];
}

/** What waits, without the calls that had ended before the server did. */
async function left(room: Room, scope: Scope, runId: string, onLog: (logId: string) => void): Promise<Item[]> {
  const items = await waitingItems(room.db, runId);
  const made = new Set((await room.logs.runs.logs(scope, [runId], [])).map(({ id }) => id));
  const ended = items.filter(({ logId }) => made.has(logId)).map(({ logId }) => logId);
  await markDone(room.db, runId, ended);
  for (const logId of ended) onLog(logId);
  return items.filter(({ logId }) => !made.has(logId));
}

/** Each with what it is about, read by the page; null when it is gone. */
async function* withDatapoints(
  room: Room,
  scope: Scope,
  items: readonly Item[],
): AsyncGenerator<{ item: Item; datapoint: StoredDatapoint | null }> {
  for (let i = 0; i < items.length; i += datapointsAtOnce) {
    const some = items.slice(i, i + datapointsAtOnce);
    const found = await room.files.datasets.datapointsById(scope, [...new Set(some.map(({ datapointId }) => datapointId))]);
    for (const item of some) yield { item, datapoint: found.get(item.datapointId) ?? null };
  }
}

/** Says what is done a few times a second, not once a call. */
class Marks {
  readonly #room: Room;
  readonly #runId: string;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(room: Room, runId: string) {
    this.#room = room;
    this.#runId = runId;
  }

  add(logId: string): void {
    this.#waiting.push(logId);
    this.#timer ??= setTimeout(() => this.#flush(), marksMs);
  }

  #flush(): void {
    this.#timer = null;
    const ids = this.#waiting.splice(0);
    this.#writing = this.#writing
      .then(() => markDone(this.#room.db, this.#runId, ids))
      .catch((error: unknown) => {
        this.#error = error;
      });
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }
}
