import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../kit/button.tsx';
import { Empty } from '../../kit/notice.tsx';
import { SnippetBox, useNewKey } from '../connect/snippet-box.tsx';
import { useLinks } from '../links.ts';
import { useMay } from '../session.ts';

/** Nothing to list: because of the filter, or because nothing has called yet. */
export default function NoLogs({ filtered, onClear }: { filtered: boolean; onClear: () => void }): ReactNode {
  if (!filtered) return <NothingYet onClear={onClear} />;
  return (
    <Empty title="No log matches" action={<Button onClick={onClear}>Show all logs</Button>}>
      Nothing in this time fits the filter. Terms are joined by “and”: take one away, or look further back.
    </Empty>
  );
}

function NothingYet({ onClear }: { onClear: () => void }): ReactNode {
  const links = useLinks();
  const admin = useMay('admin');
  const { key, busy, make } = useNewKey();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Empty
        title="No logs in this time"
        className="max-w-2xl py-10"
        action={
          <>
            <SnippetBox apiKey={key} />
            <div className="flex flex-wrap gap-2">
              {admin && key === null ? (
                <Button look="primary" icon={KeyRound} busy={busy} onClick={() => void make()}>
                  Make a key and put it in
                </Button>
              ) : (
                <Link {...links.connect} className={buttonClass({ look: 'primary' })}>
                  Connect an application
                </Link>
              )}
              <Button onClick={onClear}>Look at all time</Button>
            </div>
          </>
        }
      >
        Every call of a model leaves a log here: what went in, what came out, how long it took, what it cost, and which version did it. This
        is one:
      </Empty>
    </div>
  );
}
