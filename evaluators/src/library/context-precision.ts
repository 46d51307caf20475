import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { askJudge, numbered, verdictsByNumber } from '../graded/ask-judge.ts';
import { usefulPrompt } from '../graded/prompts.ts';
import { bounds, contextKey, numberOr, questionKey, targetKey } from '../options.ts';

export const contextPrecision = defineEvaluator({
  name: 'context_precision',
  title: 'Context precision',
  group: 'retrieval',
  description: 'Did the retrieval put the useful passages first?',
  limits: 'Needs the passages one by one and in their order. Zero when none of them was useful.',
  cites: [
    'RAGAS, context precision: mean of precision@k over the places k of useful passages',
    'Manning et al. 2008, average precision, section 8.4',
  ],
  maxChars: 200_000,
  options: z.strictObject({
    against: z
      .enum(['target', 'output'])
      .default('target')
      .describe('What the passages should have been useful for: the target, or what the model answered.'),
    target_key: targetKey,
    question_key: questionKey,
    context_key: contextKey,
    ...bounds,
  }),
  needs: ({ against }) => [against === 'target' ? 'reference' : 'output', 'question', 'context', 'model'],
  returns: numberOr(share),
  prepare:
    ({ against }) =>
    async ({ output, references, question, contexts }, help) => {
      if (contexts.length > 200) return notScored('More than 200 passages are not judged.');
      const { verdicts } = await askJudge(help, usefulPrompt, [
        { label: 'question', text: question },
        ...numbered('passage', contexts),
        { label: 'answer', text: against === 'target' ? references.join('\n') : output },
      ]);
      const useful = verdictsByNumber(verdicts, contexts.length).map((verdict) => verdict.useful);
      const places = useful.flatMap((is, i) => (is ? [i + 1] : []));
      return scored(
        averagePrecision(places),
        places.length === 0 ? 'No passage was useful.' : `Useful: ${places.join(', ')} of ${contexts.length}.`,
      );
    },
});

/** Mean over the places of useful passages (from 1, ascending) of how many down to there were useful. */
const averagePrecision = (places: readonly number[]): number =>
  places.length === 0 ? 0 : places.reduce((sum, place, i) => sum + (i + 1) / place, 0) / places.length;
