import type { ReportComparison } from '@whetstone/contract';
import { adjustP, casesToTell, compareCases, type Comparison, holmLevels, verdictInWords } from '@whetstone/statistics';
import { meanOf } from './estimate.ts';
import { type Reading, shared } from './reading.ts';
import { isScored, type Scale } from './scale.ts';
import { differenceWords, reasonText, type Unit } from './words.ts';

/** Two runs over the same cases. */

export interface Side {
  id: string;
  label: string;
  reading: Reading;
}
export interface ComparingRuns {
  scale: Scale;
  margin: number | null;
  level: number;
  groups: readonly string[] | null;
  /** Null: it decides. */
  exploratory: string | null;
}

/** Changes smaller than what adding up in another order makes are none. */
const tiny = 1e-12;

/** Every run against the baseline, each by itself. `pairs` are baseline and run. */
export function compareEach(pairs: readonly (readonly [Side, Side])[], how: ComparingRuns): ReportComparison[] {
  return pairs.map(([baseline, other]) => {
    const pair = pairOf(baseline, other, how);
    return present(pair, pair.at(how.level), how, null);
  });
}

/** Two runs over some of the cases. */
export function compareWithin(baseline: Side, other: Side, how: ComparingRuns, cases: readonly number[]): ReportComparison {
  const pair = pairOf(baseline, other, how, new Set(cases));
  return present(pair, pair.at(how.level), how, null);
}

/** The same, each shown at the level that Holm's procedure gives it. `pairs` are baseline and run. */
export function compareByHolm(pairs: readonly (readonly [Side, Side])[], how: ComparingRuns): ReportComparison[] {
  const prepared = pairs.map(([baseline, other]) => pairOf(baseline, other, how));
  const first = prepared.map((pair) => pair.at(how.level));
  const p = first.map((comparison) => comparison.p ?? 1);
  const levels = holmLevels(p, how.level);
  const { holm } = adjustP(p);
  return prepared.map((pair, i) => {
    const comparison = levels[i] === how.level ? first[i]! : pair.at(levels[i]!);
    return present(pair, comparison, how, comparison.p === null ? null : holm[i]!);
  });
}

interface Pair {
  baseline: Side;
  other: Side;
  a: (number | null)[][];
  b: (number | null)[][];
  dropped: { count: number; why: string }[];
  at(level: number): Comparison;
}

function pairOf(baseline: Side, other: Side, { scale, margin, groups }: ComparingRuns, within: ReadonlySet<number> | null = null): Pair {
  const { cases: all, neutral, oneDataset } = shared(baseline.reading, other.reading);
  const cases = within === null ? all : all.filter((at) => within.has(at));
  const a = cases.map((at) => baseline.reading.repeats[at]!);
  const b = cases.map((at) => other.reading.repeats[at]!);
  const { range, higherIsBetter } = scale;
  const dropped = [
    { count: neutral, why: 'cases judged neither good nor bad' },
    { count: oneDataset, why: 'cases of only one of the two datasets' },
  ].filter(({ count }) => count > 0);
  const options = { range, higherIsBetter: higherIsBetter ?? true, margin, groups: groups && cases.map((at) => groups[at]!) };
  return { baseline, other, a, b, dropped, at: (level) => compareCases(a, b, { ...options, level }) };
}

function present(pair: Pair, comparison: Comparison, how: ComparingRuns, adjusted: number | null): ReportComparison {
  const { baseline, other, a, b } = pair;
  const { scale, margin, exploratory } = how;
  if (!isScored(scale)) return nothing(baseline.id, other.id, how);
  const { estimate, lower, upper, level, n, units, method, p, warnings, missingAsWorst, missingAsBest } = comparison;
  const undirected = scale.higherIsBetter === null && (comparison.verdict === 'better' || comparison.verdict === 'worse');
  const judged = undirected ? 'cannot_tell' : comparison.verdict;
  const reason = undirected ? 'no_direction' : comparison.reason;
  const more = judged === 'cannot_tell' && reason === null && margin !== null ? planOf(a, b, margin, how.level) : null;
  return {
    run_id: other.id,
    baseline_run_id: baseline.id,
    difference: estimate,
    lower,
    upper,
    level,
    n,
    units,
    method,
    p,
    p_adjusted: adjusted,
    verdict: judged,
    sentence: undirected ? undirectedSentence(pair, comparison, scale.unit) : sentenceOf(pair, comparison, how, more?.more ?? null),
    exploratory: exploratory !== null,
    exploratory_because: exploratory,
    margin,
    below_margin: !undirected && comparison.belowSmallestWorthwhile,
    reason,
    reason_text: reasonText(reason),
    warnings: [...warnings],
    dropped: [...comparison.dropped, ...pair.dropped].map(({ count, why }) => ({ count, why })),
    more_cases: more?.more ?? null,
    more_repeats: more?.repeats ?? null,
    ...changesOf(a, b, scale.higherIsBetter ?? true),
    missing_as_worst: missingAsWorst?.verdict ?? null,
    missing_as_best: missingAsBest?.verdict ?? null,
  };
}

function sentenceOf({ baseline, other }: Pair, comparison: Comparison, how: ComparingRuns, more: number | null): string {
  const { lower, upper, verdict, reason } = comparison;
  const open = verdict === 'cannot_tell';
  const units = how.groups === null ? 'cases' : 'groups of cases';
  return verdictInWords(
    // What is missing may leave open what the interval alone would say.
    {
      lower: open ? null : lower,
      upper: open ? null : upper,
      margin: how.margin,
      higherIsBetter: how.scale.higherIsBetter ?? true,
      reason,
    },
    { a: baseline.label, b: other.label, ...differenceWords(how.scale.unit), units, more: how.groups === null ? more : null },
  );
}

function undirectedSentence({ baseline, other }: Pair, { lower, upper }: Comparison, unit: Unit): string {
  const { format, bare } = differenceWords(unit);
  const [near, far] = [Math.abs(lower ?? 0), Math.abs(upper ?? 0)].sort((x, y) => x - y) as [number, number];
  const way = (lower ?? 0) > 0 ? 'higher' : 'lower';
  return `${other.label} is ${way} than ${baseline.label} by ${bare(near)} to ${format(far)}. ${reasonText('no_direction')}`;
}

/** What would tell, planned for the margin and never for what was observed. */
function planOf(a: Pair['a'], b: Pair['b'], margin: number, level: number) {
  const { plan } = casesToTell(a, b, { delta: margin, alpha: 1 - level });
  // With more cases than anybody has, the number itself says nothing.
  return plan === null || plan.more === 0 || plan.cases > 1e7 ? null : plan;
}

/** Cases by how they changed. */
export function changesOf(a: Pair['a'], b: Pair['b'], higherIsBetter: boolean) {
  const changes = { became_better: 0, became_worse: 0, unchanged: 0, not_compared: 0 };
  for (const [i, repeats] of a.entries()) {
    const change = changeOf(repeats, b[i]!, higherIsBetter);
    if (change === null) changes.not_compared += 1;
    else if (change === 0) changes.unchanged += 1;
    else changes[change > 0 ? 'became_better' : 'became_worse'] += 1;
  }
  return changes;
}

/** 1 better, −1 worse, 0 alike; null where a side is missing. */
export function changeOf(a: readonly (number | null)[], b: readonly (number | null)[], higherIsBetter: boolean): -1 | 0 | 1 | null {
  const difference = differenceOf(a, b);
  if (difference === null) return null;
  if (Math.abs(difference) < tiny) return 0;
  return difference > 0 === higherIsBetter ? 1 : -1;
}

export function differenceOf(a: readonly (number | null)[], b: readonly (number | null)[]): number | null {
  const [left, right] = [meanOf(a), meanOf(b)];
  return left === null || right === null ? null : right - left;
}

function nothing(baseline: string, run: string, { margin, level }: ComparingRuns): ReportComparison {
  return {
    run_id: run,
    baseline_run_id: baseline,
    difference: null,
    lower: null,
    upper: null,
    level,
    n: 0,
    units: 0,
    method: 'none',
    p: null,
    p_adjusted: null,
    verdict: 'cannot_tell',
    sentence: `Cannot tell: ${(reasonText('no_order') ?? '').toLowerCase()}`,
    exploratory: true,
    exploratory_because: reasonText('no_order'),
    margin,
    below_margin: false,
    reason: 'no_order',
    reason_text: reasonText('no_order'),
    warnings: [],
    dropped: [],
    more_cases: null,
    more_repeats: null,
    became_better: 0,
    became_worse: 0,
    unchanged: 0,
    not_compared: 0,
    missing_as_worst: null,
    missing_as_best: null,
  };
}

/** The same comparison seen from the other run. */
export function turned(comparison: ReportComparison, sentence: string): ReportComparison {
  const { run_id, baseline_run_id, difference, lower, upper, verdict, became_better, became_worse, missing_as_best, missing_as_worst } =
    comparison;
  const opposite = { better: 'worse', worse: 'better', no_difference: 'no_difference', cannot_tell: 'cannot_tell' } as const;
  const negative = (value: number | null) => (value === null ? null : 0 - value);
  return {
    ...comparison,
    run_id: baseline_run_id,
    baseline_run_id: run_id,
    difference: negative(difference),
    lower: negative(upper),
    upper: negative(lower),
    verdict: opposite[verdict],
    sentence,
    became_better: became_worse,
    became_worse: became_better,
    missing_as_best: missing_as_best && opposite[missing_as_best],
    missing_as_worst: missing_as_worst && opposite[missing_as_worst],
  };
}
