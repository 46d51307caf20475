import type { AgainstPeople } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { messageOf } from '../../api/errors.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Field } from '../../kit/field.tsx';
import { formatCount } from '../../kit/format.ts';
import { Empty, Notice } from '../../kit/notice.tsx';
import { Select } from '../../kit/select.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useNow } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';
import { Section } from '../../parts/log/section.tsx';
import { rangeDates, ranges } from '../../parts/logs/log-range.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { ConfusionTable } from './confusion.tsx';
import { type EvaluatorFile, useEvaluators } from './human-evaluators.tsx';
import { Interval, type Unit } from './interval.tsx';
import { JudgeVersions } from './judge-versions.tsx';
import { LabelNextDialog } from './label-next-dialog.tsx';

const route = getRouteApi('/w/$slug/review/judges');
const all = '*';

/** How far an automatic judge can be trusted, and what its score is worth with people's correction. */
export function JudgesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const links = useLinks();
  const now = useNow();
  const evaluators = useEvaluators();
  const tree = useQuery(query('files.tree'));
  const environments = useQuery(query('environments.list'));
  const judges = evaluators?.filter(({ spec }) => spec.evaluator_type !== 'human' && comparable(spec)) ?? [];
  const humans = evaluators?.filter(({ spec }) => spec.evaluator_type === 'human' && comparable(spec)) ?? [];
  const judge = search.judge ?? judges[0]?.id;
  const human = search.human ?? humans.find(({ path }) => path === 'feedback/vote')?.id ?? humans[0]?.id;
  const range = search.range ?? 'all';
  const { start_date: from } = rangeDates({ range }, now);
  const population = {
    ...(search.file === undefined ? {} : { file_id: search.file }),
    ...(search.environment === undefined ? {} : { environment: search.environment }),
    ...(search.run === undefined ? {} : { run_id: search.run }),
    ...(from === undefined ? {} : { from }),
  };
  const asked = judge !== undefined && human !== undefined;
  const { data, error } = useQuery({
    ...query('evaluators.against_people', { params: { id: judge ?? '' }, query: { human_id: human ?? '', ...population } }),
    enabled: asked,
    placeholderData: (before) => before,
  });
  const set = (change: Record<string, string | undefined>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const files = (tree.data?.files ?? []).filter(({ type }) => type === 'prompt' || type === 'flow' || type === 'agent' || type === 'tool');
  const option = ({ id, path }: EvaluatorFile) => ({ value: id, label: path });
  return (
    <>
      <PageBar title="Judges against people" crumbs={[{ label: 'Review', link: links.review }, { label: 'Judges against people' }]} />
      {evaluators === undefined && <SkeletonRows count={8} height={40} />}
      {evaluators !== undefined && judges.length === 0 && (
        <Empty title="There is no automatic judge yet">
          Make an evaluator of code or of a model that says good and bad, or gives a number, and let it judge some logs. Here you then see
          how often it agrees with people, and what its score is worth.
        </Empty>
      )}
      {asked && judges.length > 0 && (
        <div className="mx-auto w-full max-w-260 px-4 pt-5 pb-20 md:px-8">
          <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-5">
            <Field label="Judge">
              {({ id }) => <Select id={id} value={judge} options={judges.map(option)} onChange={(value) => set({ judge: value })} />}
            </Field>
            <Field label="People’s evaluator">
              {({ id }) => <Select id={id} value={human} options={humans.map(option)} onChange={(value) => set({ human: value })} />}
            </Field>
            <Field label="Logs of">
              {({ id }) => (
                <Select
                  id={id}
                  value={search.file ?? all}
                  options={[{ value: all, label: 'All files' }, ...files.map((file) => ({ value: file.id, label: file.path }))]}
                  onChange={(value) => set({ file: value === all ? undefined : value })}
                />
              )}
            </Field>
            <Field label="Environment">
              {({ id }) => (
                <Select
                  id={id}
                  value={search.environment ?? all}
                  options={[{ value: all, label: 'All' }, ...(environments.data ?? []).map(({ name }) => ({ value: name, label: name }))]}
                  onChange={(value) => set({ environment: value === all ? undefined : value })}
                />
              )}
            </Field>
            <Field label="Time">
              {({ id }) => <Select id={id} value={range} options={ranges} onChange={(value) => set({ range: value })} />}
            </Field>
          </div>
          {error !== null && (
            <Notice kind="error" title="These two cannot be compared" className="mt-5">
              {messageOf(error)}
            </Notice>
          )}
          {data === undefined && error === null && <SkeletonRows count={8} height={40} />}
          {data !== undefined && error === null && <Comparison of={data} population={{ human_id: human, ...population }} />}
        </div>
      )}
    </>
  );
}

function comparable(spec: EvaluatorFile['spec']): boolean {
  const valences = new Set(spec.options?.map(({ valence }) => valence));
  return spec.return_type === 'boolean' || spec.return_type === 'number' || (valences.has('positive') && valences.has('negative'));
}

function Comparison({
  of,
  population,
}: {
  of: AgainstPeople;
  population: { human_id: string; file_id?: string; environment?: string; from?: string; run_id?: string };
}): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  const [labelling, setLabelling] = useState(false);
  const unit: Unit = of.measure === 'pass' ? 'share' : 'number';
  const limits = of.human.spec.number_limits;
  const range = of.measure === 'pass' ? ([0, 1] as const) : ([limits?.min ?? 0, limits?.max ?? Math.max(1, of.raw.upper ?? 1)] as const);
  return (
    <>
      <div className="mt-6 flex flex-wrap items-start gap-4">
        <p className="max-w-[72ch] min-w-0 flex-1 basis-80 text-read">{of.sentence}</p>
        {mayWrite && of.judged > 0 && (
          <Button look="primary" onClick={() => setLabelling(true)} className="ml-auto">
            Label next
          </Button>
        )}
      </div>
      <Section
        title={of.measure === 'pass' ? 'Pass rate' : 'Mean score'}
        aside={`${formatCount(of.judged)} judged, ${formatCount(of.labelled)} labelled by people`}
      >
        <dl className="border-t border-line">
          {(
            [
              ['The judge alone', 'Of all logs; its errors are in it', of.raw],
              ['People alone', 'Of the labelled logs only', of.people],
              ['Both together', 'People’s labels correct the judge on all logs', of.corrected],
            ] as const
          ).map(([name, note, value]) => (
            <div key={name} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
              <dt className="min-w-0 flex-1 basis-64">
                {name}
                <span className="block text-meta text-ink-3">{note}</span>
              </dt>
              <dd>
                <Interval of={value} unit={unit} range={range} />
              </dd>
            </div>
          ))}
        </dl>
        {of.dropped.map(({ count, why }) => (
          <p key={why} className="mt-1.5 text-meta text-ink-3">
            {formatCount(count)} left out: {why}.
          </p>
        ))}
        {of.queues.map((queue) => (
          <p key={queue.id} className="mt-1.5 text-meta">
            <Link {...links.reviewQueue(queue.id)} className="text-accent-ink underline underline-offset-2">
              {queue.name}
            </Link>{' '}
            <span className="text-ink-3">has chosen labels with an estimate of its own.</span>
          </p>
        ))}
      </Section>
      {of.measure === 'pass' && of.labelled > 0 && <ConfusionTable of={of} />}
      <JudgeVersions of={of} />
      {labelling && <LabelNextDialog judge={of.judge} population={population} onClose={() => setLabelling(false)} />}
    </>
  );
}
