import type { CheckedEvaluator } from '@whetstone/contract';
import { Check, Database, RadioTower, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';

const judges = {
  server: 'Judged by the server',
  people: 'Judged by people, on a log or in a review',
  outside: 'Judged by your own process, which sends its judgments',
} as const;

/** What an evaluator has to find at a log, and where it can run because of that. */
export function NeedsLine({ found }: { found: CheckedEvaluator | null }): ReactNode {
  if (found === null) return <div className="h-9" />;
  const { needs, runs_in: runs } = found;
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-3 py-1.5 text-meta text-ink-2 lg:px-5">
      <span>{judges[found.judged_by]}.</span>
      <span>{needs.length === 0 ? 'Needs nothing but the log.' : `Needs ${listed(needs.map(({ words }) => words))}.`}</span>
      <span className="flex gap-3 sm:ml-auto">
        <Place icon={Database} can={runs.datasets} name="datasets" />
        <Place icon={RadioTower} can={runs.production} name="production" why={runs.production ? null : 'only logs of a datapoint'} />
      </span>
    </div>
  );
}

function Place({
  icon: Icon,
  can,
  name,
  why = null,
}: {
  icon: typeof Database;
  can: boolean;
  name: string;
  why?: string | null;
}): ReactNode {
  const Sign = can ? Check : X;
  return (
    <span className={cx('inline-flex items-center gap-1', !can && 'text-ink-3')}>
      <Icon size={13} strokeWidth={1.5} aria-hidden />
      {name}
      <Sign size={13} strokeWidth={2} className={can ? 'text-better' : 'text-ink-3'} role="img" aria-label={can ? 'yes' : 'no'} />
      {why !== null && <span>({why})</span>}
    </span>
  );
}

export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
