import { useEffect, useEffectEvent } from 'react';

/** Keys and what they do: `j`, `mod+k`, `g b` (two after each other). */
export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

const sequenceMs = 900;
let pending: { key: string; at: number } | null = null;

/** Whether the event goes to something that a person types into. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

function chordOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase().replace('arrow', '');
  const mod = event.metaKey || event.ctrlKey ? 'mod+' : '';
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  return `${mod}${event.altKey ? 'alt+' : ''}${shift}${key}`;
}

/** Listens while mounted. Keys without a modifier do nothing while a person types or a dialog is open. */
export function useHotkeys(keys: Hotkeys, enabled = true): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const chord = chordOf(event);
    if (
      !chord.startsWith('mod+') &&
      (isTyping(event.target) || document.querySelector('[role="dialog"],[role="menu"],[role="listbox"]') !== null)
    )
      return;
    const sequence = pending !== null && event.timeStamp - pending.at < sequenceMs ? `${pending.key} ${chord}` : null;
    const run = (sequence === null ? undefined : keys[sequence]) ?? keys[chord];
    if (run !== undefined && !(sequence === null && startsSequence(keys, chord) && keys[chord] === undefined)) {
      pending = null;
      event.preventDefault();
      run(event);
    }
  });
  const onAnyKey = useEffectEvent((event: KeyboardEvent) => {
    if (chordOf(event).length === 1) pending = { key: chordOf(event), at: event.timeStamp };
  });
  useEffect(() => {
    if (!enabled) return;
    const after = (event: KeyboardEvent) => onAnyKey(event);
    const during = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', during);
    window.addEventListener('keydown', after);
    return () => {
      window.removeEventListener('keydown', during);
      window.removeEventListener('keydown', after);
    };
  }, [enabled]);
}

function startsSequence(keys: Hotkeys, chord: string): boolean {
  return Object.keys(keys).some((name) => name.startsWith(`${chord} `));
}
