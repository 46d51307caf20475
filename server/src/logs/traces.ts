import type { Scope } from '@whetstone/contract';
import type { StoredLog } from './index.ts';
import { answered, type Reads } from './reads.ts';
import type { SummaryRow } from './record/row.ts';
import type { LogStore } from './store.ts';

const deepest = 1_000;
/** Of all traces of one question. */
const mostLogs = 20_000;

/**
 * All logs of the traces that logs belong to, by start, under the ids that were asked for. A log that came before its parent
 * names the parent as its trace; so both ways, up to the roots and down from them, are gone step by step until nothing new
 * is found, all traces together: each step is one question to the store.
 */
export async function tracesOf(
  reads: Reads,
  store: LogStore,
  scope: Scope,
  ids: readonly string[],
  payload: boolean,
): Promise<Map<string, StoredLog[]>> {
  await reads.settled();
  const { workspaceId } = scope;
  const rootOfAsked = new Map(await Promise.all(ids.map(async (id) => [id, await rootOf(reads, workspaceId, id)] as const)));
  const traces = new Map([...new Set(rootOfAsked.values())].map((root) => [root, new Map<string, SummaryRow>()]));
  await Promise.all(
    [...traces].map(async ([rootId, rows]) => {
      const root = await reads.newestRow(workspaceId, rootId);
      if (root && root.deleted === 0) rows.set(root.id, root);
    }),
  );
  await addMembers(store, workspaceId, traces);
  const sorted = [...traces.values()].map((rows) => [...rows.values()].toSorted(byStart));
  const presented = new Map((await reads.present(workspaceId, sorted.flat(), payload)).map((log) => [log.id, log]));
  const logs = new Map(
    [...traces.keys()].map((rootId, at) => {
      const own = (sorted[at] ?? []).flatMap(({ id }) => presented.get(id) ?? []);
      // Whoever is in the trace says so, though its row may still name a parent that has become a child.
      return [
        rootId,
        own.map((log) => (log.traceId === null && log.id === rootId && own.length === 1 ? log : { ...log, traceId: rootId })),
      ];
    }),
  );
  return new Map([...rootOfAsked].map(([id, root]) => [id, logs.get(root) ?? []]));
}

/** Whoever names a root, then whoever names one of those. */
async function addMembers(store: LogStore, workspaceId: string, traces: ReadonlyMap<string, Map<string, SummaryRow>>): Promise<void> {
  const rootOfName = new Map([...traces.keys()].map((root) => [root, root]));
  let frontier = [...traces.keys()];
  let known = 0;
  while (frontier.length > 0 && known < mostLogs) {
    const members = await answered(store.ofTraces(workspaceId, frontier, mostLogs));
    frontier = [];
    for (const row of members) {
      const root = rootOfName.get(row.trace_id);
      const rows = root === undefined ? undefined : traces.get(root);
      if (root === undefined || rows === undefined || rows.has(row.id)) continue;
      rows.set(row.id, row);
      rootOfName.set(row.id, root);
      frontier.push(row.id);
      known += 1;
    }
  }
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

function byStart(a: SummaryRow, b: SummaryRow): number {
  return startOf(a) - startOf(b) || a.at - b.at || (a.id < b.id ? -1 : 1);
}

function startOf(row: SummaryRow): number {
  return row.start_time ?? row.at;
}
