import type { Logs, RunJudgmentColumns, RunLogColumns } from '../index.ts';
import { answered, type Reads } from '../reads.ts';
import type { RunColumnStore } from './store-columns.ts';

const noLogs = (): RunLogColumns => ({
  ids: [],
  runIds: [],
  atMs: [],
  datapointIds: [],
  kinds: [],
  complete: [],
  statuses: [],
  costUsd: [],
  estimated: [],
  latencyMs: [],
  promptTokens: [],
  outputTokens: [],
  models: [],
  finishReasons: [],
});
const noJudgments = (): RunJudgmentColumns => ({
  logIds: [],
  evaluatorIds: [],
  versionIds: [],
  atMs: [],
  types: [],
  numbers: [],
  labels: [],
  texts: [],
  failed: [],
});

export function columnQuestions(reads: Reads, store: RunColumnStore): Pick<Logs['runs'], 'columns' | 'lengths' | 'matching'> {
  return {
    columns: runColumns(reads, store),
    lengths: ({ workspaceId }, places) => answered(store.lengths(workspaceId, places)),
    matching: ({ workspaceId }, places, text) => answered(store.matching(workspaceId, places, text)),
  };
}

const runColumns =
  (reads: Reads, store: RunColumnStore): Logs['runs']['columns'] =>
  async ({ workspaceId }, runIds, places, evaluatorIds) => {
    await reads.settled();
    const [written, placed, judgments] = await answered(
      Promise.all([
        store.logsOf(workspaceId, runIds),
        store.logsAt(workspaceId, places),
        store.judgments(workspaceId, runIds, places, evaluatorIds),
      ]),
    );
    const logs = joined(written ?? noLogs(), placed ?? noLogs());
    await fillFlows(logs, (ids) => answered(store.costOfTraces(workspaceId, ids)));
    return { logs, judgments: judgments ?? noJudgments() };
  };

/** Both, each log once, oldest first. */
function joined(a: RunLogColumns, b: RunLogColumns): RunLogColumns {
  if (b.ids.length === 0) return a;
  const known = new Set(a.ids);
  const added = [...b.ids.keys()].filter((i) => !known.has(b.ids[i]!));
  const all = noLogs();
  for (const key of Object.keys(all) as (keyof RunLogColumns)[]) {
    (all[key] as unknown[]) = [...(a[key] as unknown[]), ...added.map((i) => b[key][i])];
  }
  const order = [...all.atMs.keys()].sort((i, j) => all.atMs[i]! - all.atMs[j]!);
  for (const key of Object.keys(all) as (keyof RunLogColumns)[]) (all[key] as unknown[]) = order.map((i) => all[key][i]);
  return all;
}

/** A flow is code: what it cost is what it called. Agents have their sum already. */
async function fillFlows(
  logs: RunLogColumns,
  costOf: (ids: readonly string[]) => Promise<Map<string, { costUsd: number | null; estimated: boolean }>>,
): Promise<void> {
  const flows = [...logs.ids.keys()].filter((i) => logs.kinds[i] === 'flow' && logs.costUsd[i] === null);
  if (flows.length === 0) return;
  const costs = await costOf(flows.map((i) => logs.ids[i]!));
  for (const i of flows) {
    const cost = costs.get(logs.ids[i]!);
    if (cost === undefined) continue;
    logs.costUsd[i] = cost.costUsd;
    logs.estimated[i] = cost.estimated ? 1 : 0;
  }
}
