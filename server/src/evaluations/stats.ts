import type { EvaluationStatus, EvaluatorSpec, EvaluatorStats } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import type { RunJudgment, RunLog } from '../logs/index.ts';

/** What the logs of a run and their judgments come to. */

export interface Judge {
  versionId: string;
  fileId: string;
  spec: EvaluatorSpec;
  /** The server judges. */
  orchestrated: boolean;
}

/** The judgments of one evaluator, by log: the last one counts. */
export type Judged = ReadonlyMap<string, RunJudgment>;

/**
 * Code outside is versioned by its text, and its judgments may name an older version than the evaluation does; they still count,
 * unless the evaluation compares two versions of it. Judgments of any other evaluator count for the version that made them.
 */
export function judgedBy(judge: Judge, judges: readonly Judge[], judgments: readonly RunJudgment[]): Judged {
  const anyVersion = countsAnyVersion(judge, judges);
  const judged = new Map<string, RunJudgment>();
  for (const judgment of judgments) {
    if (judgment.evaluatorVersionId === judge.versionId || (anyVersion && judgment.evaluatorId === judge.fileId))
      judged.set(judgment.logId, judgment);
  }
  return judged;
}

export function countsAnyVersion(judge: Judge, judges: readonly Judge[]): boolean {
  return judge.spec.evaluator_type === 'external' && judges.filter(({ fileId }) => fileId === judge.fileId).length === 1;
}

/** Whether the evaluator judges logs of the run: one that compares answers has nothing to say of the baseline by itself. */
export function asks({ spec }: Pick<Judge, 'spec'>, baseline: boolean): boolean {
  return !(baseline && isPairwise(spec));
}

/**
 * A run is over when every datapoint has a log, nothing waits to be made, and each log was judged by every evaluator that the
 * server runs or that judges outside. People take their time: they are not waited for.
 *
 * @param waiting logs that the server has yet to make
 */
export function statusOf(
  ended: 'completed' | 'cancelled' | null,
  datapointIds: readonly string[] | null,
  logs: readonly Pick<RunLog, 'id' | 'datapointId' | 'complete'>[],
  judges: readonly { judge: Judge; judged: Pick<Judged, 'has'> }[],
  waiting = 0,
): EvaluationStatus {
  if (ended !== null) return ended;
  if (datapointIds === null || waiting > 0) return 'running';
  const covered = new Set(logs.flatMap((log) => (log.complete && log.datapointId !== null ? [log.datapointId] : [])));
  if (!datapointIds.every((id) => covered.has(id))) return 'running';
  const awaited = judges.filter(({ judge }) => judge.orchestrated || judge.spec.evaluator_type === 'external');
  return logs.every((log) => awaited.every(({ judged }) => judged.has(log.id))) ? 'completed' : 'running';
}

/** Of an evaluation: a cancelled run is over too, or clients that wait for the whole would wait for ever. */
export function statusOfAll(runs: readonly { status: EvaluationStatus }[]): EvaluationStatus {
  if (runs.length === 0) return 'pending';
  return runs.every(({ status }) => status === 'completed' || status === 'cancelled') ? 'completed' : 'running';
}

export function evaluatorStats(judge: Judge, logs: readonly RunLog[], judged: Judged): EvaluatorStats {
  const own = logs.flatMap((log) => judged.get(log.id) ?? []);
  const values = own.flatMap(({ value, failed }) => (value === null || failed ? [] : [value]));
  const counts = {
    evaluator_version_id: judge.versionId,
    total_logs: logs.length,
    num_judgments: values.length,
    num_nulls: own.filter(({ value, failed }) => value === null && !failed).length,
    num_errors: own.filter(({ failed }) => failed).length,
  };
  switch (judge.spec.return_type) {
    case 'boolean':
      return {
        ...counts,
        num_true: values.filter((value) => value === true).length,
        num_false: values.filter((value) => value === false).length,
      };
    case 'number':
      return { ...counts, ...numbers(values.filter((value) => typeof value === 'number')) };
    case 'select':
    case 'multi_select':
      return { ...counts, num_judgments_per_option: perOption(judge.spec, values.flat().map(String)) };
    case 'text':
      return counts;
  }
}

const percents = [0, 5, 25, 50, 75, 95, 100];

function numbers(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  if (n === 0) return { mean: null, sum: null, std: null, percentiles: {} };
  const sum = sorted.reduce((total, value) => total + value, 0);
  const mean = sum / n;
  const squares = sorted.reduce((total, value) => total + (value - mean) ** 2, 0);
  return {
    mean,
    sum,
    // Of the sample; one value has no spread.
    std: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    percentiles: Object.fromEntries(percents.map((percent) => [String(percent), quantile(sorted, percent / 100)])),
  };
}

/** Between neighbours in proportion. */
function quantile(sorted: readonly number[], at: number): number {
  const place = at * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** Options that nobody chose count zero; what is no option any more is counted too. */
function perOption(spec: EvaluatorSpec, chosen: readonly string[]): Record<string, number> {
  const counts = new Map((spec.options ?? []).map(({ name }) => [name, 0]));
  for (const option of chosen) counts.set(option, (counts.get(option) ?? 0) + 1);
  return Object.fromEntries(counts);
}
