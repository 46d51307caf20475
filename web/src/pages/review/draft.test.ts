import type { EvaluatorSpec, ReviewItem } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { choicesOf, pressed } from '../../parts/judge/choices.ts';
import { bodyOf, draftOf, timeLeft } from './draft.ts';

const spec = (more: Partial<EvaluatorSpec>) =>
  ({ evaluator_type: 'human', arguments_type: 'target_free', return_type: 'boolean', ...more }) as EvaluatorSpec;
const item: ReviewItem = { id: 'i', queue_id: 'q', subjects: [], lease_until: null, mine: null };
const single = { mode: 'single' as const };

describe('what a reviewer is about to say', () => {
  it('is nothing until something was chosen, typed or chosen of a pair', () => {
    const draft = draftOf(item);
    expect(bodyOf(single, draft, 'out', 3)).toBeNull();
    expect(bodyOf(single, { ...draft, correction: 'out' }, 'out', 3)).toBeNull();
    expect(bodyOf(single, { ...draft, correction: 'better' }, 'out', 3)).toMatchObject({ answers: [], correction: 'better' });
    expect(bodyOf({ mode: 'pairwise' }, { ...draft, answers: { ev: true } }, null, 3)).toBeNull();
    expect(bodyOf({ mode: 'pairwise' }, { ...draft, choice: 'tie', reason: ' same ' }, null, 3)).toMatchObject({
      choice: 'tie',
      reason: 'same',
    });
  });

  it('has a choice a key, good and bad by valence, and labels that turn on and off', () => {
    expect(choicesOf(spec({}))?.map(({ tone }) => tone)).toEqual(['positive', 'negative']);
    expect(choicesOf(spec({ options: [{ name: 'true', valence: 'negative' }] }))?.map(({ tone }) => tone)).toEqual([
      'negative',
      'positive',
    ]);
    expect(choicesOf(spec({ return_type: 'number', number_limits: { min: 1, max: 5 } }))?.map(({ value }) => value)).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(choicesOf(spec({ return_type: 'number', number_limits: { min: 0, max: 100 } }))).toBeNull();
    const many = spec({ return_type: 'multi_select', options: [{ name: 'a' }, { name: 'b' }] });
    const [a, b] = choicesOf(many) ?? [];
    const once = pressed(many, undefined, a!);
    expect(pressed(many, once, b!)).toEqual(['a', 'b']);
    expect(pressed(many, once, a!)).toEqual([]);
    expect(pressed(spec({}), true, { value: true, label: 'Yes', tone: 'positive' })).toBeUndefined();
  });

  it('says how long it takes in words', () => {
    expect([timeLeft(68, 8), timeLeft(1, 20), timeLeft(3, 20), timeLeft(5, null), timeLeft(1000, 30)]).toEqual([
      'about 9 minutes left',
      'less than a minute left',
      'about 1 minute left',
      null,
      'about 8 hours left',
    ]);
  });
});
