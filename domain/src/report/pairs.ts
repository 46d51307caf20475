import type { ReportPairs } from '@whetstone/contract';
import { AppError } from '@whetstone/contract';
import { compareByHolm, turned } from './compare.ts';
import { noEstimate, quantileOver, scoreOf } from './estimate.ts';
import type { ReportInput } from './input.ts';
import { perCase } from './measures.ts';
import { exploratoryBecause, type Prepared, prepareReport, reportLevel as level } from './prepare.ts';
import { defaultMargin } from './scale.ts';
import { sidesOf } from './sides.ts';
import { differenceWords } from './words.ts';
import { verdictInWords } from '@whetstone/statistics';

const mostRuns = 50;

/** Every run against every other, by Holm over all pairs, and where each lies between quality, cost and latency. */
export function buildPairs(input: ReportInput, evaluator: string | null = null): ReportPairs {
  const prepared = prepareReport(input);
  const judge = judgeOf(prepared, evaluator);
  if (prepared.runs.length > mostRuns)
    throw new AppError('invalid_input', `${prepared.runs.length} runs have too many pairs: name up to ${mostRuns} of them by \`run_id\`.`);
  const margin = judge === null ? null : judge === prepared.primary ? prepared.settings.margin : defaultMargin(judge.scale);
  return {
    evaluator_version_id: judge?.judge.versionId ?? null,
    level,
    pairs: judge === null ? [] : pairsOf(prepared, judge, margin),
    points: pointsOf(prepared, judge),
    note: 'Every pair is paired by case. Verdicts hold together over all pairs (Holm), so a pair needs more evidence here than alone. The front is by the estimates: intervals that overlap may change it.',
  };
}

/** @throws AppError 404 */
export function judgeOf(prepared: Prepared, evaluator: string | null): Prepared['primary'] {
  if (evaluator === null) return prepared.primary;
  const judge = prepared.judges.find((each) => each.judge.versionId === evaluator);
  if (judge === undefined) throw new AppError('not_found', `The evaluation has no evaluator version \`${evaluator}\`.`);
  return judge;
}

function pairsOf(prepared: Prepared, judge: Prepared['judges'][number], margin: number | null): ReportPairs['pairs'] {
  const pairs = prepared.runs.flatMap((a, i) =>
    prepared.runs.slice(i + 1).flatMap((b) => {
      // A judge that compares answers has seen some of the pairs only.
      if (prepared.pairs(judge, a.run, b.run)?.length === 0) return [];
      return [sidesOf(prepared, judge, a, b)];
    }),
  );
  const exploratory = exploratoryBecause(
    prepared,
    judge,
    prepared.runs.map(({ run }) => run),
  );
  const { scale } = judge;
  const compared = compareByHolm(pairs, { scale, margin, level, groups: prepared.input.groups?.of ?? null, exploratory });
  return compared.flatMap((comparison, i) => {
    const [a, b] = pairs[i]!;
    const decided = comparison.verdict === 'better' || comparison.verdict === 'worse';
    // Only these name who is better; the other two say the same from both sides.
    const sentence = decided
      ? verdictInWords(
          {
            lower: 0 - comparison.upper!,
            upper: 0 - comparison.lower!,
            margin,
            higherIsBetter: scale.higherIsBetter ?? true,
          },
          { a: b.label, b: a.label, ...differenceWords(scale.unit) },
        )
      : comparison.sentence;
    return [comparison, turned(comparison, sentence)];
  });
}

function pointsOf(prepared: Prepared, judge: Prepared['primary']): ReportPairs['points'] {
  const cases = prepared.input.cases.length;
  const median = (run: Prepared['runs'][number]['run'], measure: 'cost_usd' | 'latency_ms') =>
    quantileOver(
      perCase(run, measure, cases).filter((value) => value !== undefined),
      0.5,
      level,
    );
  const points = prepared.runs.map(({ run, label }) => ({
    run_id: run.run_id,
    label,
    quality:
      judge === null
        ? noEstimate('no_order', level)
        : scoreOf(prepared.reading(run, judge), judge.scale, prepared.input.groups?.of ?? null, level),
    cost_usd: median(run, 'cost_usd'),
    latency_ms: median(run, 'latency_ms'),
  }));
  const direction = judge?.scale.higherIsBetter === false ? -1 : 1;
  const onFront = (point: (typeof points)[number], measure: 'cost_usd' | 'latency_ms'): boolean => {
    const [quality, price] = [point.quality.estimate, point[measure].estimate];
    if (quality === null || price === null) return false;
    return !points.some((other) => {
      const [theirs, cost] = [other.quality.estimate, other[measure].estimate];
      if (theirs === null || cost === null) return false;
      const gain = direction * (theirs - quality);
      return gain >= 0 && cost <= price && (gain > 0 || cost < price);
    });
  };
  return points.map((point) => ({ ...point, front: { cost: onFront(point, 'cost_usd'), latency: onFront(point, 'latency_ms') } }));
}
