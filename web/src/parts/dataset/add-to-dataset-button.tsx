import { DatabaseBackup } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { useMay } from '../session.ts';
import type { LogsToAdd } from './add-to-dataset.tsx';

const AddToDatasetDialog = lazy(() => import('./add-to-dataset.tsx'));

/** Opens the dialog that makes cases of logs. */
export function AddToDatasetButton({
  logs,
  what,
  size = 'md',
  iconOnly = false,
  onAdded,
}: {
  logs: LogsToAdd;
  what: string;
  size?: 'sm' | 'md';
  iconOnly?: boolean;
  onAdded?: () => void;
}): ReactNode {
  const mayWrite = useMay('write');
  const [open, setOpen] = useState(false);
  if (!mayWrite) return null;
  return (
    <>
      {iconOnly ? (
        <IconButton icon={DatabaseBackup} label={`Add ${what} to a dataset`} onClick={() => setOpen(true)} />
      ) : (
        <Button size={size} icon={DatabaseBackup} onClick={() => setOpen(true)}>
          Add to dataset
        </Button>
      )}
      {open && (
        <Suspense>
          <AddToDatasetDialog
            logs={logs}
            what={what}
            onClose={(added) => {
              setOpen(false);
              if (added) onAdded?.();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
