import { describe, expect, it } from 'vitest';
import { foldSame, sideBySide } from './side-by-side.ts';

const text = (side: { text: string }[] | null) => side?.map((part) => part.text).join('') ?? null;

describe('two texts side by side', () => {
  it('puts a changed line beside what it was, and marks the words', () => {
    const [same, changed] = sideBySide('Hello\nBe kind.', 'Hello\nBe very kind.');
    expect(same?.same).toBe(true);
    expect([text(changed?.before ?? null), text(changed?.after ?? null)]).toEqual(['Be kind.', 'Be very kind.']);
    expect(changed?.after?.some((part) => part.kind === 'added' && part.text.includes('very'))).toBe(true);
  });
  it('leaves the other side empty where a line is new', () => {
    expect(sideBySide('a\n', 'a\nb\n').map((row) => [text(row.before), text(row.after)])).toEqual([
      ['a', 'a'],
      [null, 'b'],
    ]);
  });
  it('folds what is far from a change and says how much', () => {
    const before = Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n');
    const rows = foldSame(sideBySide(before, before.replace('line 10', 'line ten')), 2);
    expect(rows.filter((row) => 'folded' in row)).toEqual([{ folded: 8 }, { folded: 7 }]);
  });
});
