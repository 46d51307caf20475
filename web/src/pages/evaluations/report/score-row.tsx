import type { ReportComparison, ReportMeasure, ReportRun } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { formatDifference, formatScore, type ScoreUnit } from '../../../parts/evaluation/numbers.ts';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { versionColour } from '../../../parts/version.tsx';

type Score = Pick<ReportMeasure['scores'][number], 'estimate' | 'lower' | 'upper' | 'n' | 'units' | 'reason_text'>;

/** One run's score, and how it differs from the baseline's: the verdict before the figure. */
export function ScoreRow({
  run,
  score,
  scale,
  unit,
  comparison,
  differenceScale,
  live,
  below,
}: {
  run: ReportRun;
  score: Score | undefined;
  scale: readonly [number, number];
  unit: ScoreUnit;
  comparison: ReportComparison | undefined;
  differenceScale: readonly [number, number];
  live: boolean;
  below?: ReactNode;
}): ReactNode {
  return (
    <div
      role="row"
      className="grid gap-x-5 gap-y-1 border-t border-line px-3 py-2.5 @md:grid-cols-[minmax(110px,150px)_minmax(0,1fr)] @4xl:grid-cols-[170px_minmax(0,1fr)_minmax(0,1.1fr)]"
    >
      <span role="cell" className="min-w-0 @md:pt-0.5">
        <RunMark run={run} className="max-w-full" />
        {run.baseline && <span className="block pl-2 text-meta text-ink-3">baseline</span>}
      </span>
      <span role="cell" className="min-w-0">
        <ScoreFigure run={run} score={score} scale={scale} unit={unit} />
        {below}
      </span>
      <span role="cell" className="min-w-0 @md:@max-4xl:col-start-2">
        {comparison &&
          (live ? (
            <span className="text-meta text-ink-3">compared when all runs have ended</span>
          ) : (
            <Difference comparison={comparison} unit={unit} scale={differenceScale} />
          ))}
      </span>
    </div>
  );
}

function ScoreFigure({
  run,
  score,
  scale,
  unit,
}: {
  run: ReportRun;
  score: Score | undefined;
  scale: readonly [number, number];
  unit: ScoreUnit;
}): ReactNode {
  if (score === undefined || score.estimate === null) return <span className="text-ink-3">{score?.reason_text ?? 'Not judged yet.'}</span>;
  const interval =
    score.lower === null || score.upper === null ? 'no interval' : `${formatScore(unit, score.lower)} to ${formatScore(unit, score.upper)}`;
  const why = score.lower === null && score.reason_text !== null ? `${score.reason_text} ` : '';
  const sample =
    score.units === score.n
      ? `${formatCount(score.n)} ${score.n === 1 ? 'case' : 'cases'}`
      : `${formatCount(score.n)} judgments of ${formatCount(score.units)} cases`;
  return (
    <Tip label={`${why}${sample}`}>
      <span className="flex min-h-6 items-center gap-3">
        <span className="min-w-18 shrink-0 text-right font-mono text-[15px] font-medium tabular-nums">
          {formatScore(unit, score.estimate)}
        </span>
        <Interval {...score} scale={scale} colour={versionColour(run.version?.content_hash)} className="max-w-64 flex-1" />
        <span className="num shrink-0 text-ink-3 @max-lg:hidden">{interval}</span>
      </span>
    </Tip>
  );
}

function Difference({
  comparison,
  unit,
  scale,
}: {
  comparison: ReportComparison;
  unit: ScoreUnit;
  scale: readonly [number, number];
}): ReactNode {
  const { difference, lower, upper, margin, level } = comparison;
  const interval =
    lower === null || upper === null
      ? ''
      : `${Math.round(level * 100)} % interval ${formatDifference(unit, lower)} to ${formatDifference(unit, upper)}`;
  return (
    <span className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-1">
      <span className="w-34 shrink-0">
        <VerdictBadge word={comparison.verdict} sentence={comparison.sentence} />
      </span>
      {difference !== null && (
        <Tip label={interval}>
          <span className="flex min-w-0 flex-1 items-center gap-3">
            <Interval estimate={difference} lower={lower} upper={upper} scale={scale} around={{ margin }} className="max-w-48 flex-1" />
            <span className="num w-24 shrink-0">{formatDifference(unit, difference)}</span>
          </span>
        </Tip>
      )}
    </span>
  );
}

/** A scale around zero on which all differences of a card stand. */
export function differenceScaleOf(comparisons: readonly ReportComparison[]): [number, number] {
  const ends = comparisons.flatMap((one) => [one.lower, one.upper, one.difference, one.margin]).filter((value) => value !== null);
  const most = Math.max(1e-9, ...ends.map(Math.abs)) * 1.1;
  return [-most, most];
}
