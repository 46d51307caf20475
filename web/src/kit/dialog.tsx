import { type ComponentProps, type ReactNode, useState } from 'react';
import { Button } from './button.tsx';
import { cx } from './cx.ts';
import { Input } from './field.tsx';
import { useLoaded } from './on-demand.tsx';

const load = () => import('./dialog-popup.tsx');

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  width?: string;
  children: ReactNode;
}

/** One question over the page; never one over another. Loaded when it is first asked. */
export function Dialog(props: DialogProps): ReactNode {
  const [asked, setAsked] = useState(props.open);
  if (props.open && !asked) setAsked(true);
  const parts = useLoaded(load, asked);
  return parts && <parts.DialogPopup {...props} />;
}

export function DialogActions({ className, ...rest }: ComponentProps<'div'>): ReactNode {
  return (
    <div
      {...rest}
      className={cx(
        'sticky -bottom-4 z-10 -mx-4 mt-4 -mb-4 flex rounded-b-lg flex-wrap items-center justify-end gap-2 bg-raised px-4 pt-2 pb-4',
        className,
      )}
    />
  );
}

/** Asks before something is lost and names it. With `phrase`, it has to be typed first. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  loss,
  action,
  phrase,
  onConfirm,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What will be lost. */
  loss: ReactNode;
  /** Verb and object: "Delete the key". */
  action: string;
  phrase?: string;
  onConfirm: () => Promise<unknown>;
}): ReactNode {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <div className="text-ink-2">{loss}</div>
        {phrase !== undefined && (
          <label className="mt-3 block">
            <span className="mb-1.5 block">
              Type <code className="rounded-sm bg-sunken px-1 text-ink">{phrase}</code> to confirm.
            </span>
            <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
          </label>
        )}
        <DialogActions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" look="danger-solid" busy={busy} disabled={phrase !== undefined && typed !== phrase}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
