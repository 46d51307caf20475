import { evaluatorSpec } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { empty, lackOf, slugOf, specOf } from './new-kind.ts';

describe('a new kind of feedback', () => {
  it('has a name that fits a path, and one of its own', () => {
    expect(slugOf('  Tone of voice! ')).toBe('tone-of-voice');
    expect(lackOf(empty, [])).toBe('Give it a name.');
    expect(lackOf({ ...empty, name: 'Tone', type: 'text' }, ['feedback/tone'])).toMatch(/already/);
    expect(lackOf({ ...empty, name: 'Tone', type: 'text' }, [])).toBeNull();
  });

  it('has two options that differ, or limits that hold something', () => {
    const option = (name: string) => ({ name, valence: 'neutral' as const });
    expect(lackOf({ ...empty, name: 'a', options: [option('x'), option(' ')] }, [])).toMatch(/two options/);
    expect(lackOf({ ...empty, name: 'a', options: [option('x'), option('x ')] }, [])).toMatch(/same name/);
    expect(lackOf({ ...empty, name: 'a', options: [option('x'), option('y')] }, [])).toBeNull();
    expect(lackOf({ ...empty, name: 'a', type: 'number', min: '5', max: '1' }, [])).toMatch(/below/);
    expect(lackOf({ ...empty, name: 'a', type: 'number', min: 'low' }, [])).toMatch(/numbers/);
    expect(lackOf({ ...empty, name: 'a', type: 'number', min: '', max: '' }, [])).toBeNull();
  });

  it.each(['select', 'multi_select', 'number', 'text', 'boolean'] as const)(
    'of the type %s is an evaluator as the contract has it',
    (type) => {
      const spec = specOf({
        ...empty,
        name: 'a',
        type,
        options: [
          { name: 'x', valence: 'positive' },
          { name: 'y', valence: 'negative' },
        ],
      });
      expect(evaluatorSpec.parse(spec)).toMatchObject({ evaluator_type: 'human', return_type: type });
    },
  );
});
