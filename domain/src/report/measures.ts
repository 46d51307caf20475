import type { ReportComparison, ReportMeasure } from '@whetstone/contract';
import { quantileInterval, verdict, verdictInWords } from '@whetstone/statistics';
import { quantileOver } from './estimate.ts';
import type { ReportLog, ReportRunInput } from './input.ts';
import { differenceWords, reasonText } from './words.ts';

/** Cost and latency: medians over cases, and the median of what each case differs in. A few slow calls would decide a mean. */

export type Measure = ReportMeasure['measure'];
const fields = { cost_usd: 'costUsd', latency_ms: 'latencyMs' } as const satisfies Record<Measure, keyof ReportLog>;
const units = { cost_usd: 'usd', latency_ms: 'ms' } as const;

/** Per case the mean over its logs; null where none is known, undefined where there is no log. */
export function perCase(run: ReportRunInput, measure: Measure, cases: number): (number | null | undefined)[] {
  const field = fields[measure];
  const sums = new Float64Array(cases);
  const known = new Uint32Array(cases);
  const seen = new Uint8Array(cases);
  for (const log of run.logs) {
    seen[log.at] = 1;
    const value = log[field];
    if (value === null) continue;
    sums[log.at]! += value;
    known[log.at]! += 1;
  }
  return Array.from(seen, (there, at) => (there === 0 ? undefined : known[at] === 0 ? null : sums[at]! / known[at]!));
}

export function measureRuns(
  runs: readonly { run: ReportRunInput; label: string }[],
  baseline: { run: ReportRunInput; label: string } | null,
  measure: Measure,
  cases: number,
  level: number,
): ReportMeasure {
  const values = new Map(runs.map(({ run }) => [run.run_id, perCase(run, measure, cases)]));
  const scores = runs.map(({ run }) => ({
    run_id: run.run_id,
    ...quantileOver(
      (values.get(run.run_id) ?? []).filter((value) => value !== undefined),
      0.5,
      level,
    ),
  }));
  const others = baseline === null ? [] : runs.filter(({ run }) => run.run_id !== baseline.run.run_id);
  const comparisons = others.map((other) => {
    const [a, b] = [values.get(baseline!.run.run_id)!, values.get(other.run.run_id)!];
    return compared(baseline!, other, pairsOf(a, b), measure, level);
  });
  return { measure, unit: units[measure], scores, comparisons };
}

function pairsOf(a: readonly (number | null | undefined)[], b: readonly (number | null | undefined)[]): (number | null)[] {
  return a.flatMap((left, at) => {
    const right = b[at];
    if (left === undefined && right === undefined) return [];
    return [left == null || right == null ? null : right - left];
  });
}

function compared(
  baseline: { run: ReportRunInput; label: string },
  other: { run: ReportRunInput; label: string },
  pairs: readonly (number | null)[],
  measure: Measure,
  level: number,
): ReportComparison {
  const kept = pairs.filter((value) => value !== null);
  const estimate = quantileInterval(kept, 0.5, level);
  const without = pairs.length - kept.length;
  const limits = { lower: estimate.lower, upper: estimate.upper, margin: null, higherIsBetter: false };
  const lower = kept.filter((value) => value < 0).length;
  const higher = kept.filter((value) => value > 0).length;
  const judged = verdict(limits).verdict;
  const { format, bare } = differenceWords(units[measure]);
  return {
    run_id: other.run.run_id,
    baseline_run_id: baseline.run.run_id,
    difference: estimate.estimate,
    lower: estimate.lower,
    upper: estimate.upper,
    level,
    n: estimate.n,
    units: estimate.units,
    method: 'median of the differences, by ranks',
    p: null,
    p_adjusted: null,
    verdict: judged,
    sentence: sentenceOf(
      verdictInWords({ ...limits, reason: estimate.reason }, { a: baseline.label, b: other.label, format, bare }),
      judged,
      measure,
    ),
    exploratory: true,
    exploratory_because: 'Cost and latency are shown beside the evaluators and decide nothing.',
    margin: null,
    below_margin: false,
    reason: estimate.reason,
    reason_text: reasonText(estimate.reason),
    warnings: [],
    dropped: without === 0 ? [] : [{ count: without, why: 'cases that lack a side' }],
    more_cases: null,
    more_repeats: null,
    became_better: lower,
    became_worse: higher,
    unchanged: kept.length - lower - higher,
    not_compared: without,
    missing_as_worst: null,
    missing_as_best: null,
  };
}

/** Of cost and time people say cheaper and faster. */
function sentenceOf(sentence: string, judged: ReportComparison['verdict'], measure: Measure): string {
  const words = { cost_usd: { better: 'cheaper', worse: 'dearer' }, latency_ms: { better: 'faster', worse: 'slower' } }[measure];
  if (judged !== 'better' && judged !== 'worse') return sentence;
  return `${sentence.replace(` is ${judged} by `, ` is ${words[judged]} by `).replace(/\.$/, '')} a case (median).`;
}
