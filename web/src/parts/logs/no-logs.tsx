import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../kit/button.tsx';
import { Empty } from '../../kit/notice.tsx';
import { useLinks } from '../links.ts';

export function NoLogs({ filtered, onClear }: { filtered: boolean; onClear: () => void }): ReactNode {
  const links = useLinks();
  if (filtered) {
    return (
      <Empty title="No log matches" action={<Button onClick={onClear}>Show all logs</Button>}>
        Nothing in this time fits the filter. Terms are joined by “and”: take one away, or look further back.
      </Empty>
    );
  }
  return (
    <Empty
      title="No logs in this time"
      action={
        <div className="flex gap-2">
          <Link {...links.connect} className={buttonClass({ look: 'primary' })}>
            Connect an application
          </Link>
          <Button onClick={onClear}>Look at all time</Button>
        </div>
      }
    >
      Every call of a model leaves a log here: what went in, what came out, how long it took, what it cost, and which version did it.
    </Empty>
  );
}
