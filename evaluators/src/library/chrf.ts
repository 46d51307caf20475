import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { bounds, ignoreCase, numberOr, targetKey } from '../options.ts';
import { scoreChrf } from '../text/chrf.ts';

export const chrf = defineEvaluator({
  name: 'chrf',
  title: 'chrF',
  group: 'similarity',
  description: 'How many runs of letters do the output and the target share? A measure of translations for every script.',
  limits: 'From 0 to 1, where sacreBLEU prints 0 to 100.',
  cites: [
    'Popović 2015, chrF, https://aclanthology.org/W15-3049',
    'Popović 2017, chrF++, https://aclanthology.org/W17-4770',
    'sacreBLEU 2',
  ],
  // Six counts of all runs in memory.
  maxChars: 100_000,
  options: z.strictObject({
    target_key: targetKey,
    words: z.boolean().default(false).describe('Count words and pairs of words too: chrF++.'),
    beta: z.number().min(0.1).max(10).default(2).describe('How many times as much recall counts as precision.'),
    ignore_case: ignoreCase,
    ...bounds,
  }),
  needs: () => ['output', 'reference'],
  returns: numberOr(share),
  prepare: (options) => (material) => {
    const [output = '', ...references] = [material.output, ...material.references].map((text) =>
      options.ignore_case ? text.toLowerCase() : text,
    );
    if (references.every((text) => text.trim() === '')) return notScored('The target is empty.');
    return scored(scoreChrf(output, references, { wordOrders: options.words ? 2 : 0, beta: options.beta }));
  },
});
