import { experimentEvent, guardSpec, metricSpec } from '@whetstone/contract';
import { z } from 'zod';
import { moment, personShape } from './shapes.ts';

/** Experiments, as an export of Whetstone has them. */

const id = z.string().min(1).max(200);
const share = z.number().gt(0).max(1);
const json = z.record(z.string(), z.unknown());
const dated = moment.nullable();

export const experimentShape = z.object({
  id,
  file_id: id,
  environment_id: id,
  name: z.string().min(1),
  hypothesis: z.string().nullable(),
  state: z.enum(['draft', 'running', 'stopped', 'promoted']),
  salt: z.string().min(1),
  arms: z
    .array(
      z.object({
        id,
        name: z.string(),
        versionId: id.nullable(),
        weight: share,
        stoppedAt: z.string().nullable(),
        stoppedWhy: z.string().nullable(),
      }),
    )
    .min(2)
    .max(10),
  traffic: share,
  metric: metricSpec,
  secondary: z.array(metricSpec),
  guards: z.array(guardSpec),
  smallest_difference: z.number().gt(0),
  mode: z.enum(['sequential', 'fixed']),
  planned_units: z.int().nullable(),
  window_hours: z.number().gt(0),
  forced: z.array(z.object({ unit: z.string(), armId: id })),
  hold_out: z.number().gt(0).lt(1).nullable(),
  started_at: dated,
  ended_at: dated,
  ended_why: z.string().nullable(),
  promoted_arm_id: id.nullable(),
  words: z.string().nullable(),
  created_at: moment,
  created_by: personShape,
  updated_at: moment,
  epochs: z.array(
    z.object({
      number: z.int(),
      started_at: moment,
      traffic: share,
      slots: z.array(z.object({ armId: id, weight: z.number().min(0).max(1) })),
    }),
  ),
  events: z.array(z.object({ at: moment, type: experimentEvent.shape.type, text: z.string(), data: json, by: personShape })),
  analysis: z.object({ settled_until: dated, looked_at: dated, state: json }).nullable(),
  looks: z.array(z.object({ at: moment, look: json })),
});

export const exposureShape = z.object({
  experiment_id: id,
  arm_id: id,
  unit: z.string(),
  epoch: z.int(),
  at: moment,
  received_at: moment,
  source: z.string(),
});

const micros = z.number().int().min(0);
export const outcomeShape = z.object({
  experiment_id: id,
  unit_key: z.string().min(1),
  arm_id: id,
  epoch: z.int(),
  first_at: micros,
  matured_at: micros,
  settled_at: micros,
  precedence: z.number(),
  left_out: z.string(),
  logs: z.int(),
  outcomes: z.array(z.number().nullable()),
  before: z.array(z.number().nullable()),
  answered: z.array(z.int()),
});
