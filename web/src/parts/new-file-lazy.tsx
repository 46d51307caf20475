import { lazy, type ReactNode, Suspense } from 'react';

const Dialog = lazy(() => import('./new-file.tsx'));

/** The dialog for a new file, loaded when it is first opened. */
export function NewFileDialog({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  return open ? (
    <Suspense>
      <Dialog open onClose={onClose} />
    </Suspense>
  ) : null;
}
