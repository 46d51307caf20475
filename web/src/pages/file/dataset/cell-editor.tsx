import { type ReactNode, useLayoutEffect, useRef } from 'react';
import type { Grid } from './use-grid.ts';

const highest = 280;

/** The text of a cell, over the cell, as high as it needs to be. */
export function CellEditor({ text, grid }: { text: string; grid: Grid }): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null);
  const left = useRef(false);
  useLayoutEffect(() => {
    const box = area.current;
    if (box === null) return;
    box.style.height = '0';
    box.style.height = `${Math.min(highest, box.scrollHeight + 2)}px`;
  }, [text]);
  const leave = (work: () => void): void => {
    left.current = true;
    work();
  };
  return (
    <textarea
      ref={area}
      aria-label="Cell"
      autoFocus
      value={text}
      spellCheck={false}
      onChange={(event) => grid.setText(event.target.value)}
      onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
      onBlur={() => !left.current && grid.commit({ row: 0, col: 0 })}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Escape') leave(grid.cancel);
        else if (event.key === 'Enter' && !event.shiftKey && !event.altKey) leave(() => grid.commit({ row: 1, col: 0 }));
        else if (event.key === 'Tab') leave(() => grid.commit({ row: 0, col: event.shiftKey ? -1 : 1 }));
        else return;
        event.preventDefault();
      }}
      className="absolute top-0 left-0 z-30 w-full min-w-64 resize-none rounded-sm bg-raised px-2.5 py-2 leading-5 text-ink no-underline shadow-float ring-2 ring-accent outline-none"
    />
  );
}
