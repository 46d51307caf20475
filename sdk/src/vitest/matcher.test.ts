import { describe, expect, it } from 'vitest';
import './index.ts';

describe('toScore', () => {
  it('passes when an evaluator of the library says true', async () => {
    await expect('Paris is lovely').toScore('contains', { texts: ['Paris'] });
    await expect('London').not.toScore('contains', { texts: ['Paris'] });
    await expect({ output: 'Paris', target: 'Paris' }).toScore('exact');
  });

  it('fails with the judgment, its reason and the output', async () => {
    const failed = expect({ output: 'Pariss', target: 'Paris' }).toScore('exact');
    await expect(failed).rejects.toThrow(
      /Exact match \(exact\) judged false, expected true\.\nWhy: Differs from character 6.*\nOutput: "Pariss"/,
    );
  });

  it('holds numbers against limits, and asks for one', async () => {
    const near = expect({ output: 'kitten', target: 'sitting' });
    await near.toScore('edit_distance', {}, { atLeast: 0.5 });
    await expect(expect({ output: 'kitten', target: 'sitting' }).toScore('edit_distance', {}, { atLeast: 0.9 })).rejects.toThrow(
      'at least 0.9',
    );
    await expect(expect({ output: 'kitten', target: 'sitting' }).toScore('edit_distance')).rejects.toThrow('say what passes');
  });

  it('is an error, with `not` too, where it cannot be judged', async () => {
    await expect(expect('Paris').not.toScore('exact')).rejects.toThrow('There is no datapoint to compare with');
    await expect(expect('Paris').not.toScore('nope')).rejects.toThrow('no evaluator `nope`');
    await expect(expect({ output: 'x', inputs: { q: 'y' } }).toScore('toxicity')).rejects.toThrow("{ model: 'gpt-4o-mini' }");
  });
});
