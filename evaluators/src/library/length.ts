import { estimateTokens } from '@whetstone/domain';
import { z } from 'zod';
import { defineEvaluator, scored } from '../evaluator.ts';
import { bounds, numberOr } from '../options.ts';
import { wordsOf } from '../text/tokens.ts';
import { counted } from '../words.ts';

const measures = {
  characters: (text: string) => {
    let count = 0;
    for (const _ of text) count++;
    return count;
  },
  words: (text: string) => wordsOf(text).length,
  lines: (text: string) => (text === '' ? 0 : text.split(/\r\n|[\n\r\u2028\u2029]/).length),
  tokens: (text: string) => estimateTokens(text).tokens,
};

export const length = defineEvaluator({
  name: 'length',
  title: 'Length',
  group: 'style',
  description: 'How long is the output, and is it within your limits?',
  limits: 'Tokens are estimated without the model’s own tokeniser.',
  options: z.strictObject({
    unit: z.enum(['characters', 'words', 'lines', 'tokens']).default('words').describe('What is counted. Characters are code points.'),
    ...bounds,
  }),
  needs: () => ['output'],
  returns: numberOr({ type: 'number', min: 0, max: null, better: null }),
  prepare:
    ({ unit }) =>
    ({ output }) => {
      const count = measures[unit](output);
      return scored(count, `${counted(count, unit.slice(0, -1))}${unit === 'tokens' ? ', estimated' : ''}.`);
    },
});
