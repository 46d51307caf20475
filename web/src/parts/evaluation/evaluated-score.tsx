import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';
import { useLinks } from '../links.ts';
import { versionColour } from '../version.tsx';
import { Interval } from './interval.tsx';
import { formatScore, scaleOf } from './numbers.ts';
import type { Evaluated } from './use-evaluated.ts';

/** What the last evaluation said of a version, with its interval; leads to the report. */
export function EvaluatedScore({
  hash,
  of: { evaluationId, evaluationName, evaluator, score },
  className,
}: {
  hash: string;
  of: Evaluated;
  className?: string;
}): ReactNode {
  const links = useLinks();
  const interval =
    score.lower === null || score.upper === null
      ? (score.reason_text ?? 'no interval')
      : `${formatScore(evaluator.unit, score.lower)} to ${formatScore(evaluator.unit, score.upper)}`;
  return (
    <Tip label={`${evaluator.path} in “${evaluationName ?? 'an evaluation'}”: ${interval}, ${formatCount(score.units)} cases`}>
      <Link {...links.evaluation(evaluationId)} className={cx('block min-w-0 rounded-sm hover:bg-pressed', className)}>
        <span className="block truncate text-meta text-ink-3">{evaluator.name}, evaluated</span>
        <span className="flex items-center gap-2">
          <span className="num">{formatScore(evaluator.unit, score.estimate)}</span>
          <Interval {...score} scale={scaleOf(evaluator.range, evaluator.scores)} colour={versionColour(hash)} className="w-16 max-w-16" />
        </span>
      </Link>
    </Tip>
  );
}
