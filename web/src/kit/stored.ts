import { useCallback, useState } from 'react';

/** State that outlives a reload, in this browser only. Values must survive JSON. `kept` is false when there was no room. */
export function useStored<T>(key: string, initial: T): [value: T, store: (value: T) => void, kept: boolean] {
  const [value, setValue] = useState<T>(() => readStored(key) ?? initial);
  const [kept, setKept] = useState(true);
  const store = useCallback(
    (next: T) => {
      setValue(next);
      setKept(writeStored(key, next));
    },
    [key],
  );
  return [value, store, kept];
}

export function readStored<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Null removes the entry. A full or forbidden storage loses the value, never the page: false when it was not kept. */
export function writeStored(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
