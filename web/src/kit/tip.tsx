import {
  cloneElement,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import { joined } from './handlers.ts';
import { Keys } from './keys.tsx';

const waitMs = 400;
/** Within this time after one tooltip the next comes without waiting. */
const warmMs = 300;
const gap = 6;
let lastHiddenAt = 0;

/** A tooltip: what a thing is or does, and its key. */
export function Tip({
  label,
  keys,
  children,
}: {
  label: ReactNode;
  keys?: string | undefined;
  children: ReactElement<HTMLAttributes<HTMLElement>>;
}): ReactNode {
  const id = useId();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const timer = useRef(0);
  const hide = () => {
    window.clearTimeout(timer.current);
    if (anchor !== null) lastHiddenAt = performance.now();
    setAnchor(null);
  };
  const show = (element: HTMLElement, afterMs: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setAnchor(element), afterMs);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const { props } = children;
  return (
    <>
      {cloneElement(children, {
        ...(anchor === null ? {} : { 'aria-describedby': id }),
        onPointerEnter: joined(props.onPointerEnter, (event) => {
          if (event.pointerType === 'mouse') show(event.currentTarget, performance.now() - lastHiddenAt < warmMs ? 0 : waitMs);
        }),
        onPointerLeave: joined(props.onPointerLeave, hide),
        onPointerDown: joined(props.onPointerDown, hide),
        // A finger has no key to be told of, and what it touched is covered by the hand.
        onFocus: joined(
          props.onFocus,
          (event) =>
            event.currentTarget.matches(':focus-visible') &&
            !window.matchMedia('(hover: none)').matches &&
            show(event.currentTarget, waitMs),
        ),
        onBlur: joined(props.onBlur, hide),
        onKeyDown: joined(props.onKeyDown, hide),
      })}
      {anchor?.isConnected && <TipPopup id={id} anchor={anchor} label={label} keys={keys} />}
    </>
  );
}

function TipPopup({ id, anchor, label, keys }: { id: string; anchor: HTMLElement; label: ReactNode; keys: string | undefined }): ReactNode {
  const popup = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (popup.current === null) return;
    const at = anchor.getBoundingClientRect();
    const { width, height } = popup.current.getBoundingClientRect();
    const below = at.bottom + gap + height <= window.innerHeight;
    const left = Math.max(gap, Math.min(at.left + at.width / 2 - width / 2, window.innerWidth - width - gap));
    popup.current.style.translate = `${left}px ${below ? at.bottom + gap : at.top - gap - height}px`;
  });
  return createPortal(
    <div
      ref={popup}
      id={id}
      role="tooltip"
      className="pointer-events-none fixed top-0 left-0 z-60 flex max-w-80 animate-[fade_120ms_ease-out] items-center gap-2 rounded-md bg-ink px-2 py-1 text-meta text-page"
    >
      {label}
      {keys !== undefined && <Keys keys={keys} inverse />}
    </div>,
    document.body,
  );
}
