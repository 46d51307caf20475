import { z } from 'zod';
import { moment } from './json.ts';
import { valence, returnTypes } from './kernels.ts';
import { judgmentValue } from './logs.ts';

/** What users say and do: votes, actions, corrections and whatever else a workspace asks for, in one call. */

const id = z.string();
const count = z.int();

/** The evaluators that every workspace starts with, by the last part of their path `feedback/NAME`. */
export const feedbackNames = ['vote', 'action', 'correction', 'comment', 'issue', 'rating'] as const;

/** `remove` of an option takes back that option; of the whole judgment, all that this user said. */
export const feedbackItem = z.strictObject({
  /** The log, or the application's own id of it (`x-whetstone-reference`, `reference_id`). One of the two. Either may come before the log. */
  log_id: z.string().min(1).max(200).nullish(),
  reference_id: z.string().min(1).max(1_024).nullish(),
  /** A human evaluator: `vote` is `feedback/vote`; else a path or an id. */
  kind: z.string().min(1).max(500),
  /** Null with `remove`. A name alone is accepted where several may hold: it is added. */
  value: judgmentValue.nullish(),
  /** Takes back the value, or without one the judgment. */
  remove: z.boolean().nullish(),
  /** Who says so: the end user. Default: that of the log. The same user, log and kind is the same feedback. */
  user: z.string().min(1).max(1_024).nullish(),
  /** A reason or remark. */
  comment: z.string().max(10_000).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  created_at: moment.nullish(),
});
export type FeedbackItem = z.infer<typeof feedbackItem>;
export const feedbackBatchSize = 1_000;
/** In a batch each item is read by itself, so that a wrong one costs no other; 1 to 1,000. */
export const feedbackRequest = z.union([feedbackItem, z.strictObject({ feedback: z.array(z.unknown()) })]);

export const feedbackResult = z.object({
  /** The judgment; the same for the same log, kind and user. Null when it was refused. */
  id: z.string().nullable(),
  log_id: z.string().nullable(),
  /** `waiting`: the log is not known yet; the judgment joins it when it comes. */
  status: z.enum(['accepted', 'waiting', 'removed', 'refused']),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export const feedbackResponse = z
  .object({ results: z.array(feedbackResult), accepted: count, refused: count })
  .meta({ id: 'FeedbackResponse' });
export type FeedbackResponse = z.infer<typeof feedbackResponse>;

const measured = z.object({
  /** Units: users, else sessions, else logs. */
  units: count,
  n: count,
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reason: z.string().nullable(),
});
const breakdown = z.object({
  /** Share of logs that have any feedback of this kind. */
  rate: measured,
  /** Of those: the share that is positive (options with a valence), or the mean. */
  value: measured,
  /** Options and how many logs have them. */
  options: z.array(z.object({ name: z.string(), valence: valence.nullable(), logs: count })),
});

export const feedbackQuery = z.object({
  file_id: z.string().nullish(),
  environment: z.string().nullish(),
  start_date: z.iso.datetime({ offset: true }).nullish(),
  end_date: z.iso.datetime({ offset: true }).nullish(),
  buckets: z.coerce.number().int().min(1).max(200).default(30),
});

/** What a kind of feedback amounts to. `edited` is the amount edited, of corrections. */
export const feedbackSummary = z
  .object({
    start: z.string(),
    end: z.string(),
    bucket_seconds: count,
    logs: count,
    kinds: z.array(
      z.object({
        evaluator: z.object({ id, path: z.string(), name: z.string(), return_type: z.enum(returnTypes) }),
        /** `share`: of positive ones. `mean`: of numbers. `edited`: of amounts edited. `none`: texts only. */
        measure: z.enum(['share', 'mean', 'edited', 'none']),
        whole: breakdown,
        buckets: z.array(z.object({ start: z.string(), rate: measured, value: measured })),
        versions: z.array(
          z.object({ version_id: id, name: z.string().nullable(), content_hash: z.string().nullable(), rate: measured, value: measured }),
        ),
        environments: z.array(z.object({ id, name: z.string(), rate: measured, value: measured })),
      }),
    ),
  })
  .meta({ id: 'FeedbackSummary' });
export type FeedbackSummary = z.infer<typeof feedbackSummary>;

/** Which of the three kinds arrive. */
export const feedbackArrivals = z
  .object({
    logs: count,
    /** Share of logs of the last seven days that say who the user was: without one, experiments cannot assign. */
    with_user: count,
    with_reference: count,
    kinds: z.array(
      z.object({
        kind: z.enum(['votes', 'actions', 'corrections', 'other']),
        last_at: z.string().nullable(),
        day: count,
        week: count,
        /** Paths of the evaluators in it that got something this week. */
        evaluators: z.array(z.string()),
      }),
    ),
    /** Came for logs that are not here, this week. */
    waiting: count,
  })
  .meta({ id: 'FeedbackArrivals' });
export type FeedbackArrivals = z.infer<typeof feedbackArrivals>;
