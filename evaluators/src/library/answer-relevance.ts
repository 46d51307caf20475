import { z } from 'zod';
import { defineEvaluator, failed, notScored, scored } from '../evaluator.ts';
import { askJudge } from '../graded/ask-judge.ts';
import { questionsPrompt } from '../graded/prompts.ts';
import { bounds, numberOr, questionKey } from '../options.ts';
import { cosine, vectorAt } from '../vectors.ts';
import { listed, quote } from '../words.ts';

export const answerRelevance = defineEvaluator({
  name: 'answer_relevance',
  title: 'Answer relevance',
  group: 'retrieval',
  description: 'Does the output answer the question that was asked, and nothing else?',
  limits: 'Says nothing of whether the answer is true. What counts as near depends on the embedding model.',
  cites: [
    'Es et al. 2024, RAGAS: questions guessed from the answer, mean cosine with the one asked, 0 when noncommittal, arXiv:2309.15217',
  ],
  maxChars: 100_000,
  options: z.strictObject({
    question_key: questionKey,
    questions: z.int().min(1).max(10).default(3).describe('How many questions are guessed from the answer.'),
    ...bounds,
  }),
  needs: () => ['output', 'question', 'model', 'embedding'],
  returns: numberOr({ type: 'number', min: -1, max: 1, better: 'higher' }),
  prepare:
    (options) =>
    async ({ output, question }, help) => {
      if (help.embed === undefined) return failed('No model for embeddings is at hand.');
      if (question.trim() === '') return notScored('The question is empty.');
      if (output.trim() === '') return scored(0, 'The output is empty.');
      const { noncommittal, reasoning, questions } = await askJudge(help, questionsPrompt(options.questions), [
        { label: 'answer', text: output },
      ]);
      if (noncommittal) return scored(0, `Noncommittal: ${reasoning.slice(0, 500)}`);
      const vectors = await help.embed([question, ...questions], help.signal);
      const sum = questions.reduce((total, _, i) => total + cosine(vectorAt(vectors, 0), vectorAt(vectors, i + 1)), 0);
      return scored(sum / questions.length, `It would answer: ${listed(questions, (text) => quote(text, 120))}.`);
    },
});
