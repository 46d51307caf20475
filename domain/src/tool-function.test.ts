import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionName, functionOfFile } from './tool-function.ts';

describe('the function by which a model calls a file', () => {
  it('is the declared one, untouched', () => {
    const declared = { name: 'get weather', description: 'x', parameters: {} };
    expect(functionOfFile({ name: 'other', description: null }, declared, ['city'])).toBe(declared);
  });

  it('is made of the file where none is declared', () => {
    expect(functionOfFile({ name: 'Find orders (v2)', description: 'Finds.' }, null, ['customer', 'since'])).toEqual({
      name: 'Find_orders_v2_',
      description: 'Finds.',
      parameters: {
        type: 'object',
        properties: { customer: { type: 'string' }, since: { type: 'string' } },
        required: ['customer', 'since'],
      },
    });
  });

  it('has a name that providers take, whatever the file is called', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[A-Za-z0-9_-]{1,64}$/.test(functionName(text))));
    expect(functionName('日本語')).toBe('tool');
  });
});
