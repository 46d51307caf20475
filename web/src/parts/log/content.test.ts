import { describe, expect, it } from 'vitest';
import { documentsIn } from './content.ts';

describe('retrieved documents', () => {
  it('are found under a telling name, as JSON text too', () => {
    const documents = [{ id: 'a', title: 'Returns', text: 'Within 30 days.', score: 0.9 }];
    const expected = [{ id: 'a', title: 'Returns', text: 'Within 30 days.', score: 0.9 }];
    expect(documentsIn({ question: 'x', articles: 1, documents })).toEqual(expected);
    expect(documentsIn(JSON.stringify(documents))).toEqual(expected);
  });
  it('are not made of lists that hold no text', () => {
    expect(documentsIn({ results: [1, { n: 2 }], context: 'plain text' })).toEqual([]);
  });
});
