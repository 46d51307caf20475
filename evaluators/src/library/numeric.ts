import { z } from 'zod';
import { defineEvaluator, notScored, passes, scored } from '../evaluator.ts';
import { targetKey } from '../options.ts';
import { quote } from '../words.ts';

export const numeric = defineEvaluator({
  name: 'numeric',
  title: 'Number within a tolerance',
  group: 'structure',
  description: 'Is the number in the output close enough to the target’s?',
  limits: 'Reads 1,234.56 and 1.2e3, not 1.234,56. Units are overlooked, not converted.',
  cites: ['|x − t| ≤ max(absolute, relative · |t|); the last number as the answer: Cobbe et al. 2021, GSM8K, arXiv:2110.14168'],
  options: z.strictObject({
    target_key: targetKey,
    absolute: z.number().min(0).default(0).describe('Largest difference.'),
    relative: z.number().min(0).default(1e-9).describe('Largest difference as a share of the target: 0.01 is one per cent.'),
    find: z.enum(['only', 'first', 'last']).default('only').describe('Which number of the output: the only one, the first or the last.'),
  }),
  needs: () => ['output', 'reference'],
  returns: () => passes,
  prepare: (options) => (material) => {
    const wanted = typeof material.target === 'number' ? material.target : numbersIn(material.references[0] ?? '')[0];
    if (wanted === undefined || !Number.isFinite(wanted))
      return notScored(`The target ${quote(material.references[0] ?? '')} is not a number.`);
    const numbers = numbersIn(material.output);
    if (numbers.length === 0) return scored(false, 'There is no number in the output.');
    if (options.find === 'only' && numbers.length > 1) return scored(false, `There are ${numbers.length} numbers in the output, not one.`);
    const found = (options.find === 'last' ? numbers.at(-1) : numbers[0]) ?? Number.NaN;
    const near = Math.abs(found - wanted) <= Math.max(options.absolute, options.relative * Math.abs(wanted));
    return near ? scored(true) : scored(false, `${found} in place of ${wanted}.`);
  },
});

/** Finite numbers in a text, from left to right. A minus after a letter or digit is a hyphen. */
function numbersIn(text: string): number[] {
  const found = text.matchAll(/(?<![\p{L}\p{N}_.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?/gu);
  return [...found].map(([match]) => Number(match.replaceAll(',', '').replace('−', '-'))).filter(Number.isFinite);
}
