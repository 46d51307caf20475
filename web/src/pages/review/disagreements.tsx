import type { JudgmentValue, ReviewDisagreement, ReviewQueue } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Input } from '../../kit/field.tsx';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';
import { Section } from '../../parts/log/section.tsx';
import { useAction } from '../../parts/use-action.ts';
import { type Choice, choicesOf } from '../../parts/judge/choices.ts';

/** What people said different things of: to be talked about and settled. */
export function Disagreements({ queue }: { queue: ReviewQueue }): ReactNode {
  const [size, setSize] = useState(20);
  const { data } = useQuery({
    ...query('reviews.disagreements', { params: { id: queue.id }, query: { size } }),
    placeholderData: (before) => before,
  });
  if (data === undefined || data.total === 0) return null;
  return (
    <Section title="Disagreements to discuss" aside={`${data.total}`}>
      <ul className="border-t border-line">
        {data.records.map((record) => (
          <Disagreement key={record.item_id} queue={queue} record={record} />
        ))}
      </ul>
      {data.total > data.records.length && (
        <Button size="sm" className="mt-3" onClick={() => setSize(Math.min(1000, size + 50))}>
          Show more
        </Button>
      )}
    </Section>
  );
}

const words = (value: JudgmentValue): string =>
  value === true ? 'Yes' : value === false ? 'No' : Array.isArray(value) ? value.join(', ') || 'none' : String(value);

function Disagreement({ queue, record }: { queue: ReviewQueue; record: ReviewDisagreement }): ReactNode {
  const links = useLinks();
  return (
    <li className="border-b border-line py-3">
      <div className="flex items-baseline gap-3">
        <p className="min-w-0 flex-1 truncate">{record.input_preview || record.output_preview || 'A log without text'}</p>
        {record.resolved !== null && <Badge tone="better">settled</Badge>}
        {record.log_ids.map((id, at) => (
          <Link key={id} {...links.log(id)} className="shrink-0 text-meta text-accent-ink hover:underline">
            {record.log_ids.length === 1 ? 'Open the log' : at === 0 ? 'Left' : 'Right'}
          </Link>
        ))}
      </div>
      {record.output_preview !== '' && <p className="mt-0.5 line-clamp-2 text-ink-2">{record.output_preview}</p>}
      <ul className="mt-2 flex flex-col gap-1">
        {record.answers.map(({ judge, answers, choice, reason }) => (
          <li key={judge.id} className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">{judge.name}</span>
            <span>{choice ?? answers.map(({ judgment }) => words(judgment)).join(', ')}</span>
            <span className="text-ink-2">{reason ?? answers.find((one) => one.reason !== null)?.reason}</span>
          </li>
        ))}
        {record.resolved !== null && (
          <li className="flex flex-wrap items-baseline gap-x-2 text-better">
            <span className="font-medium">{record.resolved.by.name} settled it</span>
            <span>{record.resolved.answers.map(({ judgment }) => words(judgment)).join(', ')}</span>
            <Ago at={record.resolved.at} className="text-meta text-ink-3" />
          </li>
        )}
      </ul>
      <Comments queueId={queue.id} record={record} />
      {record.resolved === null && <Settle queue={queue} record={record} />}
    </li>
  );
}

function Comments({ queueId, record }: { queueId: string; record: ReviewDisagreement }): ReactNode {
  const [text, setText] = useState('');
  const { busy, run } = useAction('The comment was not kept', ['reviews.disagreements']);
  const send = async () => {
    if (await run(() => call('reviews.comment', { params: { id: queueId, item_id: record.item_id }, body: { text } }))) setText('');
  };
  return (
    <div className="mt-2 border-l border-line-strong pl-3">
      {record.comments.map((comment) => (
        <p key={comment.id} className="py-0.5 wrap-anywhere">
          <span className="font-medium">{comment.by.name}</span> <span className="text-ink-2">{comment.text}</span>{' '}
          <Ago at={comment.at} className="text-meta text-ink-3" />
        </p>
      ))}
      <form
        className="mt-1 flex max-w-140 gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Input
          aria-label="Comment"
          placeholder="Say something to the others"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" busy={busy} disabled={text.trim() === ''} className="h-8 pointer-coarse:h-10">
          Comment
        </Button>
      </form>
    </div>
  );
}

const pairChoices: Choice[] = [
  { value: 'better', label: 'First run', tone: 'neutral' },
  { value: 'tie', label: 'Tie', tone: 'neutral' },
  { value: 'worse', label: 'Second run', tone: 'neutral' },
];

/** A final judgment by one press, for what can be chosen from. */
function Settle({ queue, record }: { queue: ReviewQueue; record: ReviewDisagreement }): ReactNode {
  const { busy, run } = useAction('This was not settled', ['reviews.disagreements']);
  const settle = (evaluatorId: string, judgment: JudgmentValue) =>
    void run(
      () =>
        call('reviews.resolve', {
          params: { id: queue.id, item_id: record.item_id },
          body: { answers: [{ evaluator_id: evaluatorId, judgment }] },
        }),
      'Settled',
    );
  return (
    <div className="mt-2 flex flex-col gap-1.5">
      {queue.evaluators.map(({ id, name, spec }) => {
        const choices = queue.mode === 'pairwise' ? pairChoices : spec.return_type === 'multi_select' ? null : choicesOf(spec);
        if (choices === null) return null;
        return (
          <div key={id} className="flex flex-wrap items-center gap-1.5">
            <span className="text-meta text-ink-3">Settle {queue.evaluators.length > 1 ? name : 'it'}:</span>
            {choices.map((choice) => (
              <Button key={choice.label} size="sm" className="pointer-coarse:h-9" disabled={busy} onClick={() => settle(id, choice.value)}>
                {choice.label}
              </Button>
            ))}
          </div>
        );
      })}
    </div>
  );
}
