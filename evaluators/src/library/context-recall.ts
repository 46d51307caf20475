import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { askJudge, numbered } from '../graded/ask-judge.ts';
import { attributionPrompt } from '../graded/prompts.ts';
import { bounds, contextKey, numberOr, questionKey, targetKey } from '../options.ts';
import { listed, quote } from '../words.ts';

export const contextRecall = defineEvaluator({
  name: 'context_recall',
  title: 'Context recall',
  group: 'retrieval',
  description: 'Did the retrieval find all that the target answer rests on?',
  limits: 'As good as the target: what the target leaves out is not looked for.',
  cites: ['RAGAS, context recall: share of the reference’s sentences that can be attributed to the context, arXiv:2309.15217'],
  maxChars: 200_000,
  options: z.strictObject({ target_key: targetKey, question_key: questionKey, context_key: contextKey, ...bounds }),
  needs: () => ['reference', 'question', 'context', 'model'],
  returns: numberOr(share),
  prepare:
    () =>
    async ({ references, question, contexts }, help) => {
      const { sentences } = await askJudge(help, attributionPrompt, [
        { label: 'question', text: question },
        ...numbered('passage', contexts),
        { label: 'reference', text: references[0] ?? '' },
      ]);
      if (sentences.length === 0) return notScored('The target has no sentences.');
      const lacking = sentences.filter((sentence) => !sentence.attributed);
      const told = listed(lacking, ({ sentence }) => quote(sentence, 120));
      return scored(1 - lacking.length / sentences.length, lacking.length === 0 ? null : `Not in the context: ${told}.`);
    },
});
