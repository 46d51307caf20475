import type { ReactNode } from 'react';
import { CopyButton } from '../../kit/copy.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Ago } from '../../kit/time.tsx';

/** A link that is shown once. */
export function LinkDialog({
  title,
  about,
  url,
  expiresAt,
  onClose,
}: {
  title: string;
  about: string;
  url: string;
  expiresAt: string | null;
  onClose: () => void;
}): ReactNode {
  return (
    <Dialog open onClose={onClose} title={title} description={about} width="max-w-lg">
      <div className="flex items-start gap-2 rounded-md bg-sunken py-2 pr-1.5 pl-3">
        <code className="min-w-0 flex-1 pt-0.5 wrap-anywhere">{url}</code>
        <CopyButton text={url} label="Copy link" />
      </div>
      {expiresAt !== null && (
        <p className="mt-2 text-meta text-ink-3">
          Expires <Ago at={expiresAt} />. It is not shown again.
        </p>
      )}
    </Dialog>
  );
}
