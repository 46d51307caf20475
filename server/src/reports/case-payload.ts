import type { ReportCase, Scope } from '@whetstone/contract';
import { meanOf, outcomeOf, type Prepared } from '@whetstone/domain';
import { countsAnyVersion } from '../evaluations/index.ts';
import type { StoredDatapoint } from '../files/index.ts';
import type { StoredJudgment, StoredLog } from '../logs/index.ts';
import type { CaseFact } from './cases.ts';
import type { Room } from './create-reports.ts';
import type { Loaded } from './load.ts';

/** Of an answer in a list; an export has all of it. */
const longestShown = 4_000;

type CaseLog = ReportCase['runs'][number]['logs'][number];

/** Cases with what was asked, answered and judged. */
export async function presentCases(
  room: Room,
  scope: Scope,
  loaded: Loaded,
  prepared: Prepared,
  judge: Prepared['primary'],
  shown: readonly CaseFact[],
  longest = longestShown,
): Promise<ReportCase[]> {
  const { input, columns, rows, positions } = loaded;
  const wanted = new Set(shown.map(({ at }) => at));
  const rowsOf = new Map(
    prepared.runs.map(({ run }) => {
      const own = (rows.get(run.run_id) ?? []).map((i) => ({
        i,
        at: positions.get(columns.datapointIds[i] === '' ? columns.ids[i]! : columns.datapointIds[i]!)!,
      }));
      return [
        run.run_id,
        Map.groupBy(
          own.filter(({ at }) => wanted.has(at)),
          ({ at }) => at,
        ),
      ] as const;
    }),
  );
  const ids = [...new Set([...rowsOf.values()].flatMap((byCase) => [...byCase.values()].flat().map(({ i }) => columns.ids[i]!)))];
  const [datapoints, logs, judgments] = await Promise.all([
    room.files.datasets.datapointsById(
      scope,
      shown.map(({ at }) => input.cases[at]!),
    ),
    Promise.all(ids.map((id) => room.logs.find(scope, id))),
    room.logs.judgmentsOf(scope, ids),
  ]);
  const found = new Map(logs.flatMap((log) => (log === null ? [] : [[log.id, log] as const])));
  return shown.map(({ at, difference, change }) => ({
    position: at < loaded.inDatasets ? at : null,
    datapoint: datapointOf(datapoints.get(input.cases[at]!), input.cases[at]!),
    difference,
    change,
    runs: prepared.runs.map(({ run }) => ({
      run_id: run.run_id,
      score: judge === null ? null : meanOf(prepared.reading(run, judge).repeats[at]!),
      logs: (rowsOf.get(run.run_id)?.get(at) ?? []).flatMap(({ i }) => {
        const log = found.get(columns.ids[i]!);
        return log === undefined
          ? []
          : [presentLog(log, columns.costUsd[i] ?? null, judgmentsOf(prepared, judgments.get(log.id) ?? []), longest)];
      }),
    })),
  }));
}

/** What is in no dataset has no inputs of its own to show. */
function datapointOf(stored: StoredDatapoint | undefined, id: string): ReportCase['datapoint'] {
  return stored ?? { id, inputs: null, messages: null, target: null, metadata: null, split: null, tags: [] };
}

function presentLog(log: StoredLog, costUsd: number | null, judgments: CaseLog['judgments'], longest: number): CaseLog {
  const output = outputOf(log);
  return {
    log_id: log.id,
    output: output === null ? null : output.slice(0, longest),
    output_cut: output !== null && output.length > longest,
    error: log.error,
    status: log.status,
    cost_usd: costUsd,
    latency_ms: log.latencyMs,
    finish_reason: log.finishReason,
    model: log.model,
    at: log.at.toISOString(),
    judgments,
  };
}

export function outputOf({ output, outputMessage }: Pick<StoredLog, 'output' | 'outputMessage'>): string | null {
  if (output !== null && output !== '') return output;
  const calls = outputMessage?.tool_calls ?? [];
  if (calls.length > 0) return JSON.stringify(calls, null, 2);
  return typeof outputMessage?.content === 'string' ? outputMessage.content : output;
}

/** Of each evaluator of the report the last judgment, as it is counted. */
export function judgmentsOf({ judges }: Prepared, all: readonly StoredJudgment[]): CaseLog['judgments'] {
  const known = judges.map(({ judge }) => ({ ...judge, orchestrated: false }));
  return judges.flatMap(({ judge, scale }, at) => {
    const any = countsAnyVersion(known[at]!, known);
    const own = all.filter((each) => each.evaluatorVersionId === judge.versionId || (any && each.evaluatorId === judge.fileId));
    const last = own.toSorted((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1)).at(-1);
    if (last === undefined) return [];
    const { id, value, reason, error } = last;
    return [
      { judgment_id: id, evaluator_version_id: judge.versionId, value, reason, error, outcome: error ? null : outcomeOf(scale, value) },
    ];
  });
}
