import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { formatCount } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Skeleton } from '../../kit/skeleton.tsx';
import { Section } from '../../parts/log/section.tsx';
import { figure, Interval } from './interval.tsx';

/** What chosen labels say of all logs, and what choosing saved. */
export function EstimateOfChosen({ queueId }: { queueId: string }): ReactNode {
  const { data, error } = useQuery(query('reviews.estimate', { params: { id: queueId } }));
  if (error !== null)
    return (
      <Notice kind="warning" title="The estimate cannot be made" className="mt-5">
        {error.message}
      </Notice>
    );
  if (data === undefined) return <Skeleton className="mt-6 h-24" />;
  const { estimate } = data;
  const unit = estimate.upper !== null && estimate.upper <= 1 && (estimate.lower ?? 0) >= 0 ? 'share' : 'number';
  const rows = [
    { name: 'Corrected by chosen labels, weighted', value: <Interval of={estimate} unit={unit} /> },
    { name: `${data.judge.path} alone`, value: <span className="num">{figure(data.raw, unit)}</span> },
    {
      name: 'The chosen labels as they are, which is biased',
      value: <span className="num text-ink-3">{figure(data.unweighted, unit)}</span>,
    },
    {
      name: 'Variance of as many labels at random, over that of the choice',
      value: <span className="num">{data.saving === null ? 'from ten labels on' : `${data.saving.toFixed(2)} ×`}</span>,
    },
  ];
  return (
    <Section title="What these labels say" aside={`${formatCount(data.labelled)} of ${formatCount(data.chosen)} labelled`}>
      <p className="max-w-[76ch] text-read">{data.sentence}</p>
      <dl className="mt-3 border-t border-line">
        {rows.map((row) => (
          <div key={row.name} className="flex flex-wrap items-center gap-x-4 border-b border-line py-2">
            <dt className="min-w-0 flex-1 basis-64">{row.name}</dt>
            <dd>{row.value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-2 text-meta text-ink-3">
        Logs on which {data.judge.path} is likelier to err were chosen more often; {Math.round(data.random_share * 100)} % of the labels
        were drawn evenly, by which the saving is measured.
      </p>
    </Section>
  );
}
