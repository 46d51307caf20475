import { describe, expect, it } from 'vitest';
import { queued, type Sent, waitAfter } from './outbox.ts';

const answer = (itemId: string, judgment: boolean): Sent => ({
  kind: 'answer',
  itemId,
  body: { answers: [{ evaluator_id: 'ev', judgment }] },
});

describe('what waits to be sent', () => {
  it('keeps the order, and of one item only the last', () => {
    const first = queued([], answer('a', true), false);
    const second = queued(first, { kind: 'skip', itemId: 'b' }, false);
    expect(queued(second, answer('a', false), false)).toEqual([{ kind: 'skip', itemId: 'b' }, answer('a', false)]);
  });

  it('takes back what was never sent by not sending it', () => {
    expect(queued([answer('a', true)], { kind: 'undo', itemId: 'a' }, false)).toEqual([]);
  });

  it('takes back what is under way after it, and what was sent by asking', () => {
    expect(queued([answer('a', true)], { kind: 'undo', itemId: 'a' }, true)).toEqual([answer('a', true), { kind: 'undo', itemId: 'a' }]);
    expect(queued([], { kind: 'undo', itemId: 'a' }, false)).toEqual([{ kind: 'undo', itemId: 'a' }]);
  });

  it('waits longer after each failure, to a bound', () => {
    expect([0, 1, 2, 10].map(waitAfter)).toEqual([500, 1000, 2000, 15_000]);
  });
});
