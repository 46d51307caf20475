import { z } from 'zod';
import { chatMessage } from './chat.ts';
import { fileKind, person } from './files.ts';
import { jsonObject, moment } from './json.ts';
import { evaluatorSpec } from './kernels.ts';
import { judgmentValue } from './logs.ts';
import { many } from './query.ts';

/** People who judge: queues of logs, what they agree on, and how well automatic judges do against them. */

/** The filters of `GET /v5/logs` by which a queue is filled. */
const logFilterFields = {
  file_id: many.nullish(),
  version_id: many.nullish(),
  environment: many.nullish(),
  kind: many.nullish(),
  status: many.nullish(),
  origin: many.nullish(),
  user: many.nullish(),
  session: many.nullish(),
  search: z.string().nullish(),
  filter: z.string().nullish(),
  start_date: moment.nullish(),
  end_date: moment.nullish(),
};

export const reviewSource = z.discriminatedUnion('type', [
  /** `live`: new logs that match join. */
  z.strictObject({ type: z.literal('filter'), ...logFilterFields, live: z.boolean().default(false) }),
  z.strictObject({ type: z.literal('run'), evaluation_id: z.string(), run_id: z.string() }),
  /** Logs of the same datapoint side by side. */
  z.strictObject({ type: z.literal('pair'), evaluation_id: z.string(), run_ids: z.tuple([z.string(), z.string()]) }),
  z.strictObject({ type: z.literal('logs'), log_ids: z.array(z.string()).min(1).max(10_000) }),
]);
export type ReviewSource = z.infer<typeof reviewSource>;

export const reviewQueueRequest = z.strictObject({
  name: z.string().trim().min(1).max(200),
  instructions: z.string().max(20_000).nullish(),
  /** Human evaluators by id, path or version; a queue of pairs needs none. */
  evaluators: z.array(z.strictObject({ id: z.string().nullish(), path: z.string().nullish(), version_id: z.string().nullish() })).max(10),
  source: reviewSource,
  /** Members who review; none: whoever may judge. */
  assignees: z.array(z.string()).max(200).default([]),
  /** People a log. */
  overlap: z.int().min(1).max(20).default(1),
  /** Of what the source holds, drawn at random. */
  share: z.number().gt(0).max(1).default(1),
  /** At most so many, drawn at random. */
  limit: z.int().min(1).max(20_000).nullish(),
  /** Reviewers see no version, no model and nobody's judgments. */
  blind: z.boolean().default(false),
});
export type ReviewQueueRequest = z.infer<typeof reviewQueueRequest>;
export const reviewQueuePatch = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  instructions: z.string().max(20_000).nullish(),
  assignees: z.array(z.string()).max(200).optional(),
  overlap: z.int().min(1).max(20).optional(),
  closed: z.boolean().optional(),
});

const reviewEvaluator = z.object({ id: z.string(), version_id: z.string(), path: z.string(), name: z.string(), spec: evaluatorSpec });
export type ReviewEvaluator = z.infer<typeof reviewEvaluator>;

/** A number from a sample: estimate, interval, what it rests on and, where there is none, why. */
export const measured = z
  .object({
    estimate: z.number().nullable(),
    lower: z.number().nullable(),
    upper: z.number().nullable(),
    level: z.number(),
    n: z.number(),
    method: z.string(),
    /** In words, when there is no estimate or no interval. */
    reason: z.string().nullable(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'Measured' });
export type Measured = z.infer<typeof measured>;

export const reviewQueue = z
  .object({
    id: z.string(),
    name: z.string(),
    instructions: z.string().nullable(),
    mode: z.enum(['single', 'pairwise']),
    blind: z.boolean(),
    overlap: z.int(),
    share: z.number(),
    source: z.union([reviewSource, z.looseObject({ type: z.literal('active') })]),
    evaluators: z.array(reviewEvaluator),
    assignees: z.array(person),
    /** Items in all; with all their judgments; that somebody has begun. Items whose log was deleted count nowhere. */
    items: z.int(),
    complete: z.int(),
    answers: z.int(),
    closed: z.boolean(),
    /** Of the caller: whether they may review here, what they did, and what is left for them. */
    mine: z.object({ assigned: z.boolean(), done: z.int(), left: z.int(), median_seconds: z.number().nullable() }),
    created_at: z.string(),
    created_by: person.nullable(),
  })
  .meta({ id: 'ReviewQueue' });
export type ReviewQueue = z.infer<typeof reviewQueue>;

/** A log as a reviewer reads it. In a blind queue it says neither which log it is nor what made it. */
export const reviewSubject = z.object({
  log_id: z.string().nullable(),
  type: fileKind,
  inputs: jsonObject.nullable(),
  messages: z.array(chatMessage).nullable(),
  output: z.string().nullable(),
  output_message: chatMessage.nullable(),
  error: z.string().nullable(),
  /** What the datapoint expects. */
  target: jsonObject.nullable(),
  file: z
    .object({ id: z.string(), path: z.string(), version_id: z.string(), version_name: z.string().nullable(), content_hash: z.string() })
    .nullable(),
  model: z.string().nullable(),
  created_at: z.string().nullable(),
  judgments: z.array(
    z.object({ evaluator: z.string(), judge: z.string().nullable(), judgment: judgmentValue.nullable(), reason: z.string().nullable() }),
  ),
  payload: z.enum(['full', 'dropped']),
});
export type ReviewSubject = z.infer<typeof reviewSubject>;

export const pairChoices = ['left', 'right', 'tie'] as const;
export const reviewAnswer = z.strictObject({
  evaluator_id: z.string(),
  judgment: judgmentValue,
  reason: z.string().max(20_000).nullish(),
});
export type ReviewAnswer = z.infer<typeof reviewAnswer>;
export const reviewAnswers = z.strictObject({
  answers: z.array(reviewAnswer).max(10).default([]),
  /** Which of a pair is better. */
  choice: z.enum(pairChoices).nullish(),
  reason: z.string().max(20_000).nullish(),
  /** What the output should have been: a judgment of `feedback/correction`. */
  correction: z.string().max(500_000).nullish(),
  seconds: z.number().min(0).max(86_400).nullish(),
});
export type ReviewAnswers = z.infer<typeof reviewAnswers>;

export const reviewItem = z
  .object({
    id: z.string(),
    queue_id: z.string(),
    /** One log, or two of a pair: left and right. Empty when the log was deleted meanwhile. */
    subjects: z.array(reviewSubject),
    lease_until: z.string().nullable(),
    /** What the caller said of it so far. */
    mine: z
      .object({
        answers: z.array(reviewAnswer.extend({ reason: z.string().nullable() })),
        choice: z.enum(pairChoices).nullable(),
        reason: z.string().nullable(),
        correction: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'ReviewItem' });
export type ReviewItem = z.infer<typeof reviewItem>;

const rater = z.object({ id: z.string(), name: z.string() });
export const reviewAgreement = z
  .object({
    evaluators: z.array(
      z.object({
        id: z.string(),
        path: z.string(),
        return_type: z.string(),
        items: z.int(),
        /** Items that two or more people judged. */
        shared: z.int(),
        raters: z.array(rater.extend({ items: z.int() })),
        /** Share of pairs of judgments of one item that are the same, each item counting once. */
        agreement: measured.nullable(),
        /** Of two people; null with more or fewer. */
        cohen: measured.nullable(),
        /** Over the items with the full number of judgments; null for numbers. */
        fleiss: measured.nullable(),
        alpha: measured,
        /** Agreement in words. */
        sentence: z.string(),
        pairs: z.array(z.object({ a: rater, b: rater, items: z.int(), agreement: measured, kappa: measured.nullable() })),
      }),
    ),
    /** Of pairs: how often the first run won, ties as half. */
    win_rate: z
      .object({
        wins: z.int(),
        losses: z.int(),
        ties: z.int(),
        rate: measured,
        left_chosen: z.int(),
        right_chosen: z.int(),
        sentence: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'ReviewAgreement' });
export type ReviewAgreement = z.infer<typeof reviewAgreement>;

export const reviewDisagreement = z
  .object({
    item_id: z.string(),
    log_ids: z.array(z.string()),
    input_preview: z.string(),
    output_preview: z.string(),
    answers: z.array(
      z.object({
        judge: rater,
        answers: z.array(z.object({ evaluator_id: z.string(), judgment: judgmentValue, reason: z.string().nullable() })),
        choice: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
    resolved: z
      .object({ by: rater, at: z.string(), answers: z.array(z.object({ evaluator_id: z.string(), judgment: judgmentValue })) })
      .nullable(),
    comments: z.array(z.object({ id: z.string(), by: rater, text: z.string(), at: z.string() })),
  })
  .meta({ id: 'ReviewDisagreement' });
export type ReviewDisagreement = z.infer<typeof reviewDisagreement>;

export const populationQuery = {
  human_id: z.string(),
  file_id: z.string().nullish(),
  environment: z.string().nullish(),
  from: moment.nullish(),
  to: moment.nullish(),
  run_id: z.string().nullish(),
};
const confusion = z.object({ judge: z.string(), human: z.string(), count: z.int(), log_ids: z.array(z.string()) });
export const againstPeople = z
  .object({
    judge: reviewEvaluator,
    human: reviewEvaluator,
    /** `pass`: both say good or bad. `score`: numbers. */
    measure: z.enum(['pass', 'score']),
    /** Logs that the judge judged, and of these what people said. */
    judged: z.int(),
    labelled: z.int(),
    /** Labels left out of what follows, with why. */
    dropped: z.array(z.object({ count: z.int(), why: z.string() })),
    sensitivity: measured.nullable(),
    specificity: measured.nullable(),
    agreement: measured.nullable(),
    kappa: measured.nullable(),
    confusion: z.array(confusion),
    /** What the judge says alone, people alone, and both together. */
    raw: measured,
    people: measured,
    corrected: measured,
    /** Width of `corrected` over that of `people`; under 1 the judge saves labels. */
    width_ratio: z.number().nullable(),
    /** By version of the judge, oldest first, with what changed since the one before. */
    versions: z.array(
      z.object({
        version_id: z.string(),
        name: z.string().nullable(),
        content_hash: z.string(),
        first_at: z.string(),
        last_at: z.string(),
        judged: z.int(),
        labelled: z.int(),
        sensitivity: measured.nullable(),
        specificity: measured.nullable(),
        agreement: measured.nullable(),
        change: z.object({ sensitivity: measured, specificity: measured }).nullable(),
      }),
    ),
    /** Queues of chosen labels over this judge: their estimates are weighted and stand for themselves. */
    queues: z.array(z.object({ id: z.string(), name: z.string() })),
    sentence: z.string(),
  })
  .meta({ id: 'AgainstPeople' });
export type AgainstPeople = z.infer<typeof againstPeople>;

export const labelNextRequest = z.strictObject({
  ...populationQuery,
  name: z.string().trim().min(1).max(200).nullish(),
  /** Labels on average. */
  budget: z.int().min(1).max(5_000).default(50),
  /** The part that is drawn evenly, so that the saving can be measured. */
  random_share: z.number().min(0.05).max(1).default(0.3),
  assignees: z.array(z.string()).max(200).default([]),
  overlap: z.int().min(1).max(20).default(1),
  blind: z.boolean().default(true),
});
/** What the labels of a queue of chosen logs say, each weighted by the probability with which it was chosen. */
export const reviewEstimate = z
  .object({
    judge: z.object({ id: z.string(), path: z.string() }),
    human: z.object({ id: z.string(), path: z.string() }),
    /** Logs of the population, those chosen and those labelled. */
    population: z.int(),
    chosen: z.int(),
    labelled: z.int(),
    random_share: z.number(),
    raw: z.number().nullable(),
    estimate: measured,
    /** Mean of the chosen labels without weights: biased, shown for contrast. */
    unweighted: z.number().nullable(),
    /** Variance of as many labels at random over that of the choice. */
    saving: z.number().nullable(),
    sentence: z.string(),
  })
  .meta({ id: 'ReviewEstimate' });
export type ReviewEstimate = z.infer<typeof reviewEstimate>;
