import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { formatCount, formatMoney } from '../../kit/format.ts';
import { Skeleton } from '../../kit/skeleton.tsx';
import { roughly } from './numbers.ts';

/** What is about to be spent, and what that figure rests on. */
export function EstimateLine({
  estimate,
  error,
}: {
  estimate: Answer<'evaluations.estimate'> | undefined;
  error: Error | null;
}): ReactNode {
  if (error) return <p className="text-undecided">No estimate: {error.message}</p>;
  if (estimate === undefined) return <Skeleton className="w-64" />;
  const { cost_usd: cost, seconds, logs, judge_calls: judging, from_cache: cached } = estimate;
  return (
    <div>
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{cost === null ? 'Cost unknown' : cost.high === 0 ? 'Free' : `About ${formatMoney(cost.mid)}`}</span>
        {cost !== null && cost.high > cost.low && (
          <span className="num text-ink-3">
            {formatMoney(cost.low)} to {formatMoney(cost.high)}
          </span>
        )}
        <span className="text-ink-2">
          {formatCount(logs)} {logs === 1 ? 'call' : 'calls'}
          {judging > 0 && `, ${formatCount(judging)} calls of judges`}
          {cached > 0 && `, ${formatCount(cached)} of them from earlier runs`}
          {seconds !== null && `, about ${roughly(seconds)}`}
        </span>
      </p>
      {estimate.basis.map((one) => (
        <p key={one} className="mt-0.5 max-w-[80ch] text-meta text-ink-3">
          {one}
        </p>
      ))}
    </div>
  );
}
