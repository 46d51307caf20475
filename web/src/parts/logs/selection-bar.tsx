import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { AddToDatasetButton } from '../dataset/add-to-dataset-button.tsx';
import { ReviewThese } from '../review-these.tsx';
import { useMay } from '../session.ts';
import { useAction } from '../use-action.ts';

/** What one can do with the selected logs. */
export function SelectionBar({
  selected,
  onClear,
  onDeleted,
}: {
  selected: ReadonlySet<string>;
  onClear: () => void;
  onDeleted: () => void;
}): ReactNode {
  const [asking, setAsking] = useState(false);
  const mayWrite = useMay('write');
  const { run } = useAction('The logs were not deleted');
  if (selected.size === 0) return null;
  const logs = selected.size === 1 ? '1 log' : `${selected.size} logs`;
  const remove = async () => {
    const gone = await run(() => call('logs.delete', { query: { id: [...selected] } }), `${logs} deleted`);
    if (gone) {
      onClear();
      onDeleted();
    }
  };
  return (
    <div className="absolute bottom-4 left-1/2 z-20 flex -translate-x-1/2 items-center gap-1.5 rounded-lg bg-raised py-1.5 pr-1.5 pl-3 shadow-float">
      <span className="mr-1 whitespace-nowrap tabular-nums">{logs} selected</span>
      <AddToDatasetButton size="sm" logs={{ log_ids: [...selected] }} what={logs} onAdded={onClear} />
      <ReviewThese logIds={[...selected]} />
      <CopyButton text={[...selected].join('\n')} label="Copy ids" />
      {mayWrite && (
        <Button size="sm" look="danger" icon={Trash2} onClick={() => setAsking(true)}>
          Delete
        </Button>
      )}
      <Button size="sm" look="quiet" onClick={onClear}>
        Clear
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${logs}?`}
        loss="Their inputs, outputs and judgments are gone for good, here and in charts."
        action={`Delete ${logs}`}
        onConfirm={remove}
      />
    </div>
  );
}
