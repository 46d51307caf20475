import type { Scope } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { RunLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import { runLogs } from '../store-runs.ts';
import { type Baseline, findBaseline, pairingsOfRun } from './store-pairs.ts';

/** Judges that compare answers, and the run that this one is compared with. */
export interface Pairing {
  baselineId: string;
  evaluators: Snapshot<'evaluator'>[];
}

/** By all evaluations that the run is in; `baselineId` may be the run itself. */
export async function pairingsOf(room: Room, scope: Scope, runId: string): Promise<Pairing[]> {
  const rows = await pairingsOfRun(room.db, runId);
  const versions = await room.files.versionsById(scope, [...new Set(rows.map(({ evaluatorVersionId }) => evaluatorVersionId))]);
  const pairings = new Map<string, Map<string, Snapshot<'evaluator'>>>();
  for (const { baselineId, evaluatorVersionId } of rows) {
    const found = versions.get(evaluatorVersionId) as Snapshot<'evaluator'> | undefined;
    if (found?.kind !== 'evaluator' || !isPairwise(found.version.kernel.spec)) continue;
    const its = pairings.get(baselineId) ?? new Map<string, Snapshot<'evaluator'>>();
    pairings.set(baselineId, its.set(evaluatorVersionId, found));
  }
  return [...pairings].map(([baselineId, evaluators]) => ({ baselineId, evaluators: [...evaluators.values()] }));
}

/** A log, and the one that it is compared with; null: the baseline has none, and will have none. */
export interface Matched {
  logId: string;
  others: string[];
  otherId: string | null;
}

/**
 * The logs of a run beside those of the baseline: same datapoint, repetitions in their order; where the baseline has fewer, its own
 * serve again.
 * @returns also whether some have to wait, because the baseline is still being made
 */
export async function matchedLogs(
  room: Room,
  scope: Scope,
  runId: string,
  baselineId: string,
): Promise<{ matched: Matched[]; waits: boolean }> {
  const baseline = await findBaseline(room.db, baselineId);
  if (baseline === null) return { matched: [], waits: false };
  const [own, theirs] = await Promise.all([runId, baselineId].map((id) => completeLogs(room, scope, id)));
  const done = await isMade(room, scope, baseline, theirs!);
  const matched: Matched[] = [];
  let waits = false;
  for (const [datapointId, logs] of own!) {
    const others = theirs!.get(datapointId) ?? [];
    if (!done && others.length < baseline.repetitions) waits = true;
    else
      for (const [place, logId] of logs.entries())
        matched.push({ logId, others, otherId: others.length === 0 ? null : (others[place % others.length] ?? null) });
  }
  return { matched, waits };
}

/** By datapoint, in an order that does not depend on when they are read. */
async function completeLogs(room: Room, scope: Scope, runId: string): Promise<Map<string, string[]>> {
  const logs = await room.logs.runs.logs(scope, [runId], await runLogs(room.db, [runId]));
  const ready = logs.filter((log): log is RunLog & { datapointId: string } => log.complete && log.datapointId !== null);
  const sorted = ready.toSorted((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  return new Map([...Map.groupBy(sorted, ({ datapointId }) => datapointId)].map(([id, own]) => [id, own.map((log) => log.id)]));
}

async function isMade(room: Room, scope: Scope, baseline: Baseline, logs: ReadonlyMap<string, string[]>): Promise<boolean> {
  if (baseline.ended) return true;
  if (baseline.waiting > 0 || baseline.datasetVersionId === null) return false;
  const ids = await room.files.datasets.datapointIds(scope, baseline.datasetVersionId);
  return ids.every((id) => logs.has(id));
}
