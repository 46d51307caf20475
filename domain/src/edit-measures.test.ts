import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, editMeasuresOf } from './edit-measures.ts';

function slowDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

describe('the distance', () => {
  it('is that of the table, whatever the texts and however long', () => {
    const text = fc.oneof(fc.string({ maxLength: 140 }), fc.stringMatching(/^[ab]{0,140}$/));
    fc.assert(
      fc.property(text, text, (a, b) => editDistance(a, b) === slowDistance(a, b)),
      { numRuns: 400 },
    );
  });
});

describe('the measures of an edit', () => {
  it('stay within their bounds, say none for the same text, and are symmetric in amount', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.lorem({ maxCount: 30 }));
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { amount, kept, kind, inserted, deleted } = editMeasuresOf(a, b);
        expect(amount).toBeGreaterThanOrEqual(0);
        expect(amount).toBeLessThanOrEqual(1);
        expect(kept).toBeGreaterThanOrEqual(0);
        expect(kept).toBeLessThanOrEqual(1);
        expect(kind === 'none').toBe(a === b);
        expect(amount === 0).toBe(a === b);
        expect(b.length - a.length).toBe(inserted - deleted);
        expect(editMeasuresOf(b, a).amount).toBeCloseTo(amount, 12);
      }),
    );
  });

  it.each([
    ['The quick brown fox jumps.', 'The quick brown fox jumps!', 'characters'],
    ['I recieve teh parcel today', 'I receive the parcel today', 'characters'],
    ['The quick brown fox jumps over the dog', 'The quick red fox jumps over the lazy dog', 'words'],
    ['one\ntwo\nthree\n', 'one\nthree\n', 'lines'],
    ['one\ntwo\n', 'one\ntwo\nthree\n', 'lines'],
    ['Our refund takes five days.', 'Please write to the sales team instead, we cannot help', 'rewritten'],
    ['', 'all new', 'rewritten'],
  ] as const)('names what was edited: %j to %j', (before, after, kind) => {
    expect(editMeasuresOf(before, after).kind).toBe(kind);
  });

  it('counts an accepted prefix as kept', () => {
    const { amount, kept } = editMeasuresOf('a b c d', 'a b c');
    expect(kept).toBe(0.75);
    expect(amount).toBeCloseTo(2 / 7);
  });

  it('ends soon with texts of any size, and never counts less than was edited', () => {
    const words = (seed: number, n: number) => Array.from({ length: n }, (_, i) => `w${(i * seed) % 9_973}`).join(' ');
    const began = performance.now();
    const far = editMeasuresOf(words(7, 120_000), words(13, 120_000));
    expect(far.amount).toBeGreaterThan(0.3);
    const long = words(7, 60_000);
    const near = editMeasuresOf(long, `${long.slice(0, 1_000)} inserted here ${long.slice(1_000)}`);
    expect(near.amount).toBeLessThan(0.001);
    expect(near.kept).toBeGreaterThan(0.99);
    expect(editMeasuresOf('x'.repeat(3_000_000), 'y')).toMatchObject({ amount: 1, kept: 0, kind: 'rewritten' });
    editMeasuresOf('x'.repeat(900_000), 'xy'.repeat(450_000));
    expect(performance.now() - began).toBeLessThan(8_000);
  });
});
