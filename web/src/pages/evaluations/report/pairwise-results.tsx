import type { ReportPairwise } from '@whetstone/contract';
import { positionWords } from '@whetstone/domain';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';
import { formatCount, formatShare } from '../../../kit/format.ts';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { useReportHere } from './report-context.ts';

const parts = [
  { key: 'wins', rate: 'win_rate', word: 'won', fill: 'bg-better' },
  { key: 'ties', rate: 'tie_rate', word: 'tied', fill: 'bg-line-strong' },
  { key: 'losses', rate: 'loss_rate', word: 'lost', fill: 'bg-worse' },
] as const;

/** Won, tied and lost against another run, and what the order of showing did to the judge. */
export function PairwiseResults({ pairs }: { pairs: readonly ReportPairwise[] }): ReactNode {
  const { report } = useReportHere();
  const runOf = (id: string) => report.runs.find((run) => run.run_id === id);
  return (
    <ul aria-label="Answers compared in pairs" className="flex flex-col gap-4 border-t border-line px-3 py-3">
      {pairs.map((pair) => {
        const [run, baseline] = [runOf(pair.run_id), runOf(pair.baseline_run_id)];
        if (run === undefined || baseline === undefined) return null;
        return (
          <li key={`${pair.run_id} ${pair.baseline_run_id}`} className="flex flex-col gap-1.5">
            <span className="flex flex-wrap items-center gap-1.5">
              <RunMark run={run} /> <span className="text-ink-3">against</span> <RunMark run={baseline} />
              <span className="text-meta text-ink-3">
                {formatCount(pair.pairs)} pairs
                {pair.failed > 0 && `, ${formatCount(pair.failed)} more could not be judged`}
              </span>
            </span>
            {pair.pairs > 0 && <Bar pair={pair} />}
            <p className={cx('max-w-[90ch] text-meta', isBiased(pair) ? 'text-undecided' : 'text-ink-3')}>{positionWords(pair)}</p>
          </li>
        );
      })}
    </ul>
  );
}

function Bar({ pair }: { pair: ReportPairwise }): ReactNode {
  return (
    <>
      <span aria-hidden className="flex h-2 w-full max-w-[560px] gap-px overflow-hidden rounded-full">
        {parts.map(({ key, fill }) => pair[key] > 0 && <span key={key} className={fill} style={{ flexGrow: pair[key] }} />)}
      </span>
      <span className="num flex flex-wrap gap-x-5 gap-y-0.5">
        {parts.map(({ key, rate, word, fill }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={cx('size-2 rounded-full', fill)} />
            {word} {formatCount(pair[key])}
            <span className="text-ink-3">
              {formatShare(pair[rate].estimate ?? 0)} ({formatShare(pair[rate].lower ?? 0)} to {formatShare(pair[rate].upper ?? 1)})
            </span>
          </span>
        ))}
      </span>
    </>
  );
}

/** Surely more than one pair in ten. */
const isBiased = ({ position }: ReportPairwise): boolean => (position.rate.lower ?? 0) > 0.1;
