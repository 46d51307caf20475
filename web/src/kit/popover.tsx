import type { ComponentProps, ReactNode } from 'react';
import { OnDemand } from './on-demand.tsx';
import type { Popover as PopoverPopup } from './popover-popup.tsx';

const load = () => import('./popover-popup.tsx');

/** A small panel that opens from its trigger. */
export function Popover(props: ComponentProps<typeof PopoverPopup>): ReactNode {
  return (
    <OnDemand trigger={props.trigger} popup="dialog" load={load} open={props.open} onOpen={() => props.onOpenChange?.(true)}>
      {(parts) => <parts.Popover {...props} />}
    </OnDemand>
  );
}
