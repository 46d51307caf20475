import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { bounds, numberOr, targetKey } from '../options.ts';
import { rougeL, rougeN } from '../text/rouge.ts';
import { wordsOf } from '../text/tokens.ts';
import { counted, grouped } from '../words.ts';

/** The longest common subsequence takes time by the product of both lengths: 10,000 words each take a fifth of a second. */
const maxWords = 10_000;

export const rouge = defineEvaluator({
  name: 'rouge',
  title: 'ROUGE',
  group: 'similarity',
  description: 'How much of the target’s wording does the output cover? The usual measure of summaries.',
  limits: 'Without stemming. For ASCII text equal to Google’s rouge-score; other scripts keep their letters, which rouge-score drops.',
  cites: ['Lin 2004, ROUGE, https://aclanthology.org/W04-1013', 'https://github.com/google-research/google-research/tree/master/rouge'],
  options: z.strictObject({
    target_key: targetKey,
    kind: z
      .enum(['rouge1', 'rouge2', 'rougeL'])
      .default('rougeL')
      .describe('Single words, pairs of words, or the longest common sequence.'),
    measure: z
      .enum(['f1', 'precision', 'recall'])
      .default('f1')
      .describe('Recall: share of the target. Precision: share of the output. F1: both.'),
    ...bounds,
  }),
  needs: () => ['output', 'reference'],
  returns: numberOr(share),
  prepare:
    ({ kind, measure }) =>
    (material) => {
      const output = wordsOf(material.output);
      const references = material.references.map(wordsOf).filter((words) => words.length > (kind === 'rouge2' ? 1 : 0));
      if (references.length === 0)
        return notScored(kind === 'rouge2' ? 'The target has fewer than two words.' : 'The target has no words.');
      if (kind === 'rougeL' && [output, ...references].some((words) => words.length > maxWords))
        return notScored(`ROUGE-L compares at most ${counted(maxWords, 'word')}; there are ${grouped(output.length)}.`);
      const scores = references.map((words) =>
        kind === 'rougeL' ? rougeL(output, words) : rougeN(output, words, kind === 'rouge1' ? 1 : 2),
      );
      const [best] = scores.sort((a, b) => b.f1 - a.f1 || b[measure] - a[measure]);
      const { precision = 0, recall = 0 } = best ?? {};
      return scored(best?.[measure] ?? 0, `Precision ${grouped(precision)}, recall ${grouped(recall)}.`);
    },
});
