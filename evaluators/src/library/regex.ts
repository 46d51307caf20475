import { AppError } from '@whetstone/contract';
import { compilePattern } from '@whetstone/domain';
import { z } from 'zod';
import { defineEvaluator, passes, scored } from '../evaluator.ts';
import { ignoreCase } from '../options.ts';
import { quote } from '../words.ts';

export const regex = defineEvaluator({
  name: 'regex',
  title: 'Pattern',
  group: 'text',
  description: 'Does the output match a regular expression, or avoid it?',
  limits: 'Patterns are RE2’s: no look-around, no back-references, and in exchange no pattern that could hang.',
  cites: ['RE2 syntax, https://github.com/google/re2/wiki/Syntax'],
  options: z.strictObject({
    pattern: z.string().min(1).describe('The pattern, in RE2’s syntax.'),
    whole: z.boolean().default(false).describe('The pattern has to match the whole output, not a part of it.'),
    absent: z.boolean().default(false).describe('Pass when the pattern does not match.'),
    ignore_case: ignoreCase,
  }),
  needs: () => ['output'],
  returns: () => passes,
  prepare: (options) => {
    const pattern = compilePattern(options.pattern, { ignoreCase: options.ignore_case });
    if (typeof pattern === 'string')
      throw new AppError('invalid_input', pattern, {
        details: [{ loc: ['options', 'pattern'], msg: pattern, type: 'value_error.pattern' }],
      });
    return ({ output }) => {
      const matcher = pattern.matcher(output);
      const found = options.whole ? matcher.matches() : matcher.find();
      if (found !== options.absent) return scored(true);
      return scored(false, found ? `Matches at ${quote(matcher.group() ?? '')}.` : 'Does not match.');
    };
  },
});
