import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { hasMarkers, mergeTexts } from './merge.ts';
import { digest } from './state.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 12 }).map((lines) => `${lines.join('\n')}\n`);

describe('merging by three ways', () => {
  it('takes the side that changed, and what both changed alike', () => {
    fc.assert(
      fc.property(text, text, (base, changed) => {
        expect(mergeTexts(changed, base, base)).toEqual({ text: changed, conflicts: 0 });
        expect(mergeTexts(base, base, changed)).toEqual({ text: changed, conflicts: 0 });
        expect(mergeTexts(changed, base, changed)).toEqual({ text: changed, conflicts: 0 });
      }),
    );
  });

  it('loses no line of either side in a conflict, and the markers are known again', () => {
    fc.assert(
      fc.property(text, text, text, (here, base, there) => {
        const merged = mergeTexts(here, base, there);
        expect(hasMarkers(merged.text)).toBe(merged.conflicts > 0);
        if (merged.conflicts === 0) return;
        const kept = new Set(merged.text.split('\n'));
        const added = (side: string) => side.split('\n').filter((line) => !base.split('\n').includes(line));
        for (const line of [...added(here), ...added(there)]) expect(kept).toContain(line);
      }),
    );
  });
});

describe('comparing both sides', () => {
  const base = { id: 'pr_1', version: 'prv_1', text: digest('agreed') };
  const there = { id: 'pr_1', version: 'prv_1' };
  it.each([
    ['nothing happened', { here: 'agreed', base, there }, 'none', 'none'],
    ['an edit here', { here: 'mine', base, there }, 'modified', 'none'],
    ['a version there', { here: 'agreed', base, there: { id: 'pr_1', version: 'prv_2' } }, 'none', 'modified'],
    ['deleted here', { here: null, base, there }, 'deleted', 'none'],
    ['deleted there', { here: 'agreed', base, there: null }, 'none', 'deleted'],
    ['not deployed where one looks', { here: 'agreed', base, there: undefined }, 'none', 'none'],
    ['made anew there', { here: 'agreed', base, there: { id: 'pr_2', version: 'prv_9' } }, 'new', 'new'],
    ['made on both sides', { here: 'mine', base: null, there }, 'new', 'new'],
  ] as const)('%s', (_what, sides, wantedHere, wantedThere) => {
    expect(compare(sides)).toEqual({ here: wantedHere, there: wantedThere });
  });
});
