import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';
import type { DialogProps } from './dialog.tsx';
import { popupClass } from './popup.ts';

export function DialogPopup({ open, onClose, title, description, width = 'max-w-md', children }: DialogProps): ReactNode {
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
            'fixed top-[14vh] left-1/2 z-40 flex max-h-[80vh] max-md:top-3 max-md:max-h-[calc(100dvh-24px)] w-[calc(100vw-24px)] -translate-x-1/2 flex-col',
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
