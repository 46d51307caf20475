import type { EvaluationStatus, RunProgress } from '@whetstone/contract';
import type { RunLog } from '../logs/index.ts';
import type { ItemCounts } from './orchestrate/store.ts';
import type { Judge, Judged } from './stats.ts';
import { roundUsd } from './estimate/money.ts';
import type { LinkedRunRow } from './tables.ts';

interface Known {
  row: LinkedRunRow;
  status: EvaluationStatus;
  /** Null: the server makes nothing in it. */
  items: ItemCounts | null;
  datapoints: number | null;
  logs: readonly RunLog[];
  judged: readonly { judge: Judge; judged: Judged }[];
  now: Date;
}

/** How far a run is. */
export function progressOf({ row, status, items, datapoints, logs, judged, now }: Known): RunProgress {
  const complete = logs.filter((log) => log.complete);
  const total = datapoints === null ? null : datapoints * row.repetitions;
  const waited = judged.filter(({ judge }) => judge.orchestrated || judge.spec.evaluator_type === 'external');
  const made = waited.map(({ judged: its }) => complete.filter(({ id }) => its.has(id)).length).reduce((sum, n) => sum + n, 0);
  const left = row.expected_end === null ? null : (row.expected_end.getTime() - now.getTime()) / 1000;
  return {
    total,
    done: items === null || total === null ? complete.length : total - items.waiting,
    failed: items?.failed ?? 0,
    from_cache: items?.cached ?? 0,
    judged: made,
    awaited_judgments: complete.length * waited.length - made,
    cost_usd: row.spent_usd === null ? null : roundUsd(row.spent_usd),
    unpriced_calls: row.unpriced,
    seconds_left: status === 'running' && left !== null ? Math.max(0, Math.round(left)) : null,
  };
}
