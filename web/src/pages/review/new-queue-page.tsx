import type { BodyInput, Endpoints } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { messageOf } from '../../api/errors.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { cx } from '../../kit/cx.ts';
import { Field, Input, inputClass } from '../../kit/field.tsx';
import { formatCount } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { useNow } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';
import { rangeDates } from '../../parts/logs/log-range.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { useAction } from '../../parts/use-action.ts';
import { HumanEvaluators, useEvaluators } from './human-evaluators.tsx';
import { Reviewers } from './reviewers.tsx';
import { LogsSource, RunsSource } from './sources.tsx';

const route = getRouteApi('/w/$slug/review/new');
type Body = BodyInput<Endpoints['reviews.create']>;

const kinds = [
  { value: 'logs', label: 'Logs' },
  { value: 'run', label: 'A run' },
  { value: 'pair', label: 'Two runs side by side' },
] as const;
const named = { value: 'named', label: 'The logs you chose' } as const;
type Kind = (typeof kinds)[number]['value'] | 'named';

/** A queue is made here: of what, what is asked, who answers, and how. */
export function NewQueuePage(): ReactNode {
  const search = route.useSearch();
  const links = useLinks();
  const navigate = useNavigate();
  const now = useNow();
  const chosen = search.logs?.split(',').filter((id) => id !== '') ?? [];
  const [kind, setKind] = useState<Kind>(startOf(search));
  const [name, setName] = useState('');
  const [filter, setFilter] = useState(search.q ?? '');
  const [range, setRange] = useState(search.range ?? '7d');
  const [live, setLive] = useState(false);
  const [evaluation, setEvaluation] = useState(search.evaluation ?? null);
  const [runs, setRuns] = useState<(string | null)[]>([search.run ?? null, null]);
  const [instructions, setInstructions] = useState('');
  const vote = useEvaluators()?.find(({ path }) => path === 'feedback/vote')?.id;
  const [asked, setAsked] = useState<string[] | null>(null);
  const [assignees, setAssignees] = useState<string[]>([]);
  const [overlap, setOverlap] = useState('1');
  const [limit, setLimit] = useState('100');
  const [blind, setBlind] = useState(false);
  const { busy, run } = useAction('The queue was not made', ['reviews.list']);
  const dates = live ? {} : rangeDates({ range }, now);
  const filters = { ...(filter === '' ? {} : { filter }), ...dates };
  const count = useQuery({ ...query('logs.list', { query: { ...filters, size: 1, summary: true } }), enabled: kind === 'logs' });
  const evaluators = asked ?? (vote === undefined ? [] : [vote]);
  const source = sourceOf(kind, {
    filters: live ? { ...filters, start_date: new Date(now).toISOString() } : filters,
    live,
    chosen,
    evaluation,
    runs,
  });
  const ready = source !== null && name.trim() !== '' && (kind === 'pair' || evaluators.length > 0);
  const save = async () => {
    if (source === null) return;
    const body: Body = {
      name,
      instructions: instructions.trim() === '' ? null : instructions,
      evaluators: kind === 'pair' ? [] : evaluators.map((id) => ({ id })),
      source,
      assignees,
      overlap: Number(overlap),
      limit: limit === '' ? null : Number(limit),
      blind,
    };
    await run(async () => {
      const queue = await call('reviews.create', { body });
      await navigate(links.reviewQueue(queue.id));
    }, 'Queue made');
  };
  return (
    <>
      <PageBar title="New review queue" crumbs={[{ label: 'Review', link: links.review }, { label: 'New queue' }]} />
      <form
        className="mx-auto flex w-full max-w-200 flex-col gap-6 px-4 pt-5 pb-24 md:px-8"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Name">
          {(props) => (
            <Input
              {...props}
              required
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder="Refund answers of this week"
            />
          )}
        </Field>
        <section className="flex flex-col gap-3">
          <h2 className="font-medium">What is reviewed</h2>
          <Segmented
            label="What is reviewed"
            value={kind}
            options={chosen.length > 0 ? [named, ...kinds] : kinds}
            onChange={setKind}
            className="max-w-full self-start overflow-x-auto"
          />
          {kind === 'named' && (
            <p className="num text-ink-2">{chosen.length === 1 ? 'One log.' : `${formatCount(chosen.length)} logs, all of them.`}</p>
          )}
          {kind === 'logs' ? (
            <LogsSource filter={filter} range={range} live={live} onFilter={setFilter} onRange={setRange} onLive={setLive}>
              {count.error !== null ? (
                <span className="text-worse">{messageOf(count.error)}</span>
              ) : live ? (
                'From now on, each new log that matches joins.'
              ) : count.data === undefined ? (
                'Counting …'
              ) : (
                `${formatCount(count.data.total)} ${count.data.total === 1 ? 'log matches' : 'logs match'}.`
              )}
            </LogsSource>
          ) : kind === 'named' ? null : (
            <RunsSource pair={kind === 'pair'} evaluation={evaluation} runs={runs} onEvaluation={setEvaluation} onRuns={setRuns} />
          )}
          {kind === 'logs' && !live && (
            <Field label="At most" hint="Drawn at random from those that match.">
              {(props) => (
                <Input
                  {...props}
                  type="number"
                  min={1}
                  max={20_000}
                  value={limit}
                  onChange={(event) => setLimit(event.target.value)}
                  className="num w-32"
                />
              )}
            </Field>
          )}
        </section>
        {kind === 'pair' ? (
          <Notice>Each pair is shown side by side, which run is at the left by chance, and asked: which is better?</Notice>
        ) : (
          <HumanEvaluators chosen={evaluators} onChange={setAsked} />
        )}
        <Field label="Instructions" hint="Shown beside every log. Say what good means here, with an example of what is just good enough.">
          {(props) => (
            <textarea
              {...props}
              rows={4}
              value={instructions}
              onChange={(event) => setInstructions(event.target.value)}
              className={cx(inputClass, 'field-sizing-content min-h-24 py-1.5')}
            />
          )}
        </Field>
        <Reviewers chosen={assignees} onChange={setAssignees} />
        <div className="grid gap-6 sm:grid-cols-2">
          <Field label="People a log" hint="Two or more, to see how far they agree.">
            {(props) => (
              <Input
                {...props}
                type="number"
                min={1}
                max={20}
                required
                value={overlap}
                onChange={(event) => setOverlap(event.target.value)}
                className="num w-32"
              />
            )}
          </Field>
          <label className="flex items-start gap-2.5 sm:pt-6">
            <Checkbox label="Blind" checked={blind} onChange={setBlind} className="mt-0.5" />
            <span>
              Blind
              <span className="block text-meta text-ink-3">Reviewers see no version, no model and nobody’s judgments.</span>
            </span>
          </label>
        </div>
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" size="lg" busy={busy} disabled={!ready}>
            Make the queue
          </Button>
          {!ready && (
            <span className="text-meta text-ink-3">
              {name.trim() === '' ? 'Give it a name first.' : source === null ? 'Say what is reviewed.' : 'Choose what is asked.'}
            </span>
          )}
        </div>
      </form>
    </>
  );
}

function startOf(search: { logs?: string | undefined; evaluation?: string | undefined; run?: string | undefined }): Kind {
  if (search.logs !== undefined) return 'named';
  if (search.evaluation === undefined) return 'logs';
  return search.run === undefined ? 'pair' : 'run';
}

function sourceOf(
  kind: Kind,
  {
    filters,
    live,
    chosen,
    evaluation,
    runs,
  }: {
    filters: { filter?: string; start_date?: string; end_date?: string };
    live: boolean;
    chosen: string[];
    evaluation: string | null;
    runs: (string | null)[];
  },
): Body['source'] | null {
  if (kind === 'logs') return { type: 'filter', live, ...filters };
  if (kind === 'named') return { type: 'logs', log_ids: chosen };
  const [first, second] = runs;
  if (evaluation === null || first == null) return null;
  if (kind === 'run') return { type: 'run', evaluation_id: evaluation, run_id: first };
  return second == null || second === first ? null : { type: 'pair', evaluation_id: evaluation, run_ids: [first, second] };
}
