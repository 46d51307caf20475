import { useSyncExternalStore } from 'react';

/** Whether the window is at least this many pixels wide. */
export function useWide(pixels: number): boolean {
  const question = `(min-width: ${pixels}px)`;
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(question);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(question).matches,
  );
}
