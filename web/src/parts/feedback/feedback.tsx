import type { LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { judgmentsOf } from '../logs/log-file.ts';
import { GiveFeedback } from './give.tsx';
import { Said } from './said.tsx';

/** What users and colleagues said of the log, in one place, and one's own. */
export function Feedback({ log }: { log: LogResponse }): ReactNode {
  const judgments = judgmentsOf(log).filter(({ evaluator }) => evaluator.spec.evaluator_type === 'human');
  return (
    <>
      <GiveFeedback log={log} />
      {judgments.length === 0 ? (
        <p className="py-1 text-ink-3">Nobody has said anything about this yet.</p>
      ) : (
        <Said judgments={judgments} />
      )}
    </>
  );
}
