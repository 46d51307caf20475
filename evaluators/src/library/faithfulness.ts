import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import { askJudge, numbered, verdictsByNumber } from '../graded/ask-judge.ts';
import { statementsPrompt, supportPrompt } from '../graded/prompts.ts';
import { bounds, contextKey, numberOr, questionKey } from '../options.ts';
import { listed, quote } from '../words.ts';

export const faithfulness = defineEvaluator({
  name: 'faithfulness',
  title: 'Faithfulness',
  group: 'retrieval',
  description: 'How much of what the output claims is borne out by the passages it was given?',
  limits: 'A model judges: compare it with people before you rely on it. An output that claims nothing is not scored.',
  cites: ['Es et al. 2024, RAGAS: statements, then a verdict on each, arXiv:2309.15217'],
  maxChars: 200_000,
  options: z.strictObject({ question_key: questionKey, context_key: contextKey, ...bounds }),
  needs: () => ['output', 'question', 'context', 'model'],
  returns: numberOr(share),
  prepare:
    () =>
    async ({ output, question, contexts }, help) => {
      const { statements } = await askJudge(help, statementsPrompt, [
        { label: 'question', text: question },
        { label: 'answer', text: output },
      ]);
      if (statements.length === 0) return notScored('The output claims nothing.');
      const { verdicts } = await askJudge(help, supportPrompt, [...numbered('passage', contexts), ...numbered('statement', statements)]);
      const unsupported = verdictsByNumber(verdicts, statements.length).filter((verdict) => !verdict.supported);
      const told = listed(
        unsupported,
        ({ number, reasoning }) => `${quote(statements[number - 1] ?? '', 120)}: ${reasoning.slice(0, 300)}`,
      );
      return scored(1 - unsupported.length / statements.length, unsupported.length === 0 ? null : `Not borne out: ${told}`);
    },
});
