import { useEffect, useEffectEvent } from 'react';

/** Keys and what they do: `j`, `mod+k`, `g b` (two after each other). */
export type Hotkeys = Record<string, (event: KeyboardEvent) => void>;

const sequenceMs = 900;
/** All that listen now. What was mounted last is asked first: a panel before the page around it. */
const listeners: ((chord: string, sequence: string | null, event: KeyboardEvent) => boolean)[] = [];
let pending: { chord: string; at: number } | null = null;

/** Whether the event goes to something that a person types into. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'file'].includes(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName));
}

/** `mod+k`, `shift+enter`, `?`: a character says by itself whether shift was held. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key.toLowerCase().replace('arrow', '');
  const shift = event.shiftKey && event.key.length > 1 ? 'shift+' : '';
  return `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift}${key}`;
}

function dispatch(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return;
  const chord = chordOf(event);
  // Arrow keys choose among radio buttons.
  if (event.target instanceof HTMLInputElement && event.target.type === 'radio' && event.key.startsWith('Arrow')) return;
  const busy = isTyping(event.target) || document.querySelector('[data-modal],[role="menu"],[role="listbox"]') !== null;
  if (busy && !chord.startsWith('mod+')) return;
  const sequence = pending !== null && event.timeStamp - pending.at < sequenceMs ? `${pending.chord} ${chord}` : null;
  pending = { chord, at: event.timeStamp };
  for (const listener of listeners.toReversed()) {
    if (listener(chord, sequence, event)) {
      pending = null;
      event.preventDefault();
      return;
    }
  }
}

/** Listens while mounted. Keys without a modifier do nothing while a person types or a dialog or menu is open. */
export function useHotkeys(keys: Hotkeys): void {
  const onKey = useEffectEvent((chord: string, sequence: string | null, event: KeyboardEvent) => {
    const run = (sequence === null ? undefined : keys[sequence]) ?? keys[chord];
    run?.(event);
    return run !== undefined;
  });
  useEffect(() => {
    const listener = (chord: string, sequence: string | null, event: KeyboardEvent) => onKey(chord, sequence, event);
    if (listeners.length === 0) window.addEventListener('keydown', dispatch);
    listeners.push(listener);
    return () => {
      listeners.splice(listeners.indexOf(listener), 1);
      if (listeners.length === 0) window.removeEventListener('keydown', dispatch);
    };
  }, []);
}
