import type { LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Ago } from '../../kit/time.tsx';
import { Feedback } from '../feedback/feedback.tsx';
import { JudgmentMark, judgmentText } from '../logs/judgment-marks.tsx';
import { judgmentsOf } from '../logs/log-file.ts';
import { Section } from './section.tsx';
import { judgeOf, reasonOf } from './use-vote.ts';

/** What was said about the log: by people, and by evaluators that run. */
export function Judgments({ log, className }: { log: LogResponse; className?: string }): ReactNode {
  const judgments = judgmentsOf(log).filter(({ evaluator }) => evaluator.spec.evaluator_type !== 'human');
  return (
    <>
      <Section title="Feedback" className={className ?? ''}>
        <Feedback log={log} />
      </Section>
      {judgments.length > 0 && (
        <Section title="Judgments">
          <ul>
            {judgments.map((judgment) => (
              <li key={judgment.id} className="flex items-start gap-2 border-b border-line py-2 last:border-b-0">
                <span className="flex h-5 items-center">
                  <JudgmentMark judgment={judgment} />
                </span>
                <div className="min-w-0 flex-1">
                  <div className="flex items-baseline gap-2">
                    <span className="truncate font-medium">{judgment.evaluator.name}</span>
                    <span className="truncate text-ink-2">{judgmentText(judgment)}</span>
                    <Ago at={judgment.created_at} className="ml-auto text-meta text-ink-3" />
                  </div>
                  <div className="text-meta text-ink-3">by {judgeOf(judgment)}</div>
                  {reasonOf(judgment) !== null && <p className="mt-0.5 text-ink-2 wrap-anywhere">{reasonOf(judgment)}</p>}
                </div>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
