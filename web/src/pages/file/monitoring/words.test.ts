import { parseFilter } from '@whetstone/domain';
import { expect, it } from 'vitest';
import { judgedLogs } from './words.ts';

const of = (path: string, measure: Parameters<typeof judgedLogs>[0]['measure'], good: 'high' | 'low' | null) =>
  judgedLogs({ evaluator: { id: 'ev_1', path, return_type: 'boolean', evaluator_type: 'llm' }, measure, good }, 0.62);

it('leads from a chart to the logs judged badly, where it is known what is bad', () => {
  const cases: [ReturnType<typeof of>, string][] = [
    [of('grounded', { type: 'share', values: ['true'] }, 'high'), 'judged:grounded=false'],
    [of('by hand/vote', { type: 'share', values: ['good', 'very good'] }, 'high'), ''],
    [of('toxic', { type: 'share', values: ['true'] }, 'low'), 'judged:toxic=true'],
    [of('tone', { type: 'share', values: ['rude', 'cold'] }, 'low'), '(judged:tone=rude OR judged:tone=cold)'],
    [of('score', { type: 'mean' }, 'high'), 'judged:score<0.62'],
    [of('score', { type: 'mean' }, null), 'judged:score'],
  ];
  for (const [{ filter, bad }, text] of cases) {
    if (text !== '') expect(filter).toBe(text);
    expect(parseFilter(filter).ok).toBe(true);
    expect(bad).toBe(filter !== 'judged:score');
  }
  expect(cases[1]?.[0].filter).toBe('judged:"by hand/vote" -(judged:"by hand/vote"=good OR judged:"by hand/vote"="very good")');
});
