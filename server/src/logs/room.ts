import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import type { Scope } from '@whetstone/contract';
import { moveToTrace, recordMany } from './batch.ts';
import { ChartStore } from './charts/store.ts';
import { Erasures } from './erasure/erase.ts';
import { ErasureStore } from './erasure/store.ts';
import type { LogFilter, LogPage, Logs, LogsDeps, RecordedLog, StoredLog } from './index.ts';
import { experimentedOf } from './experimented/experimented.ts';
import { ExperimentedStore } from './experimented/store.ts';
import { OutcomeStore } from './experimented/store-outcomes.ts';
import { exposuresOf } from './exposures/exposures.ts';
import { ExposureStore } from './exposures/store.ts';
import { Intake } from './intake/intake.ts';
import { keyOf } from './intake/queue.ts';
import { settle } from './intake/settle.ts';
import { JudgmentStore } from './judgments/store.ts';
import { answered, Reads } from './reads.ts';
import { feedbackOf } from './feedback/feedback.ts';
import { Recent } from './feedback/recent.ts';
import { FeedbackStore } from './feedback/store.ts';
import { monitoredOf } from './monitored/monitored.ts';
import { MonitoredStore } from './monitored/store.ts';
import { BlobHold } from './record/blobs.ts';
import { redactorOf } from './record/redact.ts';
import type { SummaryRow } from './record/row.ts';
import { columnQuestions } from './runs/columns.ts';
import { RunColumnStore } from './runs/store-columns.ts';
import { RunStore } from './runs/store.ts';
import { LogStore, type RowKey } from './store.ts';
import { tracesOf } from './traces.ts';
import { Writes } from './writes.ts';

const maxBacklogBytes = 4 * 2 ** 30;
const exportPage = 200;
/** Bounds the memory of an export: payloads may have megabytes. */
const payloadsAtOnce = 20;

/** Wires the parts of the room; every verb is one of theirs. */
export function openLogs(deps: LogsDeps): Logs {
  const now = deps.now ?? Date.now;
  const { logDatabase, blobs, dataDir } = deps.storage;
  const store = new LogStore(logDatabase);
  const judgments = new JudgmentStore(logDatabase);
  const charts = new ChartStore(logDatabase, now);
  const recorded = new Set<(scope: Scope, log: RecordedLog) => void>();
  const completed = new Set<(scope: Scope, log: RecordedLog) => void>();
  const tell = (listeners: Set<(scope: Scope, log: RecordedLog) => void>, scope: Scope, log: RecordedLog): void => {
    for (const listener of listeners) {
      try {
        listener(scope, log);
      } catch (error) {
        deps.log?.error({ err: error }, 'a listener for logs failed');
      }
    }
  };
  const recent = deps.replicated === true ? null : new Recent();
  const intake = new Intake({
    directory: join(dataDir, 'intake'),
    logDatabase,
    maxBytes: deps.maxBacklogBytes ?? maxBacklogBytes,
    now,
    alone: !(deps.replicated ?? false),
    settle: (rows) => settle(store, judgments, rows),
    onPut: (lines) => {
      for (const { table, key } of lines) if (table === 'logs' && key !== null) recent?.changed(key);
    },
    onError: (error, what) => deps.log?.warn({ err: error }, what),
    ...(deps.faults ? { faults: deps.faults } : {}),
  });
  const reads = new Reads({ intake, store, judgments, blobs, now, replicated: deps.replicated ?? false });
  const hold = new BlobHold(now);
  const erasures = new Erasures({ store: new ErasureStore(logDatabase), intake, blobs, hold, now });
  const writes = new Writes({
    intake,
    reads,
    blobs,
    hold,
    now,
    random: deps.random ?? randomPool(),
    redact: redactorOf(deps.settings),
    failed: (error, what) => deps.log?.warn({ err: error }, what),
    named: (workspaceId, logId) => void recent?.unborn(keyOf('logs', workspaceId, logId)),
    recorded: (scope, log, { first, complete, fresh }) => {
      if (fresh === true) recent?.born(keyOf('logs', scope.workspaceId, log.id));
      if (first) tell(recorded, scope, log);
      if (complete) tell(completed, scope, log);
    },
  });
  const batch = writes.batchParts();
  const erasing = <T>(work: Promise<T>): Promise<T> => work.finally(() => recent?.changedMany());
  return {
    newId: (at) => writes.newId(at),
    record: (scope, log) => writes.record(scope, log),
    recordMany: (scope, logs) => recordMany(batch, scope, logs),
    moveToTrace: (scope, ids, from, root) => moveToTrace(batch, scope, ids, from, root),
    change: (scope, id, change) => writes.change(scope, id, change),
    judge: (scope, judgment) => writes.judge(scope, judgment),
    find: (scope, id) => reads.find(scope, id),
    findJudgment: (scope, id) => reads.findJudgment(scope, id),
    list: (scope, filter, page) => reads.list(scope, filter, page),
    judgmentsOf: (scope, ids) => reads.judgmentsOf(scope, ids),
    judgments: (scope, filter, page) => reads.judgments(scope, filter, page),
    feedback: feedbackOf({
      intake,
      reads,
      store: new FeedbackStore(logDatabase),
      recent,
      redact: redactorOf(deps.settings),
      now,
      inTurns: batch.inTurns,
    }),
    runs: { ...runQuestions(reads, intake, new RunStore(logDatabase)), ...columnQuestions(reads, new RunColumnStore(logDatabase)) },
    exposures: exposuresOf(intake, new ExposureStore(logDatabase), now),
    experimented: experimentedOf(reads, new ExperimentedStore(logDatabase), new OutcomeStore(logDatabase)),
    monitored: monitoredOf(reads, new MonitoredStore(logDatabase)),
    trace: async (scope, id, options) => (await tracesOf(reads, store, scope, [id], options?.payload ?? false)).get(id) ?? [],
    traces: (scope, ids, options) => tracesOf(reads, store, scope, ids, options?.payload ?? false),
    series: async (scope, filter, { buckets, groupBy }) => {
      await reads.settled();
      return charts.series(scope.workspaceId, filter, buckets, groupBy);
    },
    judgmentCounts: async ({ workspaceId }, fileId, evaluatorIds) => {
      await reads.settled();
      return answered(judgments.counts(workspaceId, fileId, evaluatorIds));
    },
    facets: async (scope, filter) => {
      await reads.settled();
      return charts.facets(scope.workspaceId, filter);
    },
    export: (scope, filter, signal) => exported(reads, store, scope, filter, signal),
    counts: async (scope, fileIds) => {
      await reads.settled();
      return countsOf(await charts.counts(scope.workspaceId, fileIds));
    },
    delete: (scope, ids) => writes.delete(scope, ids),
    deleteUser: (scope, user) => erasing(erasures.bury(scope.workspaceId, 'user', user)),
    deleteFile: async (scope, fileId) => void (await erasing(erasures.bury(scope.workspaceId, 'file', fileId))),
    deleteWorkspace: (workspaceId) => erasing(erasures.removeWorkspace(workspaceId)),
    erase: (at, retention) => erasing(erasures.erase(at, retention)),
    sweepBlobs: (at) => erasures.sweep(at),
    onRecorded: (listener) => {
      recorded.add(listener);
      return () => void recorded.delete(listener);
    },
    onCompleted: (listener) => {
      completed.add(listener);
      return () => void completed.delete(listener);
    },
    drained: (timeoutMs) => intake.drained(timeoutMs),
    backlog: () => intake.backlog(),
    close: () => intake.close(),
  };
}

/** What is done once waits for the queue; what is asked again and again takes what is there. */
const seedWaitMs = 30_000;

function runQuestions(reads: Reads, intake: Intake, store: RunStore): Omit<Logs['runs'], keyof ReturnType<typeof columnQuestions>> {
  return {
    logs: async ({ workspaceId }, runIds, places) => {
      await reads.settled();
      const [written, placed] = await answered(Promise.all([store.logsOf(workspaceId, runIds), store.logsAt(workspaceId, places)]));
      const known = new Set(written.map(({ id }) => id));
      return [...written, ...placed.filter(({ id }) => !known.has(id))].toSorted((a, b) => a.at.getTime() - b.at.getTime());
    },
    logsOfVersion: async ({ workspaceId }, versionId) => {
      await intake.drained(seedWaitMs);
      return answered(store.logsOfVersion(workspaceId, versionId));
    },
    judgments: async ({ workspaceId }, logIds, evaluatorIds) => {
      await reads.settled();
      return answered(store.judgments(workspaceId, logIds, evaluatorIds));
    },
    pairs: async ({ workspaceId }, logIds, evaluatorIds) => {
      await reads.settled();
      return answered(store.pairs(workspaceId, logIds, evaluatorIds));
    },
  };
}

/** Random bytes, taken from the system by the thousand: a call of its own for every id costs more than the id. */
function randomPool(): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(4_096);
  let used = pool.length;
  return (bytes) => {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.subarray(used - bytes, used);
  };
}

async function* exported(
  reads: Reads,
  store: LogStore,
  { workspaceId }: Scope,
  filter: LogFilter,
  signal: AbortSignal,
): AsyncGenerator<StoredLog, void, undefined> {
  await reads.settled();
  let before: RowKey | null = null;
  for (;;) {
    signal.throwIfAborted();
    const page: LogPage = { page: 1, size: exportPage, payload: true, count: false };
    const rows: SummaryRow[] = await answered(store.page(workspaceId, filter, page, before));
    for (let i = 0; i < rows.length; i += payloadsAtOnce) {
      signal.throwIfAborted();
      yield* await reads.present(workspaceId, rows.slice(i, i + payloadsAtOnce), true);
    }
    const last = rows.at(-1);
    if (!last || rows.length < exportPage) return;
    before = { at: last.at, id: last.id };
  }
}

function countsOf(rows: readonly { fileId: string; versionId: string; n: number; last: number }[]): Awaited<ReturnType<Logs['counts']>> {
  const counts: Awaited<ReturnType<Logs['counts']>> = new Map();
  for (const { fileId, versionId, n, last } of rows) {
    const file = counts.get(fileId) ?? { total: 0, byVersion: new Map<string, number>(), lastAt: null };
    file.total += n;
    file.byVersion.set(versionId, n);
    if (file.lastAt === null || file.lastAt.getTime() < last) file.lastAt = new Date(last);
    counts.set(fileId, file);
  }
  return counts;
}
