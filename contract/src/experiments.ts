import { z } from 'zod';
import { person } from './files.ts';
import { reportEstimate, verdicts } from './reports.ts';

/** Experiments: versions of a prompt or an agent on live traffic, judged by what users did. */

const id = z.string();
const at = z.string();
const count = z.int();
const share = z.number().gt(0).max(1);

/**
 * What is measured of a unit (a user, a session, a request). `value` is a formula of terms: `vote:good` (a judgment is that
 * option), `rating` (its number), `edited` (amount edited, 0 to 1), `cost` (USD), `latency` (ms), `tokens`, `error`; with
 * + - * / ( ), min, max and numbers. A path that is no plain word stands in double quotes: `"team/tone check":true`.
 */
export const metricSpec = z.strictObject({
  name: z.string().min(1).max(100).nullish(),
  value: z.string().min(1).max(500),
  /** How the logs of a unit become one number, term by term: `any`: the highest (1 when it ever held), `mean`, `sum`. */
  per_unit: z.enum(['any', 'mean', 'sum']).default('any'),
  direction: z.enum(['up', 'down']).default('up'),
  /** A unit without any of the judgments: counts 0 (compares what was assigned), or is left out and counted. */
  missing: z.enum(['zero', 'drop']).default('zero'),
  /** Values beyond count as this (winsorised); fixed before the start. */
  cap: z.number().nullish(),
});
export type MetricSpec = z.infer<typeof metricSpec>;

/** A bound that stops an arm by itself when it is broken for certain. */
export const guardSpec = z.strictObject({
  metric: metricSpec,
  /** Worse than control by more than this stops the arm: a ratio of rates (1: any harm) for yes-or-no metrics, else a difference in the metric's unit. */
  bound: z.union([z.strictObject({ ratio: z.number().min(1).max(100) }), z.strictObject({ difference: z.number().min(0) })]),
});
export type GuardSpec = z.infer<typeof guardSpec>;

export const armRequest = z.strictObject({
  /** Null: made from the place in the list: `control`, `b`, `c`, … */
  id: z
    .string()
    .regex(/^[a-z0-9_-]{1,40}$/)
    .nullish(),
  name: z.string().min(1).max(100).nullish(),
  /** Null: control, which is what is deployed at the start. */
  version_id: id.nullish(),
  /** Share of those that take part; all together make 1. 0 only for an arm that was stopped, whose share is control's whatever it says. */
  weight: z.number().min(0).max(1),
});

const settings = {
  name: z.string().min(1).max(100),
  hypothesis: z.string().max(5_000).nullish(),
  /** Share of units that take part; the rest gets what is deployed. */
  traffic: share.default(1),
  metric: metricSpec,
  secondary: z.array(metricSpec).max(10).default([]),
  guards: z.array(guardSpec).max(10).default([]),
  /** In the metric's unit: 0.02 is 2 points of a rate. */
  smallest_difference: z.number().gt(0),
  /** `sequential`: valid at every look. `fixed`: the answer is shown once, at the planned number of units. */
  mode: z.enum(['sequential', 'fixed']).default('sequential'),
  /** For which the interval is tightest (or the look is, when fixed); fixed at the start. Null: by the plan. */
  planned_units: z.int().min(100).max(1_000_000_000).nullish(),
  /** A unit's outcome is what was judged so long after its first exposure. */
  window_hours: z.number().min(0.01).max(2_160).default(24),
  /** Units that always get an arm and are not counted: for trying, and for those who asked. */
  forced: z
    .array(z.strictObject({ unit: z.string().min(1).max(1_024), arm_id: z.string() }))
    .max(1_000)
    .default([]),
};

export const experimentRequest = z.strictObject({
  ...settings,
  file_id: id,
  /** By name; default: the default environment. */
  environment: z.string().nullish(),
  arms: z.array(armRequest).min(2).max(10),
});
export type ExperimentRequest = z.infer<typeof experimentRequest>;

/** Of a draft anything; while it runs only name, hypothesis, traffic, weights (both open an epoch) and forced units. */
export const experimentPatch = z.strictObject({
  name: settings.name.nullish(),
  hypothesis: settings.hypothesis,
  traffic: share.nullish(),
  metric: metricSpec.nullish(),
  secondary: z.array(metricSpec).max(10).nullish(),
  guards: z.array(guardSpec).max(10).nullish(),
  smallest_difference: z.number().gt(0).nullish(),
  mode: z.enum(['sequential', 'fixed']).nullish(),
  planned_units: settings.planned_units,
  window_hours: z.number().min(0.01).max(2_160).nullish(),
  forced: z
    .array(z.strictObject({ unit: z.string().min(1).max(1_024), arm_id: z.string() }))
    .max(1_000)
    .nullish(),
  environment: z.string().nullish(),
  arms: z.array(armRequest).min(2).max(10).nullish(),
});

export const experimentStates = ['draft', 'running', 'stopped', 'promoted'] as const;
const versionRef = z.object({ id, name: z.string().nullable(), content_hash: z.string() });
export const experimentArm = z.object({
  id: z.string(),
  name: z.string(),
  control: z.boolean(),
  /** Null: control of a draft while nothing is deployed. */
  version: versionRef.nullable(),
  weight: z.number(),
  /** `stopped`: a guard or a person took its traffic, which control got. */
  state: z.enum(['active', 'stopped']),
  stopped_at: at.nullable(),
  stopped_why: z.string().nullable(),
});
export type ExperimentArm = z.infer<typeof experimentArm>;

export const experiment = z
  .object({
    id,
    name: z.string(),
    hypothesis: z.string().nullable(),
    file: z.object({ id, path: z.string(), type: z.string() }),
    environment: z.object({ id, name: z.string() }),
    state: z.enum(experimentStates),
    arms: z.array(experimentArm),
    traffic: z.number(),
    metric: metricSpec,
    secondary: z.array(metricSpec),
    guards: z.array(guardSpec),
    smallest_difference: z.number(),
    mode: z.enum(['sequential', 'fixed']),
    planned_units: count.nullable(),
    window_hours: z.number(),
    forced: z.array(z.object({ unit: z.string(), arm_id: z.string() })),
    /** Hashed together with the unit (docs/experiments.md), so that anyone can reproduce who gets what. */
    salt: z.string(),
    /** From when which shares held. */
    epochs: z.array(
      z.object({
        number: count,
        started_at: at,
        traffic: z.number(),
        weights: z.array(z.object({ arm_id: z.string(), weight: z.number() })),
      }),
    ),
    /** Share of units that is kept on control after the winner was promoted; null: none. */
    hold_out: z.number().nullable(),
    started_at: at.nullable(),
    ended_at: at.nullable(),
    /** Why it ended, in a sentence. */
    ended_why: z.string().nullable(),
    promoted_arm_id: z.string().nullable(),
    /** The answer so far in a sentence; null before there is any. */
    words: z.string().nullable(),
    created_at: at,
    created_by: person.nullable(),
    updated_at: at,
  })
  .meta({ id: 'Experiment' });
export type ExperimentResponse = z.infer<typeof experiment>;

const armOutcome = z.object({
  arm_id: z.string(),
  /** Exposed; those whose window closed; of them those with a value. */
  units: count,
  matured: count,
  measured: count,
  logs: count,
  value: reportEstimate,
});
const comparison = z.object({
  arm_id: z.string(),
  /** Arm minus control. Sequential: holds at every look at once. Fixed: null until the planned size. */
  difference: reportEstimate,
  verdict: z.enum(verdicts),
  words: z.string(),
  /** Valid at every look. */
  p: z.number().nullable(),
  /** Units still needed to see the smallest difference worth having, and days at the present rate; null: it is decided, or unknown. */
  more_units: count.nullable(),
  more_days: z.number().nullable(),
  /** Variance after the adjustment by what was known before, as a share of that without; null: nothing was. */
  adjusted: z.number().nullable(),
});
export const metricOutcome = z.object({
  metric: metricSpec,
  /** `%`, `USD`, `ms`, `points` … */
  unit: z.string(),
  role: z.enum(['primary', 'secondary', 'guard']),
  arms: z.array(armOutcome),
  comparisons: z.array(comparison),
  /** Judged after the window closed: shown here, not tested. */
  late: count,
  warnings: z.array(z.string()),
});
export type MetricOutcome = z.infer<typeof metricOutcome>;

export const experimentResult = z
  .object({
    experiment_id: id,
    as_of: at,
    /** When the next units mature, or null. */
    verdict: z.object({ kind: z.enum([...verdicts, 'no_data']), arm_id: z.string().nullable(), words: z.string() }),
    primary: metricOutcome,
    secondary: z.array(metricOutcome),
    guards: z.array(
      z.object({
        outcome: metricOutcome,
        arms: z.array(
          z.object({
            arm_id: z.string(),
            state: z.enum(['watching', 'breached', 'no_data']),
            /** Evidence of harm so far, and that at which the arm is stopped. */
            evidence: z.number().nullable(),
            threshold: z.number(),
            words: z.string(),
          }),
        ),
      }),
    ),
    /** The primary metric's interval at earlier looks, oldest first. */
    looks: z.array(
      z.object({
        at,
        units: count,
        arm_id: z.string(),
        estimate: z.number().nullable(),
        lower: z.number().nullable(),
        upper: z.number().nullable(),
      }),
    ),
    sample_ratio: z.object({
      alarm: z.boolean(),
      words: z.string(),
      evidence: z.number().nullable(),
      arms: z.array(z.object({ arm_id: z.string(), units: count, expected: z.number() })),
    }),
    /** Who gives feedback at all, per evaluator of the metrics. */
    answers: z.array(
      z.object({
        evaluator: z.string(),
        arms: z.array(z.object({ arm_id: z.string(), rate: reportEstimate })),
        differ: z.boolean(),
        words: z.string(),
      }),
    ),
    left_out: z.object({
      /** Calls without a unit: they got control. */
      no_unit: count,
      /** Logs whose version is not that of their unit's arm. */
      off_assignment: count,
      /** Units that an epoch moved to another arm. */
      moved: count,
      forced: count,
      /** Feedback for logs that are not here. */
      unknown_log: count,
    }),
    rate: z.object({ units_per_day: z.number().nullable(), planned_units: count, fixed_units: count.nullable(), words: z.string() }),
    epochs: z.array(z.object({ number: count, units: count, estimate: z.number().nullable() })),
  })
  .meta({ id: 'ExperimentResult' });
export type ExperimentResult = z.infer<typeof experimentResult>;

export const experimentPlanRequest = z.strictObject({
  file_id: id,
  environment: z.string().nullish(),
  metric: metricSpec,
  arms: z.int().min(2).max(10).default(2),
  traffic: share.default(1),
  smallest_difference: z.number().gt(0),
  power: z.number().min(0.5).max(0.99).default(0.8),
  window_hours: z.number().min(0.01).max(2_160).default(24),
});
export const experimentPlan = z
  .object({
    /** What the metric was in the last 28 days, by unit; null without data. */
    baseline: reportEstimate,
    unit: z.string(),
    units_per_day: z.number().nullable(),
    /** Logs of the last 28 days that name no unit, as a share. */
    without_unit: z.number().nullable(),
    sequential: z.object({ units: count.nullable(), days: z.number().nullable() }),
    fixed: z.object({ units: count.nullable(), days: z.number().nullable() }),
    words: z.string(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'ExperimentPlan' });
export type ExperimentPlan = z.infer<typeof experimentPlan>;

export const experimentEvent = z.object({
  at,
  type: z.enum([
    'created',
    'started',
    'changed',
    'epoch',
    'guard_stopped',
    'arm_stopped',
    'alarm',
    'stopped',
    'promoted',
    'hold_out_ended',
  ]),
  text: z.string(),
  by: person.nullable(),
});
export type ExperimentEvent = z.infer<typeof experimentEvent>;
