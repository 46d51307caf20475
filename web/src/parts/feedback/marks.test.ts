import type { EvaluatorLogResponse, EvaluatorSpec, JudgmentValue } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import type { FeedbackKind } from './kinds.ts';
import { marksOf } from './marks.ts';
import { afterwards, ownOf, press, set } from './own.ts';

function kind(name: string, spec: Partial<EvaluatorSpec>): FeedbackKind {
  const whole = { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'select', ...spec } as EvaluatorSpec;
  return { id: `ev_${name}`, path: `feedback/${name}`, name, description: null, spec: whole };
}
const vote = kind('vote', {
  options: [
    { name: 'good', valence: 'positive' },
    { name: 'bad', valence: 'negative' },
  ],
});
const action = kind('action', {
  return_type: 'multi_select',
  options: [
    { name: 'copied', valence: 'positive' },
    { name: 'edited', valence: 'neutral' },
    { name: 'dismissed', valence: 'negative' },
  ],
});
const correction = kind('correction', { return_type: 'text' });
const said = (evaluator: FeedbackKind, judgment: JudgmentValue, judge = 'ann', edit: { amount: number } | null = null) =>
  ({ id: `${evaluator.id} ${judge}`, evaluator, judgment, judge, judgment_source: 'user', edit }) as unknown as EvaluatorLogResponse;

describe('marks of feedback', () => {
  it('begin with the vote, count people who say the same, and tell an edit once, by its amount', () => {
    const marks = marksOf([
      said(action, ['copied', 'edited']),
      said(correction, 'Better', 'ann', { amount: 0.34 }),
      said(vote, 'bad', 'ann'),
      said(vote, 'bad', 'bob'),
      said(vote, 'bad', 'cem'),
    ]);
    expect(marks.map(({ name, count, valence, edited }) => [name, count, valence, edited])).toEqual([
      ['bad', 3, 'negative', null],
      ['copied', 1, 'positive', null],
      ['corrected', 1, 'neutral', 0.34],
    ]);
    expect(marks[0]?.text).toBe('vote: bad, by 3 people');
    expect(marksOf([said(action, ['edited'])]).map(({ name }) => name)).toEqual(['edited']);
    expect(marksOf([])).toEqual([]);
  });
});

describe("one's own feedback", () => {
  const choice = (value: string) => ({ value, label: value, tone: 'neutral' as const });

  it('is set by a press and taken back by the same one', () => {
    expect(press(vote, null, choice('good'))).toEqual({ body: { kind: 'ev_vote', value: 'good', remove: false }, after: 'good' });
    expect(press(vote, 'bad', choice('good')).after).toBe('good');
    expect(press(vote, 'good', choice('good'))).toEqual({ body: { kind: 'ev_vote', value: null, remove: true }, after: null });
  });

  it('adds and removes one of several options', () => {
    expect(press(action, ['copied'], choice('edited'))).toEqual({
      body: { kind: 'ev_action', value: 'edited', remove: false },
      after: ['copied', 'edited'],
    });
    expect(press(action, ['copied'], choice('copied'))).toEqual({
      body: { kind: 'ev_action', value: 'copied', remove: true },
      after: null,
    });
  });

  it('is shown beside what users said, before the server has it', () => {
    const users = [said(vote, 'bad', 'me')];
    const after = afterwards(users, vote, 'me', 'good', '2026-01-01T00:00:00Z');
    expect(after).toHaveLength(2);
    expect(ownOf(after, vote.id, 'me')).toMatchObject({ judgment: 'good', judgment_source: 'human' });
    const changed = afterwards(after, vote, 'me', 'bad', '2026-01-01T00:00:01Z');
    expect(ownOf(changed, vote.id, 'me')?.judgment).toBe('bad');
    expect(afterwards(changed, vote, 'me', set(vote, null).after, '')).toEqual(users);
  });
});
