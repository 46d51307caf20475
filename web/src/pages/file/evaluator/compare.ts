import type { EvaluatorLogResponse, EvaluatorSpec, JudgmentValue, TriedJudgment } from '@whetstone/contract';
import {
  cohenKappa,
  type Estimate,
  type JudgeAccuracy,
  judgeAccuracy,
  type Kappa,
  type MeanEstimate,
  pairedMeanDifference,
  type PairedProportions,
  pairedVerdictInterval,
} from '@whetstone/statistics';
import { valenceOf } from '../../../parts/logs/judgment-marks.tsx';
import { categoryOf, valueValence } from '../../../parts/judge/value.ts';

/** Two versions of an evaluator over the same logs. */
export interface Comparison {
  /** Logs that both judged. */
  both: number;
  /** Logs that only one of them judged, or neither. */
  apart: number;
  flips: Flip[];
  /** Agreement beyond chance; null where answers are numbers or texts. */
  kappa: Kappa | null;
  /** Second minus first: of the share that is good, or of the mean. Null where answers are neither. */
  difference: Difference | null;
}
export interface Flip {
  logId: string;
  from: TriedJudgment;
  to: TriedJudgment;
  kind: 'better' | 'worse' | 'other';
}
export type Difference = { of: 'share'; estimate: PairedProportions } | { of: 'mean'; estimate: MeanEstimate };

type Trials = ReadonlyMap<string, TriedJudgment>;

export function compareTrials(spec: EvaluatorSpec, first: Trials, second: Trials, logIds: readonly string[]): Comparison {
  const tried = logIds.flatMap((id) => {
    const [from, to] = [first.get(id), second.get(id)];
    return from === undefined || to === undefined ? [] : [{ logId: id, from, to }];
  });
  const pairs = tried.flatMap((pair) =>
    pair.from.judgment === null || pair.to.judgment === null ? [] : [{ ...pair, a: pair.from.judgment, b: pair.to.judgment }],
  );
  const flips = tried.filter(({ from, to }) => isFlip(from, to)).map((pair) => ({ ...pair, kind: kindOf(spec, pair.from, pair.to) }));
  return {
    both: pairs.length,
    apart: tried.length - pairs.length,
    flips: flips.toSorted((a, b) => order[a.kind] - order[b.kind]),
    kappa: spec.return_type === 'number' || spec.return_type === 'text' ? null : kappaOf(pairs),
    difference: differenceOf(spec, pairs),
  };
}
const order = { worse: 0, better: 1, other: 2 } as const;
interface Pair {
  a: JudgmentValue;
  b: JudgmentValue;
}

/** Another answer, or a judgment on one side only. */
function isFlip(from: TriedJudgment, to: TriedJudgment): boolean {
  if (from.judgment === null || to.judgment === null) return from.outcome !== to.outcome;
  return categoryOf(from.judgment) !== categoryOf(to.judgment);
}

function kindOf(spec: EvaluatorSpec, from: TriedJudgment, to: TriedJudgment): Flip['kind'] {
  if (from.judgment === null || to.judgment === null) return 'other';
  if (typeof from.judgment === 'number' && typeof to.judgment === 'number') {
    const up = to.judgment > from.judgment;
    if (spec.number_valence === 'positive') return up ? 'better' : 'worse';
    if (spec.number_valence === 'negative') return up ? 'worse' : 'better';
    return 'other';
  }
  const [before, after] = [rank[valueValence(spec, from.judgment)], rank[valueValence(spec, to.judgment)]];
  return after > before ? 'better' : after < before ? 'worse' : 'other';
}
const rank = { negative: -1, neutral: 0, positive: 1 } as const;

function kappaOf(pairs: readonly Pair[]): Kappa {
  const names = [...new Set(pairs.flatMap(({ a, b }) => [categoryOf(a), categoryOf(b)]))];
  const table = names.map((row) =>
    names.map((column) => pairs.filter(({ a, b }) => categoryOf(a) === row && categoryOf(b) === column).length),
  );
  return cohenKappa(table);
}

function differenceOf(spec: EvaluatorSpec, pairs: readonly Pair[]): Difference | null {
  if (spec.return_type === 'number') {
    const values = (side: 'a' | 'b') => pairs.map((pair) => [Number(pair[side])]);
    return { of: 'mean', estimate: pairedMeanDifference(values('a'), values('b')) };
  }
  const good = (value: JudgmentValue) => valueValence(spec, value) === 'positive';
  const told = pairs.filter(({ a, b }) => valueValence(spec, a) !== 'neutral' && valueValence(spec, b) !== 'neutral');
  if (told.length === 0) return null;
  const count = (a: boolean, b: boolean) => told.filter((pair) => good(pair.a) === a && good(pair.b) === b).length;
  const counts = { bothPass: count(true, true), onlyA: count(true, false), onlyB: count(false, true), neither: count(false, false) };
  return { of: 'share', estimate: pairedVerdictInterval(counts) };
}

/** What people said of a log as a whole: the side that more of them took; null when they are even, or nobody said. */
export function peopleSay(judgments: readonly EvaluatorLogResponse[]): 'positive' | 'negative' | null {
  const votes = judgments
    .filter(({ judgment_source: source, judgment }) => (source === 'human' || source === 'user') && judgment !== null)
    .map(valenceOf);
  const balance = votes.filter((vote) => vote === 'positive').length - votes.filter((vote) => vote === 'negative').length;
  return balance > 0 ? 'positive' : balance < 0 ? 'negative' : null;
}

/** How an evaluator does against people, over the logs that both judged good or bad. */
export function againstPeople(
  spec: EvaluatorSpec,
  trials: Trials,
  people: ReadonlyMap<string, 'positive' | 'negative'>,
): { labelled: number; accuracy: JudgeAccuracy } | null {
  const counts = { truePositive: 0, falseNegative: 0, trueNegative: 0, falsePositive: 0 };
  for (const [id, said] of people) {
    const value = trials.get(id)?.judgment ?? null;
    const judged = value === null ? 'neutral' : valueValence(spec, value);
    if (judged === 'neutral') continue;
    if (said === 'positive') counts[judged === 'positive' ? 'truePositive' : 'falseNegative'] += 1;
    else counts[judged === 'negative' ? 'trueNegative' : 'falsePositive'] += 1;
  }
  const labelled = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return labelled === 0 ? null : { labelled, accuracy: judgeAccuracy(counts) };
}

/** Agreement in words, after the bounds of Landis and Koch: the lower end of the interval is what can be claimed. */
export function agreementWords({ estimate, lower }: Estimate): string {
  if (estimate === null) return 'cannot tell';
  const at = lower ?? estimate;
  if (at >= 0.8) return 'nearly the same';
  if (at >= 0.6) return 'much alike';
  if (at >= 0.4) return 'somewhat alike';
  return estimate >= 0.6 ? 'perhaps alike' : 'different';
}
