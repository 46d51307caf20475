import { z } from 'zod';
import { defineEvaluator, failed, notScored, scored } from '../evaluator.ts';
import { bounds, numberOr, targetKey } from '../options.ts';
import { cosine, vectorAt } from '../vectors.ts';

export const embeddingSimilarity = defineEvaluator({
  name: 'embedding_similarity',
  title: 'Embedding similarity',
  group: 'similarity',
  description: 'Does the output mean much the same as the target, by the vectors of an embedding model?',
  limits: 'What counts as near differs from model to model, and a negation is often near: choose the bound on your own cases.',
  cites: ['Cosine of embeddings; Reimers and Gurevych 2019, Sentence-BERT, arXiv:1908.10084'],
  maxChars: 30_000,
  options: z.strictObject({ target_key: targetKey, ...bounds }),
  needs: () => ['output', 'reference', 'embedding'],
  returns: numberOr({ type: 'number', min: -1, max: 1, better: 'higher' }),
  prepare:
    () =>
    async ({ output, references }, { embed, signal }) => {
      if (embed === undefined) return failed('No model for embeddings is at hand.');
      const texts = [output, ...references];
      if (texts.some((text) => text.trim() === '')) return notScored('An empty text has no meaning to compare.');
      const vectors = await embed(texts, signal);
      return scored(Math.max(...references.map((_, i) => cosine(vectorAt(vectors, 0), vectorAt(vectors, i + 1)))));
    },
});
