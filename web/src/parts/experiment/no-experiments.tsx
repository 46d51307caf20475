import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { Empty } from '../../kit/notice.tsx';
import { useLinks } from '../links.ts';
import { useMay } from '../session.ts';

/** No experiment yet: what one is, in three lines, and how to make the first. */
export function NoExperiments({ fileId }: { fileId?: string | undefined }): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  return (
    <Empty
      title="No experiments yet"
      action={
        mayWrite ? (
          <Link {...links.newExperiment(fileId === undefined ? {} : { file: fileId })} className={buttonClass({ look: 'primary' })}>
            <FlaskConical size={15} strokeWidth={1.5} aria-hidden /> New experiment
          </Link>
        ) : (
          <p className="text-ink-3">An editor of this workspace can draft one, and whoever may deploy starts it.</p>
        )
      }
    >
      <ol className="flex flex-col gap-1.5">
        <li>1. Some of your users get another version, always the same one, by a hash of their id.</li>
        <li>2. What they do decides: votes, accepted answers, edits, cost, or any evaluator’s score.</li>
        <li>3. The page says which version is better, or how many more users it takes to tell. Look as often as you like.</li>
      </ol>
    </Empty>
  );
}
