import { useState } from 'react';
import { type Edits, noEdits } from './edits.ts';

const mostSteps = 200;

interface History {
  past: readonly Edits[];
  now: Edits;
  next: readonly Edits[];
}

export interface EditHistory {
  edits: Edits;
  change: (work: (edits: Edits) => Edits) => void;
  undo: () => void;
  redo: () => void;
  discard: () => void;
  mayUndo: boolean;
  mayRedo: boolean;
}

/** Unsaved changes, each of which can be taken back. */
export function useEdits(): EditHistory {
  const [{ past, now, next }, setHistory] = useState<History>({ past: [], now: noEdits, next: [] });
  return {
    edits: now,
    change: (work) =>
      setHistory((before) => {
        const after = work(before.now);
        return after === before.now ? before : { past: [...before.past, before.now].slice(-mostSteps), now: after, next: [] };
      }),
    undo: () =>
      setHistory((before) => {
        const last = before.past.at(-1);
        return last === undefined ? before : { past: before.past.slice(0, -1), now: last, next: [before.now, ...before.next] };
      }),
    redo: () =>
      setHistory((before) => {
        const [first, ...rest] = before.next;
        return first === undefined ? before : { past: [...before.past, before.now], now: first, next: rest };
      }),
    discard: () => setHistory((before) => ({ past: [...before.past, before.now].slice(-mostSteps), now: noEdits, next: [] })),
    mayUndo: past.length > 0,
    mayRedo: next.length > 0,
  };
}
