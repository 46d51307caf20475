import { Popover as Base } from '@base-ui/react/popover';
import type { HTMLAttributes, ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';
import { popupClass } from './popup.ts';

/** The panel with its trigger; open from the start unless the page says when. */
export function Popover({
  trigger,
  align = 'start',
  open,
  onOpenChange,
  className,
  children,
}: {
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  align?: 'start' | 'center' | 'end';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <Base.Root
      {...(open === undefined ? { defaultOpen: true } : { open })}
      {...(onOpenChange ? { onOpenChange: (next: boolean) => onOpenChange(next) } : {})}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={5} collisionPadding={8} className="z-50">
          <Base.Popup className={cx(popupClass, 'max-h-[var(--available-height)] max-w-[calc(100vw-16px)] overflow-y-auto p-3', className)}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
