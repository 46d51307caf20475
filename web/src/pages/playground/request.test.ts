import { describe, expect, it } from 'vitest';
import { inputNames, inputsToSend } from './request.ts';

describe('rerunning a log', () => {
  it('sends what was not touched with its own type', () => {
    const original = { list: [1, 2], text: '[not json', looks: '[1]', n: 3 };
    const edited = { list: '[\n  1,\n  2\n]', text: '[not json', looks: '[1]', n: '3' };
    expect(inputsToSend(edited, original)).toEqual(original);
  });
  it('reads what was written anew', () => {
    expect(inputsToSend({ list: '["a"]', text: 'x' }, { list: [1], text: 'y' })).toEqual({ list: ['a'], text: 'x' });
  });
  it('shows inputs that the template does not name, too', () => {
    expect(inputNames({ kernel: { model: 'm', template: '{{b}}' }, messages: [], inputs: { a: '1', b: '2' } })).toEqual(['b', 'a']);
  });
});
