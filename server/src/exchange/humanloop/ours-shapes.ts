import { alertRule, datapoint, judgmentValue, logTargets } from '@whetstone/contract';
import { z } from 'zod';
import { moment, personShape } from './shapes.ts';

/** Alerts, gates and review queues, as an export of Whetstone has them. */

const id = z.string().min(1).max(200);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const json = z.record(z.string(), z.unknown());

const memory = z.object({
  detector: json.nullable(),
  baseline: z.number().nullable(),
  learned: z.object({ n: z.number(), mean: z.number(), squares: z.number() }),
  users: z.record(z.string(), z.object({ sum: z.number(), n: z.number(), since: z.number() })),
  recent: z.array(z.number()),
  sinceOpened: z.number(),
  openedAt: z.string().nullable(),
  text: z.string().nullable(),
  acknowledged: z.boolean(),
});
const alertEvent = z.object({
  id,
  type: z.enum(['opened', 'recovered', 'acknowledged', 'muted', 'tested']),
  text: z.string(),
  data: json,
  told: z.array(z.object({ to: z.string(), how: z.enum(['webhook', 'slack', 'mail']) })),
  at: moment,
  by: personShape,
});
export const alertShape = z.object({
  id,
  monitor_id: id,
  name: z.string(),
  rule: alertRule,
  channels: z.object({
    webhooks: z.array(z.object({ url: z.string(), events: z.array(z.string()) })).nullable(),
    emails: z.array(z.email()),
  }),
  state: z.enum(['learning', 'watching', 'open']),
  memory,
  muted_until: moment.nullable(),
  created_at: moment,
  created_by: personShape,
  updated_at: moment,
  history: z.array(alertEvent),
});

export const backfillShape = z.object({
  id,
  monitor_id: id,
  start_date: moment,
  end_date: moment,
  filter: z.string().nullable(),
  rate: z.number().gt(0).max(1),
  max_cost_usd: z.number().nonnegative().nullable(),
  state: z.enum(['done', 'cancelled', 'failed']),
  reason: z.string().nullable(),
  total: z.int().nonnegative(),
  looked_at: z.int().nonnegative(),
  judged: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  cost_usd: z.number().nonnegative(),
  created_at: moment,
  created_by: personShape,
  ended_at: moment.nullable(),
});

export const gateShape = z.object({
  id,
  environment: z.string().min(1).max(100),
  evaluation: z.string().min(1).max(255),
  file_id: text,
  no_regression: z.boolean(),
  hard_rules: z.boolean(),
  max_age_days: z.number().positive().nullable(),
  created_at: moment,
  created_by: personShape,
});

const ruleCase = z.object({
  id,
  log_id: id,
  case_key: z.string(),
  state: z.enum(['waiting', 'added', 'dismissed', 'duplicate']),
  datapoint: datapoint.nullable(),
  found_at: moment,
  decided_at: moment.nullable(),
  decided_by: personShape,
});
export const ruleShape = z.object({
  id,
  dataset_id: id,
  name: z.string().min(1),
  file_id: text,
  filter: text,
  rate: z.number().gt(0).max(1),
  most_a_day: z.int().positive(),
  target: z.enum(logTargets),
  correction_id: text,
  target_key: z.string().min(1),
  tags: z.array(z.string()),
  split: text,
  mode: z.enum(['review', 'add']),
  batch: z.int().positive(),
  state: z.enum(['active', 'inactive']),
  created_at: moment,
  created_by: personShape,
  updated_at: moment,
  cases: z.array(ruleCase),
});

export const reviewShape = z.object({
  id,
  name: z.string().min(1),
  instructions: text,
  mode: z.enum(['single', 'pairwise']),
  blind: z.boolean(),
  overlap: z.int().positive(),
  share: z.number(),
  source: z.looseObject({ type: z.enum(['filter', 'run', 'pair', 'logs', 'active']) }),
  live_filter: json.nullable(),
  closed: z.boolean(),
  created_at: moment,
  created_by: personShape,
  evaluators: z.array(z.object({ id, version_id: id })),
  assignees: z.array(personShape),
  population: z
    .object({
      judge_id: id,
      human_id: id,
      random_share: z.number(),
      measure: z.enum(['pass', 'score']),
      log_ids: z.array(z.string()),
      judged: z.array(z.number()),
      probabilities: z.array(z.number()),
    })
    .nullable(),
});

const answer = z.object({ evaluator_id: z.string(), judgment: judgmentValue, reason: z.string().nullable() });
export const reviewItemShape = z.object({
  id,
  position: z.number(),
  log_id: id,
  other_log_id: text,
  swapped: z.boolean(),
  probability: z.number().nullable(),
  gone: z.boolean(),
  added_at: moment,
  resolved_at: moment.nullable(),
  resolved_by: personShape,
  resolution: z.array(answer).nullable(),
  answers: z.array(
    z.object({
      by: personShape,
      state: z.enum(['skipped', 'done']),
      seconds: z.number().nullable(),
      answer: z
        .object({
          answers: z.array(answer),
          choice: z.enum(['left', 'right', 'tie']).nullable(),
          reason: z.string().nullable(),
          correction: z.string().nullable(),
        })
        .nullable(),
      judgment_ids: z.array(z.string()).nullable(),
      changed_at: moment,
    }),
  ),
  comments: z.array(z.object({ id, by: personShape, text: z.string(), at: moment })),
});
