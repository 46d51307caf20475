import { z } from 'zod';
import { jsonObject } from './json.ts';
import { pairOptions, returnTypes, valence } from './kernels.ts';

/** What is said of evaluators before they judge, and of pairs of answers. */

const place = z.object({ message: z.string(), line: z.int(), column: z.int() });

/** Something that has to be there before an evaluator can judge. */
export const needOfEvaluator = z.object({ name: z.string(), words: z.string() }).meta({ id: 'NeedOfEvaluator' });
export type NeedOfEvaluator = z.infer<typeof needOfEvaluator>;

/** What the options of an evaluator of the library make of its judgments. */
const judgmentForm = z.object({
  arguments_type: z.enum(['target_free', 'target_required']),
  return_type: z.enum(returnTypes),
  number_limits: z.object({ min: z.number().nullish(), max: z.number().nullish(), step: z.number().nullish() }).nullish(),
  number_valence: valence.nullish(),
});

export const libraryEvaluator = z
  .object({
    name: z.string(),
    title: z.string(),
    group: z.string(),
    description: z.string(),
    /** What it does not tell. */
    limits: z.string().nullable(),
    needs: z.array(needOfEvaluator),
    /** JSON schema of the options. */
    options: jsonObject,
    asks_model: z.boolean(),
    compares_embeddings: z.boolean(),
    /** With the options that it starts with. */
    form: judgmentForm,
    cites: z.array(z.string()),
  })
  .meta({ id: 'LibraryEvaluator' });
export type LibraryEvaluator = z.infer<typeof libraryEvaluator>;

export const checkedEvaluator = z
  .object({
    /** False: this machine cannot tell; `message` says why. */
    checked: z.boolean(),
    message: z.string().nullable(),
    problems: z.array(place),
    entry: z.string().nullable(),
    parameters: z.array(z.string()),
    missing: z.array(z.object({ module: z.string(), line: z.int() })),
    judged_by: z.enum(['server', 'people', 'outside']),
    needs: z.array(needOfEvaluator),
    /** Production: logs that belong to no datapoint. */
    runs_in: z.object({ datasets: z.boolean(), production: z.boolean() }),
    /** Of the library: what the options make of its judgments; null where the spec says so itself. */
    form: judgmentForm.nullable(),
    /** Of the library: options that cannot work, and a model that is missing. */
    option_problems: z.array(z.object({ option: z.string(), message: z.string() })),
  })
  .meta({ id: 'CheckedEvaluator' });
export type CheckedEvaluator = z.infer<typeof checkedEvaluator>;

/** Both answers of a judge that compares two: in each order it sees another one first. Where the orders disagree, it is a tie. */
export const judgedPair = z
  .object({
    /** The log that it was compared with. */
    log_id: z.string(),
    orders: z.array(
      z.object({
        /** Which one was shown first: the judged log, or the other. */
        first: z.enum(['log', 'other']),
        verdict: z.enum(pairOptions.map(({ name }) => name)),
        reason: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'JudgedPair' });
export type JudgedPair = z.infer<typeof judgedPair>;
