import { expect, it } from 'vitest';
import { targetText, titleOf } from './case-text.ts';

const point = { id: 'dp_1', inputs: null, messages: null, target: null };

it('calls a case by its inputs, or by what was last said', () => {
  expect(titleOf({ datapoint: { ...point, inputs: { a: 'Where is\n my parcel?', b: '' } } as never })).toBe('Where is my parcel?');
  expect(titleOf({ datapoint: { ...point, messages: [{ role: 'user', content: 'Hello' }] } as never })).toBe('Hello');
  expect(titleOf({ datapoint: point as never })).toBe('without input');
});

it('shows a target of one text as that text', () => {
  expect(targetText({ output: 'yes' })).toBe('yes');
  expect(targetText({ a: 1, b: 'x' })).toContain('"b": "x"');
  expect(targetText(null)).toBe('');
});
