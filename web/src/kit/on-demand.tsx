import { cloneElement, type HTMLAttributes, type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { joined } from './handlers.ts';

/** A module, once it is wanted and there. Not by `lazy`: React holds back what suspends, and a popup must come at once. */
export function useLoaded<M>(load: () => Promise<M>, wanted: boolean): M | null {
  const [loaded, setLoaded] = useState<{ module: M } | null>(null);
  useEffect(() => {
    if (wanted) void load().then((module) => setLoaded({ module }));
  }, [load, wanted]);
  return loaded?.module ?? null;
}

type Trigger = ReactElement<HTMLAttributes<HTMLElement>>;

/**
 * A control whose popup is loaded when somebody reaches for it, since most are never opened: until then it is its trigger
 * alone. `children` is the whole control, open from the start; its trigger takes the place of this one.
 */
export function OnDemand<M>({
  trigger,
  popup,
  load,
  open = false,
  onOpen,
  children,
}: {
  trigger: Trigger;
  popup: 'menu' | 'listbox' | 'dialog';
  load: () => Promise<M>;
  /** Opened by the page rather than by its trigger. */
  open?: boolean | undefined;
  onOpen?: (() => void) | undefined;
  children: (module: M) => ReactNode;
}): ReactNode {
  const [reached, setReached] = useState(false);
  const [wanted, setWanted] = useState(false);
  const module = useLoaded(load, reached || wanted || open);
  const reach = () => setReached(true);
  const want = () => {
    setWanted(true);
    onOpen?.();
  };
  if (module !== null && (wanted || open)) return children(module);
  const { props } = trigger;
  return cloneElement(trigger, {
    'aria-haspopup': popup,
    'aria-expanded': false,
    onPointerEnter: joined(props.onPointerEnter, reach),
    onFocus: joined(props.onFocus, reach),
    onClick: joined(props.onClick, want),
    onKeyDown: joined(props.onKeyDown, (event: KeyboardEvent) => {
      if (popup === 'dialog' || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
      event.preventDefault();
      want();
    }),
  });
}
