import type { DatapointResponse } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { datapointColumns } from './datapoint-columns.ts';

const point = (more: Partial<DatapointResponse>): DatapointResponse => ({
  id: 'dp_1',
  inputs: null,
  messages: null,
  target: null,
  ...more,
});
const told = (points: DatapointResponse[]) => datapointColumns(points).map(({ group, name, wide }) => [group, name, wide]);

describe('the columns of a dataset', () => {
  it('are all inputs and targets that occur, inputs first', () => {
    const points = [point({ inputs: { a: '1' }, target: { t: true } }), point({ inputs: { b: 'x'.repeat(80), a: '2' } })];
    expect(told(points)).toEqual([
      ['Input', 'a', false],
      ['Input', 'b', true],
      ['Target', 't', false],
    ]);
    expect(datapointColumns(points)[2]?.of(points[0] as DatapointResponse)).toBe(true);
  });

  it('have one for messages where a case has some', () => {
    expect(told([point({ inputs: { a: '1' } }), point({ messages: [{ role: 'user', content: 'Hi' }] })])).toEqual([
      ['Input', 'a', false],
      ['Messages', '', true],
    ]);
    expect(told([point({ inputs: { a: '1' }, messages: [] })])).toEqual([['Input', 'a', false]]);
  });
});
