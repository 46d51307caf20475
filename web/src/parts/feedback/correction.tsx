import type { EditMeasures, LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../../kit/format.ts';
import { Ago } from '../../kit/time.tsx';
import { TextDiff } from '../diff/text-diff.tsx';
import { Section } from '../log/section.tsx';
import { judgmentsOf } from '../logs/log-file.ts';
import { isCorrection } from './kinds.ts';
import { useJudgeName } from './use-judge-name.ts';

const kinds: Record<EditMeasures['kind'], string> = {
  none: 'unchanged',
  characters: 'single characters',
  words: 'words',
  lines: 'lines',
  rewritten: 'rewritten',
};

/** How much of the answer was edited, and how. */
export function EditFacts({ edit }: { edit: EditMeasures }): ReactNode {
  const facts: [string, string][] = [
    ['edited', formatShare(edit.amount)],
    ['words kept', formatShare(edit.kept)],
    ['kind of edit', kinds[edit.kind]],
    ['characters', `+${formatCount(edit.inserted)} −${formatCount(edit.deleted)}`],
  ];
  return (
    <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-meta">
      {facts.map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt className="text-ink-3">{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What people made of the answer, as differences from it. */
export function Corrections({ log }: { log: LogResponse }): ReactNode {
  const corrections = judgmentsOf(log).filter(({ evaluator, judgment }) => isCorrection(evaluator) && typeof judgment === 'string');
  const nameOf = useJudgeName(corrections);
  return corrections.map((one) => (
    <Section
      key={one.id}
      title="Correction"
      aside={
        <>
          <span className="truncate">by {nameOf(one)}</span>
          <Ago at={one.created_at} />
        </>
      }
    >
      {one.edit && (
        <div className="mb-2">
          <EditFacts edit={one.edit} />
        </div>
      )}
      <TextDiff before={log.output ?? ''} after={String(one.judgment)} />
    </Section>
  ));
}
