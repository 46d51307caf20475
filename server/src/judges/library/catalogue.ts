import type { AnyObject, LibraryEvaluator, NeedOfEvaluator } from '@whetstone/contract';
import { type Evaluator, findEvaluator, library, type Need, needWords, specFields } from '@whetstone/evaluators';
import { z } from 'zod';

/** The library as one chooses from it: what each evaluator answers, needs and returns, and its options as a JSON schema. */
export function catalogueOf(): LibraryEvaluator[] {
  return library.map((evaluator) => {
    const options = startingOptions(evaluator);
    const needs = evaluator.needs(options);
    return {
      name: evaluator.name,
      title: evaluator.title,
      group: evaluator.group,
      description: evaluator.description,
      limits: evaluator.limits,
      needs: needs.map(needOf),
      options: z.toJSONSchema(evaluator.options, { io: 'input', unrepresentable: 'any' }),
      asks_model: needs.includes('model'),
      compares_embeddings: needs.includes('embedding'),
      form: specFields({ needs, returns: evaluator.returns(options) }),
      cites: [...evaluator.cites],
    };
  });
}

/** What an evaluator needs as long as nothing is known of its options. */
export function startingNeeds(name: string): NeedOfEvaluator[] {
  const evaluator = findEvaluator(name);
  return evaluator === undefined ? [] : evaluator.needs(startingOptions(evaluator)).map(needOf);
}

export const needOf = (need: Need): NeedOfEvaluator => ({ name: need, words: needWords[need] });

/** The options that an evaluator has when none are given; where one is required, some text stands for it. */
function startingOptions({ options }: Evaluator): AnyObject {
  const parsed = options.safeParse({});
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => [String(path[0]), 'x'] as const);
  return options.parse(Object.fromEntries(missing));
}
