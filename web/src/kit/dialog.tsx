import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ComponentProps, type ReactNode, useRef, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { Input } from './field.tsx';
import { popupClass } from './popup.ts';

/** One question over the page; never one over another. */
export function Dialog({
  open,
  onClose,
  title,
  description,
  width = 'max-w-md',
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  width?: string;
  children: ReactNode;
}): ReactNode {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_270/0.32)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          data-modal
          ref={popup}
          initialFocus={() => popup.current?.querySelector<HTMLElement>('input:not([type=checkbox]), textarea') ?? popup.current}
          className={cx(
            popupClass,
            'fixed top-[14vh] left-1/2 z-40 flex max-h-[80vh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col',
            width,
          )}
        >
          <header className="flex items-start gap-2 px-4 pt-3.5 pb-2">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-read font-semibold">{title}</Base.Title>
              {description !== undefined && <Base.Description className="mt-0.5 text-ink-2">{description}</Base.Description>}
            </div>
            <Base.Close render={<IconButton icon={X} label="Close" keys="escape" className="-mt-1 -mr-1.5" />} />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 pt-1 pb-4">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export function DialogActions({ className, ...rest }: ComponentProps<'div'>): ReactNode {
  return (
    <div
      {...rest}
      className={cx(
        'sticky -bottom-4 z-10 -mx-4 mt-4 -mb-4 flex flex-wrap items-center justify-end gap-2 bg-raised px-4 pt-2 pb-4',
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
