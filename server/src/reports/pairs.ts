import { pairOptions, type PairVerdict, type Scope } from '@whetstone/contract';
import { isPairwise, type ReportJudge, type ReportPairJudgment } from '@whetstone/domain';
import type { RunLogColumns, RunPair } from '../logs/index.ts';
import type { Room } from './create-reports.ts';

interface Ground {
  logs: RunLogColumns;
  /** Rows of the runs. */
  rows: ReadonlyMap<string, readonly number[]>;
  positions: ReadonlyMap<string, number>;
}

const verdicts = new Map<string, PairVerdict>(pairOptions.map(({ name }) => [name, name]));

/** What judges that compare two answers said, by the runs that the two are in. Of several judgments of one pair the last counts. */
export async function pairsOf(
  room: Room,
  scope: Scope,
  judges: readonly { judge: ReportJudge }[],
  { logs, rows, positions }: Ground,
): Promise<ReportPairJudgment[]> {
  const comparing = new Map(judges.flatMap(({ judge }, at) => (isPairwise(judge.spec) ? [[judge.versionId, at] as const] : [])));
  if (comparing.size === 0) return [];
  const fileIds = [...new Set([...comparing.values()].map((at) => judges[at]!.judge.fileId))];
  const found = await room.logs.runs.pairs(scope, logs.ids, fileIds);
  const rowOf = new Map(logs.ids.map((id, i) => [id, i]));
  const runsOf = runsByRow(rows);
  const last = new Map<string, ReportPairJudgment>();
  for (const pair of found) {
    const evaluator = comparing.get(pair.evaluatorVersionId);
    const [own, other] = [rowOf.get(pair.logId), rowOf.get(pair.otherId)];
    if (evaluator === undefined || own === undefined || other === undefined) continue;
    const at = positions.get(caseOf(logs, own));
    if (at === undefined || caseOf(logs, own) !== caseOf(logs, other)) continue;
    for (const runId of runsOf.get(own) ?? [])
      for (const baselineId of runsOf.get(other) ?? [])
        if (runId !== baselineId)
          last.set(`${evaluator} ${pair.logId} ${runId} ${baselineId}`, { evaluator, at, runId, baselineId, ...saidOf(pair) });
  }
  return [...last.values()];
}

function saidOf({ value, failed, orders: [first, second] }: RunPair): Pick<ReportPairJudgment, 'value' | 'failed' | 'orders'> {
  return {
    value: failed ? null : (verdicts.get(value ?? '') ?? null),
    failed,
    orders: [verdicts.get(first) ?? null, verdicts.get(second) ?? null],
  };
}

function caseOf(logs: RunLogColumns, i: number): string {
  return logs.datapointIds[i] === '' ? logs.ids[i]! : logs.datapointIds[i]!;
}

function runsByRow(rows: Ground['rows']): Map<number, string[]> {
  const runs = new Map<number, string[]>();
  for (const [runId, own] of rows) for (const i of own) runs.set(i, [...(runs.get(i) ?? []), runId]);
  return runs;
}
