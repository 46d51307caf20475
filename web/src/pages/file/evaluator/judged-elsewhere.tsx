import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../kit/button.tsx';
import { Empty } from '../../../kit/notice.tsx';
import { useLinks } from '../../../parts/links.ts';

/** Instead of trying: who judges, and where their judgments are. */
export function JudgedElsewhere({ evaluatorId, people }: { evaluatorId: string; people: boolean }): ReactNode {
  const links = useLinks();
  return (
    <Empty
      title={people ? 'People judge with this one' : 'Your own process judges with this one'}
      action={
        <Link {...links.fileLogs(evaluatorId)} className={buttonClass({})}>
          Judgments so far
        </Link>
      }
    >
      {people
        ? 'They answer on the page of a log, through the feedback of your application, or one log after the other in a review. An evaluation that names it waits for nobody: what people say is added as it comes.'
        : 'The server cannot run it. Every judgment that is sent is listed with its log, and counts wherever this evaluator is named.'}
    </Empty>
  );
}
