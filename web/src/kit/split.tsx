import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { useStored } from './stored.ts';

/** Two panes with an edge between them that can be moved by pointer and by arrow keys. The right one keeps its width. */
export function Split({
  name,
  left,
  right,
  initial = 440,
  min = 320,
}: {
  name: string;
  left: ReactNode;
  right: ReactNode;
  initial?: number;
  min?: number;
}): ReactNode {
  const [width, setWidth] = useStored(`whetstone.split.${name}`, initial);
  const clamp = (value: number, whole: number) => Math.round(Math.max(min, Math.min(value, whole - 360)));
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setWidth(clamp(box.right - event.clientX, box.width));
  };
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === 'ArrowLeft' ? 24 : event.key === 'ArrowRight' ? -24 : 0;
    if (by === 0) return;
    event.preventDefault();
    setWidth(clamp(width + by, event.currentTarget.parentElement?.clientWidth ?? 1200));
  };
  return (
    <div className="flex min-h-0 flex-1">
      <div className="min-w-0 flex-1">{left}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label="Move the edge between the panes"
        aria-valuenow={width}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={key}
        onDoubleClick={() => setWidth(initial)}
        className="relative w-px shrink-0 cursor-col-resize bg-line outline-none before:absolute before:inset-y-0 before:-left-1 before:w-2.5 hover:bg-accent focus-visible:bg-accent"
      />
      <div className="shrink-0" style={{ width }}>
        {right}
      </div>
    </div>
  );
}
