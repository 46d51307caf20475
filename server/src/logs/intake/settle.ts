import { logIdAt } from '@whetstone/domain';
import type { JudgmentStore } from '../judgments/store.ts';
import { toJudgmentLine } from '../record/judgment.ts';
import { settledRow } from '../record/merge.ts';
import { toLine } from '../record/line.ts';
import type { LogStore } from '../store.ts';
import type { QueuedRow } from './intake.ts';
import type { Entry } from './journal.ts';

/** What rows become that were queued while the store was away, now that it can be asked what it has under their ids. */
export async function settle(
  store: LogStore,
  judgments: JudgmentStore,
  rows: readonly QueuedRow[],
): Promise<{ entry: Entry; line: Buffer }[]> {
  const settled: { entry: Entry; line: Buffer }[] = [];
  const logs = rows.flatMap((row) => ('log' in row ? [row] : []));
  for (const [workspaceId, own] of Map.groupBy(logs, ({ log }) => log.workspace_id)) {
    const stored = await store.newest(
      workspaceId,
      own.map(({ log }) => ({ id: log.id, at: logIdAt(log.id) })),
    );
    for (const { entry, log } of own) {
      const base = stored.get(log.id);
      settled.push({ entry, line: toLine(base ? settledRow(base, log) : log) });
    }
  }
  const judged = rows.flatMap((row) => ('judgment' in row ? [row] : []));
  for (const [workspaceId, own] of Map.groupBy(judged, ({ judgment }) => judgment.workspace_id)) {
    const stored = await judgments.newest(
      workspaceId,
      own.map(({ judgment: { id } }) => ({ id, at: logIdAt(id) })),
    );
    for (const { entry, judgment } of own) {
      const base = stored.get(judgment.id);
      const moved = base ? { ...judgment, at: base.at, row_version: base.row_version + judgment.row_version } : judgment;
      settled.push({ entry, line: toJudgmentLine(moved) });
    }
  }
  return settled;
}
