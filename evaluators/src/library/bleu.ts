import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { bounds, ignoreCase, numberOr, targetKey } from '../options.ts';
import { countBleu, scoreBleu, smoothings } from '../text/bleu.ts';

export const bleu = defineEvaluator({
  name: 'bleu',
  title: 'BLEU',
  group: 'similarity',
  description: 'How many of the output’s words and phrases are in the target? The usual measure of translations.',
  limits:
    'From 0 to 1, where sacreBLEU prints 0 to 100. This is the score of one sentence; a mean of these is not the BLEU of a corpus. Words of scripts without spaces are not told apart.',
  cites: [
    'Papineni et al. 2002, BLEU, https://aclanthology.org/P02-1040',
    'Post 2018, sacreBLEU, https://aclanthology.org/W18-6319 (13a tokens, effective order)',
    'Chen and Cherry 2014, smoothing, https://aclanthology.org/W14-3346',
  ],
  // Four counts of all phrases in memory.
  maxChars: 200_000,
  options: z.strictObject({
    target_key: targetKey,
    smoothing: z.enum(smoothings).default('exp').describe('What becomes of a length of phrase of which none is right; sacreBLEU’s names.'),
    ignore_case: ignoreCase,
    ...bounds,
  }),
  needs: () => ['output', 'reference'],
  returns: numberOr(share),
  prepare: (options) => (material) => {
    const [output = '', ...references] = [material.output, ...material.references].map((text) =>
      options.ignore_case ? text.toLowerCase() : text,
    );
    const counts = countBleu(output, references);
    if (counts.referenceLength === 0) return notScored('The target has no words.');
    const matched = counts.correct.map((correct, i) => `${correct}/${counts.total[i]}`).join(', ');
    return scored(
      scoreBleu(counts, { smoothing: options.smoothing, effectiveOrder: true }),
      `Phrases of 1 to 4 words found: ${matched}; ${counts.outputLength} words for ${counts.referenceLength}.`,
    );
  },
});
