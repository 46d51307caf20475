import type { Scope } from '@whetstone/contract';
import type { StoredLog } from './index.ts';
import { answered, type Reads } from './reads.ts';
import type { SummaryRow } from './record/row.ts';
import type { LogStore } from './store.ts';

const deepest = 1_000;
const mostLogs = 10_000;

/**
 * All logs of the trace that a log belongs to, by start. A log that came before its parent names the parent as its trace;
 * so both ways, up to the root and down from it, are gone step by step until nothing new is found.
 */
export async function traceOf(reads: Reads, store: LogStore, scope: Scope, id: string, payload: boolean): Promise<StoredLog[]> {
  await reads.settled();
  const rootId = await rootOf(reads, scope.workspaceId, id);
  const root = await reads.newestRow(scope.workspaceId, rootId);
  const rows = new Map<string, SummaryRow>();
  if (root && root.deleted === 0) rows.set(root.id, root);
  let frontier = [rootId];
  while (frontier.length > 0 && rows.size < mostLogs) {
    const members = await answered(store.ofTraces(scope.workspaceId, frontier, mostLogs));
    frontier = [];
    for (const row of members) {
      if (rows.has(row.id)) continue;
      rows.set(row.id, row);
      frontier.push(row.id);
    }
  }
  const sorted = [...rows.values()].sort((a, b) => startOf(a) - startOf(b) || a.at - b.at || (a.id < b.id ? -1 : 1));
  const logs = await reads.present(scope.workspaceId, sorted, payload);
  // Whoever is in the trace says so, though its row may still name a parent that has become a child.
  return logs.map((log) => (log.traceId === null && log.id === rootId && logs.length === 1 ? log : { ...log, traceId: rootId }));
}

/** The root of a log's trace, or its own id; the topmost name when the root has not come yet. */
export async function rootOf(reads: Reads, workspaceId: string, id: string): Promise<string> {
  const seen = new Set<string>();
  let current = id;
  while (!seen.has(current) && seen.size < deepest) {
    seen.add(current);
    const row = await reads.newestRow(workspaceId, current);
    if (!row || row.parent_id === '') return current;
    current = row.trace_id !== '' && row.trace_id !== row.id ? row.trace_id : row.parent_id;
  }
  return current;
}

function startOf(row: SummaryRow): number {
  return row.start_time ?? row.at;
}
