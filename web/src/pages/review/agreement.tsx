import type { ReviewAgreement, ReviewQueue } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { formatCount } from '../../kit/format.ts';
import { Skeleton } from '../../kit/skeleton.tsx';
import { Section } from '../../parts/log/section.tsx';
import { Interval } from './interval.tsx';

type OfEvaluator = ReviewAgreement['evaluators'][number];
const scale = [-0.2, 1] as const;

/** How far people agree, in a sentence first; and of pairs, which run they prefer. */
export function Agreement({ queue }: { queue: ReviewQueue }): ReactNode {
  const { data } = useQuery(query('reviews.agreement', { params: { id: queue.id } }));
  if (data === undefined) return <Skeleton className="mt-6 h-24" />;
  return (
    <>
      {data.win_rate !== null && <WinRate of={data.win_rate} />}
      {data.evaluators.map((evaluator) => (
        <Section key={evaluator.id} title={data.evaluators.length > 1 ? `Agreement on ${evaluator.path}` : 'Agreement'}>
          <p className="max-w-[76ch] text-ink-2">{evaluator.sentence}</p>
          {evaluator.shared > 0 && <Figures of={evaluator} />}
          {evaluator.pairs.length > 1 && <Pairs pairs={evaluator.pairs} />}
          {evaluator.raters.length > 0 && (
            <p className="mt-2 text-meta text-ink-3">
              {evaluator.raters.map((rater) => `${rater.name} judged ${formatCount(rater.items)}`).join(', ')}.
            </p>
          )}
        </Section>
      ))}
    </>
  );
}

function Figures({ of }: { of: OfEvaluator }): ReactNode {
  const rows = [
    {
      name: 'Raw agreement',
      note: 'Share of pairs of judgments of one log that are the same, chance included',
      value: <Interval of={of.agreement} />,
    },
    {
      name: 'Krippendorff’s alpha',
      note: 'Beyond chance, any number of people; 1 is perfect, 0 is chance',
      value: <Interval of={of.alpha} unit="number" range={scale} />,
    },
    ...(of.cohen === null
      ? []
      : [{ name: 'Cohen’s kappa', note: 'Beyond chance, of two people', value: <Interval of={of.cohen} unit="number" range={scale} /> }]),
    ...(of.fleiss === null
      ? []
      : [
          {
            name: 'Fleiss’ kappa',
            note: 'Beyond chance, over logs with the same number of judgments',
            value: <Interval of={of.fleiss} unit="number" range={scale} />,
          },
        ]),
  ];
  return (
    <dl className="mt-3 border-t border-line">
      {rows.map((row) => (
        <div key={row.name} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
          <dt className="min-w-0 flex-1 basis-64">
            {row.name}
            <span className="block text-meta text-ink-3">{row.note}</span>
          </dt>
          <dd>{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Pairs({ pairs }: { pairs: OfEvaluator['pairs'] }): ReactNode {
  return (
    <div className="mt-3 overflow-x-auto">
      <table className="w-full text-left">
        <thead className="text-meta text-ink-3">
          <tr>
            <th className="py-1 pr-4 font-normal">Two people</th>
            <th className="py-1 pr-4 font-normal">Logs</th>
            <th className="py-1 pr-4 font-normal">The same</th>
            <th className="py-1 font-normal">Cohen’s kappa</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <tr key={`${pair.a.id} ${pair.b.id}`} className="border-t border-line">
              <td className="py-1.5 pr-4 whitespace-nowrap">
                {pair.a.name} and {pair.b.name}
              </td>
              <td className="num py-1.5 pr-4">{formatCount(pair.items)}</td>
              <td className="py-1.5 pr-4">
                <Interval of={pair.agreement} />
              </td>
              <td className="py-1.5">
                <Interval of={pair.kappa} unit="number" range={scale} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WinRate({ of }: { of: NonNullable<ReviewAgreement['win_rate']> }): ReactNode {
  return (
    <Section title="Which run people prefer">
      <p className="max-w-[76ch] text-read">{of.sentence}</p>
      <div className="mt-2 flex flex-wrap items-center gap-x-6 gap-y-1">
        <Interval of={of.rate} />
        <span className="text-meta text-ink-3 tabular-nums">
          {formatCount(of.wins)} won, {formatCount(of.losses)} lost, {formatCount(of.ties)} tied; left was chosen{' '}
          {formatCount(of.left_chosen)} times, right {formatCount(of.right_chosen)}
        </span>
      </div>
    </Section>
  );
}
