import type { AnyObject } from '@whetstone/contract';
import { getOwn } from './text.ts';

/** A snippet's texts by key. `setup_values` is `{ snippets: [{ key, value }] }`, `{ snippets: { key: value } }` or the entries themselves. */
export function snippetEntries(setup: AnyObject): Map<string, string> {
  const inner = getOwn(setup, 'snippets') ?? getOwn(setup, 'values') ?? setup;
  if (Array.isArray(inner)) {
    return new Map(
      inner.flatMap((entry: unknown): [string, string][] => {
        const key = getOwn(entry, 'key') ?? getOwn(entry, 'name');
        const value = getOwn(entry, 'value') ?? getOwn(entry, 'text');
        return typeof key === 'string' && typeof value === 'string' ? [[key, value]] : [];
      }),
    );
  }
  if (typeof inner !== 'object' || inner === null) return new Map();
  return new Map(Object.entries(inner).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}
