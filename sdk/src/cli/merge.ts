import { merge } from 'node-diff3';

const marker = /^(?:<{7} |={7}$|>{7} )/m;

/** Whether conflict markers stand in a text. */
export function hasMarkers(text: string): boolean {
  return /^<{7} /m.test(text) && marker.test(text) && /^>{7} /m.test(text);
}

/** Three versions of a text by lines: what one side changed is taken, what both changed differently is marked. */
export function mergeTexts(here: string, base: string, there: string): { text: string; conflicts: number } {
  const result = merge(here.split('\n'), base.split('\n'), there.split('\n'), {
    excludeFalseConflicts: true,
    label: { a: 'here', b: 'in the workspace' },
  });
  const text = result.result.join('\n');
  return { text, conflicts: result.conflict ? (text.match(/^<{7} here$/gm)?.length ?? 1) : 0 };
}
