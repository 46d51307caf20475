import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { DialogActions } from '../../../kit/dialog.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Problems } from './import-preview.tsx';
import type { Imported } from './import-dialog.tsx';

/** What became of the file. */
export function ImportResult({ done, onClose }: { done: Imported; onClose: () => void }): ReactNode {
  const facts = [
    [done.added, 'added'],
    [done.already_there, 'there already'],
    [done.missing_targets, 'without a target'],
    [done.problems_total, 'skipped'],
  ] as const;
  return (
    <div>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {facts.map(([count, word]) => (
          <div key={word}>
            <dd className="num text-title font-semibold">{formatCount(count)}</dd>
            <dt className="text-meta text-ink-3">{word}</dt>
          </div>
        ))}
      </dl>
      <Problems problems={done.problems} total={done.problems_total} className="mt-4" />
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          Show the datapoints
        </Button>
      </DialogActions>
    </div>
  );
}
