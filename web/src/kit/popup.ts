/** The one look of everything that floats. */
export const popupClass =
  'rounded-lg bg-raised text-ink shadow-float outline-none origin-[var(--transform-origin)] transition-[opacity,scale] data-starting-style:scale-98 data-starting-style:opacity-0 data-ending-style:opacity-0';
export const rowClass =
  'flex min-h-7 w-full select-none items-center gap-2 rounded-sm px-2 text-left outline-none data-disabled:opacity-45 data-highlighted:bg-hover pointer-coarse:min-h-10';
