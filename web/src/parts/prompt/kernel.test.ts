import { describe, expect, it } from 'vitest';
import { moveBy, readInput, readObject, toggleCompletion, withField } from './kernel.ts';

describe('editing a version', () => {
  it('keeps the words when messages become one text and back', () => {
    const text = toggleCompletion({
      model: 'm',
      template: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: '{{q}}' },
      ],
    });
    expect(text.template).toBe('Be kind.\n\n{{q}}');
    expect(toggleCompletion(text).template).toEqual([{ role: 'user', content: 'Be kind.\n\n{{q}}' }]);
  });
  it('takes a field out rather than leaving a null', () => {
    expect(withField({ model: 'm', temperature: 0.3 }, 'temperature', null)).toEqual({ model: 'm' });
  });
  it('moves a message and never loses one at the edge', () => {
    expect(moveBy(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moveBy(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  });
  it('reads lists and objects of inputs, and leaves text that only looks like them', () => {
    expect(readInput('[1, 2]')).toEqual([1, 2]);
    expect(readInput('{not json')).toBe('{not json');
    expect(readInput('42')).toBe('42');
  });
  it('says why a schema is none', () => {
    expect(readObject('[]')).toEqual({ problem: 'This must be a JSON object: { … }.' });
  });
});
