import type { ReactNode } from 'react';
import { cx } from './cx.ts';

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
const names: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  shift: isMac ? '⇧' : 'Shift',
  alt: isMac ? '⌥' : 'Alt',
  enter: '↵',
  escape: 'Esc',
  up: '↑',
  down: '↓',
};

/** Keys as they are printed on the viewer's keyboard: `mod+k`, `g b`. */
export function Keys({ keys, inverse = false }: { keys: string; inverse?: boolean }): ReactNode {
  return (
    <span className="inline-flex shrink-0 items-center gap-1" aria-label={keys}>
      {keys.split(' ').map((chord, at) => (
        <kbd
          key={`${chord}${at}`}
          className={cx(
            'inline-flex h-4 min-w-4 items-center justify-center rounded-sm px-1 font-sans text-[11px] leading-none',
            inverse
              ? 'shadow-[inset_0_0_0_1px_color-mix(in_oklab,currentColor_40%,transparent)]'
              : 'text-ink-3 shadow-[inset_0_0_0_1px_var(--line-strong)]',
          )}
        >
          {chord
            .split('+')
            .map((key) => names[key] ?? key.toUpperCase())
            .join(isMac ? '' : '+')}
        </kbd>
      ))}
    </span>
  );
}
