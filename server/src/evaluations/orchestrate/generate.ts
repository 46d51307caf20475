import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { StoredLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import { callVersion, type Called } from './call-version.ts';
import { contentKey } from './content-key.ts';
import { earlierOutputs, takeOver } from './earlier-outputs.ts';
import type { Ledger } from './ledger.ts';
import { Pace } from './pace.ts';
import type { Purse } from './purse.ts';
import { beginRun, renameItem, waitingItems, type Item, type WorkedRun } from './store.ts';
import { Stopped } from './stopped.ts';

const startAtOnce = 32;
const mostAtOnce = 128;
const mostTries = 8;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const datapointsAtOnce = 500;

interface Generating {
  run: WorkedRun;
  version: Snapshot;
  /** Told of each new log that is there. */
  onLog: (logId: string, fresh: boolean) => void;
  ledger: Ledger;
  purse: Purse;
  signal: AbortSignal;
}

/** What is known of one call before it is made. */
interface Case {
  item: Item;
  /** Null: it is gone. */
  datapoint: StoredDatapoint | null;
  key: string | null;
  earlier: StoredLog | null;
}

/**
 * Makes the logs that a run still lacks. Rejects with the signal's reason, or `Stopped`; what was done by then stays done.
 * @returns whether it made all of them itself
 */
export async function generate(room: Room, scope: Scope, its: Generating): Promise<boolean> {
  const { run, signal, ledger } = its;
  const begun = await beginRun(room.db, run.id);
  const items = begun ? await waitingItems(room.db, run.id) : await left(room, scope, its);
  ledger.expect(items.length);
  const most = run.concurrency ?? mostAtOnce;
  const pace = new Pace({ start: Math.min(startAtOnce, most), most, now: () => performance.now() });
  const running = new Set<Promise<void>>();
  const failed: unknown[] = [];
  const stop = new AbortController();
  const calling = { ...its, pace, signal: AbortSignal.any([signal, stop.signal]) };
  for await (const each of casesOf(room, scope, its, items)) {
    // Not more promises than may run soon: a run may have a hundred thousand items.
    while (running.size >= most * 2 && failed.length === 0) await Promise.race(running);
    if (failed.length > 0 || signal.aborted) break;
    const work = make(room, scope, calling, each)
      .catch((error: unknown) => {
        failed.push(error);
        // What is under way when the money is gone is paid for: it may end.
        if (error instanceof Stopped) its.purse.close();
        else stop.abort();
      })
      .finally(() => running.delete(work));
    running.add(work);
  }
  await Promise.all(running);
  signal.throwIfAborted();
  const worst = failed.find((error) => !(error instanceof Stopped)) ?? failed[0];
  if (worst !== undefined) throw worst;
  return begun;
}

/** One log, from whatever it comes. */
async function make(room: Room, scope: Scope, its: Generating & { pace: Pace }, { item, datapoint, key, earlier }: Case): Promise<void> {
  const { ledger, run, version, onLog } = its;
  if (datapoint === null) {
    ledger.mark({ item, outcome: 'gone', contentKey: null });
    return ledger.finished();
  }
  if (earlier !== null) {
    const taken = await takeOver(room, scope, { item, runId: run.id, version, earlier, keyId: keyOf(run) });
    if (taken !== null) {
      ledger.mark({ item, outcome: 'cached', contentKey: key, logId: taken.logId });
      if (taken.copied) onLog(taken.logId, true);
      else ledger.finished();
      return;
    }
  }
  const { failed, costUsd } = await called(room, scope, its, { item, datapoint });
  ledger.mark({ item, outcome: failed ? 'failed' : 'ok', contentKey: failed ? null : key });
  onLog(item.logId, true);
  if (costUsd === null && run.maxCostUsd !== null) throw Stopped.unpriced();
}

/** The call, again while the provider asks for less. */
async function called(
  room: Room,
  scope: Scope,
  { run, version, pace, purse, ledger, signal }: Generating & { pace: Pace },
  { item, datapoint }: { item: Item; datapoint: StoredDatapoint },
): Promise<Called> {
  const link = { id: item.logId, runId: run.id, datapointId: item.datapointId, keyId: keyOf(run) };
  for (let tries = 1; ;) {
    if (!(await purse.take(signal))) throw Stopped.byCost(run.maxCostUsd, purse.spent);
    let epoch: number;
    let result: Awaited<ReturnType<typeof callVersion>>;
    // The place is the provider's: the next call may begin while the log of this one is written.
    let holds = true;
    const answered = (): void => {
      if (holds) pace.done();
      holds = false;
    };
    try {
      epoch = await pace.take(signal);
    } catch (error) {
      purse.release();
      throw error;
    }
    try {
      result = await callVersion(room, scope, version, datapoint, { link, last: tries === mostTries, answered }, signal);
    } catch (error) {
      answered();
      purse.release();
      throw error;
    }
    if (result.type === 'called') {
      answered();
      purse.called(result.costUsd ?? 0, result.failed);
      ledger.paid(result.costUsd);
      return result;
    }
    purse.release();
    if (result.type === 'out_of_budget') {
      answered();
      throw Stopped.byBudget(result.message);
    }
    const pauseMs = result.retryMs ?? Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1) * (0.5 + room.random()));
    // It may have answered and its log could not be written: no reason to ask it for less.
    if (holds) pace.refused(epoch, pauseMs);
    else await sleep(pauseMs, undefined, { signal });
    if (!result.own) tries += 1;
  }
}

/** What waits, without the calls that had ended before the server did. Those that were cut off are made again. */
async function left(room: Room, scope: Scope, { run, ledger, onLog }: Generating): Promise<Item[]> {
  const items = await waitingItems(room.db, run.id);
  const made = new Set((await room.logs.runs.logs(scope, [run.id], [])).map(({ id }) => id));
  const waiting: Item[] = [];
  for (const item of items) {
    const log = made.has(item.logId) ? await room.logs.find(scope, item.logId) : null;
    if (log === null) waiting.push(item);
    else if (log.status === 'ok' || log.status === 'error') {
      ledger.mark({ item, outcome: log.status === 'ok' ? 'ok' : 'failed', contentKey: null });
      ledger.paid(log.costUsd);
      ledger.expect(1);
      onLog(item.logId, false);
    } else {
      await room.logs.delete(scope, [item.logId]);
      const logId = room.logs.newId(room.clock());
      await renameItem(room.db, run.id, item, logId);
      waiting.push({ ...item, logId });
    }
  }
  return waiting;
}

/** Each with what it is about, read by the page. */
async function* casesOf(room: Room, scope: Scope, { run, version }: Generating, items: readonly Item[]): AsyncGenerator<Case> {
  for (let i = 0; i < items.length; i += datapointsAtOnce) {
    const some = items.slice(i, i + datapointsAtOnce);
    const found = await room.files.datasets.datapointsById(scope, [...new Set(some.map(({ datapointId }) => datapointId))]);
    const keyed = some.map((item) => {
      const datapoint = found.get(item.datapointId) ?? null;
      return { item, datapoint, key: datapoint === null ? null : contentKey(scope, version, datapoint, item.repetition) };
    });
    const earlier = run.cached ? await earlierOutputs(room, scope, keyed) : new Map<string, StoredLog>();
    for (const each of keyed) yield { ...each, earlier: earlier.get(each.key ?? '') ?? null };
  }
}

function keyOf({ startedBy }: WorkedRun): string | null {
  return startedBy?.id ?? null;
}
