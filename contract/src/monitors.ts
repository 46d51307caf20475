import { z } from 'zod';
import { person } from './files.ts';
import { returnTypes } from './kernels.ts';

/** Monitors: an evaluator over the new logs of a file; and alerts on what it finds. */

const id = z.string();
const at = z.string();
const count = z.int();
/** In USD, with as many digits as it takes. */
const money = z.number();

/** What a judgment counts for. */
export const monitorMeasure = z.discriminatedUnion('type', [
  /** Whether it is one of the values: `true`, or options of the evaluator. */
  z.object({ type: z.literal('share'), values: z.array(z.string()).min(1) }),
  z.object({ type: z.literal('mean') }),
]);
export type MonitorMeasure = z.infer<typeof monitorMeasure>;

/** A measured number, with its interval at `level`. Null: there is none, and `reason` says why. */
export const measuredValue = z.object({
  n: count,
  /** Users, sessions or single logs: what is independent of each other. */
  units: count,
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  reason: z.string().nullable(),
});
export type MeasuredValue = z.infer<typeof measuredValue>;

const alertSides = ['below', 'above'] as const;
export const alertRule = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('threshold'),
    side: z.enum(alertSides),
    value: z.number(),
    /** Of the last so many judgments, or of those of the last hours. */
    over: z.union([z.strictObject({ logs: z.int().min(20).max(10_000) }), z.strictObject({ hours: z.number().min(0.1).max(720) })]),
    /** Tells only when the interval at this level lies beyond the threshold as a whole. */
    level: z.number().min(0.5).max(0.9999).default(0.99),
  }),
  z.strictObject({
    type: z.literal('change'),
    direction: z.enum(['down', 'up']),
    /** About so many judgments pass between two false alarms, or more. */
    average_run_length: z.int().min(50).max(100_000_000),
    /** The worst level that is no change, in the unit of the measure. Null: learned, with the tolerance put on top. */
    baseline: z.number().nullish(),
    /** In the unit of the measure. */
    tolerance: z.number().min(0).max(1_000_000).default(0.02),
    /** Judgments of one user within so many minutes count as one, for they are alike. */
    user_minutes: z.int().min(1).max(1_440).default(60),
    /** Of scores: the least and the most that there can be. Default: the evaluator's limits. */
    range: z.tuple([z.number(), z.number()]).nullish(),
  }),
]);
export type AlertRule = z.infer<typeof alertRule>;

export const alertChannels = z.strictObject({
  /** Null: every webhook that is told of alerts. */
  webhook_ids: z.array(id).max(20).nullish(),
  emails: z.array(z.email()).max(10).default([]),
});
export type AlertChannels = z.infer<typeof alertChannels>;

export const alertRequest = z.strictObject({
  name: z.string().min(1).max(100).nullish(),
  rule: alertRule,
  channels: alertChannels.nullish(),
});
export const alertPatch = z.strictObject({
  name: z.string().min(1).max(100).nullish(),
  rule: alertRule.nullish(),
  channels: alertChannels.nullish(),
});

const alertStates = ['learning', 'watching', 'open'] as const;
export const monitorAlert = z
  .object({
    id,
    monitor_id: id,
    name: z.string(),
    rule: alertRule,
    channels: z.object({ webhook_ids: z.array(id).nullable(), emails: z.array(z.string()) }),
    /** `learning`: too little was judged to know what is usual. `open`: it told, and is not over. */
    state: z.enum(alertStates),
    /** The state in a sentence. */
    text: z.string(),
    /** Of a change: the level that is watched, and how many judgments it takes still to learn it. */
    baseline: z.number().nullable(),
    to_learn: count.nullable(),
    opened_at: at.nullable(),
    acknowledged: z.boolean(),
    muted_until: at.nullable(),
    created_at: at,
  })
  .meta({ id: 'MonitorAlert' });
export type MonitorAlert = z.infer<typeof monitorAlert>;

export const alertEvent = z
  .object({
    id,
    alert_id: id,
    type: z.enum(['opened', 'recovered', 'acknowledged', 'muted', 'tested']),
    text: z.string(),
    told: z.array(z.object({ to: z.string(), how: z.enum(['webhook', 'slack', 'mail']) })),
    at,
    by: person.nullable(),
  })
  .meta({ id: 'AlertEvent' });
export type AlertEvent = z.infer<typeof alertEvent>;

const named = z.object({ id, name: z.string() });
export const monitor = z
  .object({
    id,
    file: z.object({ id, path: z.string(), type: z.string() }),
    evaluator: z.object({ id, path: z.string(), return_type: z.enum(returnTypes), evaluator_type: z.string() }),
    /** What judges now; null when nothing is deployed. */
    version: z.object({ id, name: z.string().nullable(), content_hash: z.string() }).nullable(),
    /** The environment whose deployed version of the evaluator judges; null for a fixed version. */
    evaluator_environment: named.nullable(),
    /** Whose logs are judged; null: of all environments. */
    environment: named.nullable(),
    filter: z.string().nullable(),
    rate: z.number(),
    budget_usd: money.nullable(),
    state: z.enum(['active', 'inactive']),
    /** `idle`: no worker has looked yet. */
    status: z.enum(['watching', 'paused', 'trouble', 'off']),
    /** The status in a sentence. */
    text: z.string(),
    paused_until: at.nullable(),
    /** Null: its judgments are texts, which have no mean. */
    measure: monitorMeasure.nullable(),
    /** Whether more of the measure is good; null: nobody said. */
    good: z.enum(['high', 'low']).nullable(),
    range: z.tuple([z.number(), z.number()]).nullable(),
    /** Since midnight, UTC. `unpriced`: judgments with a model call whose price is not known, so not in the cost. */
    today: z.object({ judged: count, not_judged: count, failed: count, cost_usd: money, unpriced: count }).nullable(),
    alerts: z.array(monitorAlert),
    created_at: at,
    created_by: person.nullable(),
    updated_at: at,
  })
  .meta({ id: 'Monitor' });
export type MonitorResponse = z.infer<typeof monitor>;

const settings = {
  /** Name of the environment whose logs are judged. Null: of all. */
  environment: z.string().nullish(),
  /** As on the page of logs. */
  filter: z.string().max(5_000).nullish(),
  /** Share of the logs. */
  rate: z.number().gt(0).max(1).nullish(),
  /** Of model calls, a day (UTC). Null: no limit. */
  budget_usd: money.min(0).max(1_000_000).nullish(),
};
export const monitorRequest = z.strictObject({
  file_id: id,
  /** A fixed version, or what is deployed of an evaluator to an environment (the default one unless named). */
  evaluator: z.union([
    z.strictObject({ version_id: id }),
    z.strictObject({ id, environment: z.string().nullish() }),
    z.strictObject({ path: z.string(), environment: z.string().nullish() }),
  ]),
  ...settings,
});
export const monitorPatch = z.strictObject({ ...settings, state: z.enum(['active', 'inactive']).nullish() });

const bucket = z.object({ start: at, measured: measuredValue, not_judged: count, failed: count });
export const monitorSeries = z
  .object({
    bucket_seconds: count,
    start: at,
    end: at,
    level: z.number(),
    measure: monitorMeasure.nullable(),
    buckets: z.array(bucket),
    whole: measuredValue,
    /** Per version of the watched file, the most judged first. */
    versions: z.array(
      z.object({
        version_id: id,
        name: z.string().nullable(),
        content_hash: z.string().nullable(),
        measured: measuredValue,
        /** Estimates in the buckets; null where it has no judgment. */
        values: z.array(z.number().nullable()),
      }),
    ),
    environments: z.array(z.object({ id, name: z.string(), measured: measuredValue })),
    not_judged: count,
    failed: count,
  })
  .meta({ id: 'MonitorSeries' });
export type MonitorSeries = z.infer<typeof monitorSeries>;

export const backfillRequest = z.strictObject({
  start_date: z.iso.datetime({ offset: true }),
  end_date: z.iso.datetime({ offset: true }).nullish(),
  /** Instead of the monitor's; null: the monitor's. */
  filter: z.string().max(5_000).nullish(),
  rate: z.number().gt(0).max(1).nullish(),
  max_cost_usd: money.min(0).max(1_000_000).nullish(),
});
export const backfillEstimate = z
  .object({
    /** Logs that it would look at; those that the monitor judged already are not judged again. */
    logs: count,
    /** From what this monitor's judgments cost so far; null: it made none whose cost is known. */
    cost_usd: money.nullable(),
    cost_per_log_usd: money.nullable(),
  })
  .meta({ id: 'BackfillEstimate' });
export const backfill = z
  .object({
    id,
    monitor_id: id,
    start_date: at,
    end_date: at,
    filter: z.string().nullable(),
    rate: z.number(),
    max_cost_usd: money.nullable(),
    state: z.enum(['running', 'done', 'cancelled', 'failed']),
    reason: z.string().nullable(),
    total: count,
    looked_at: count,
    judged: count,
    failed: count,
    cost_usd: money,
    /** Null: not known yet, or over. */
    seconds_left: z.number().nullable(),
    created_at: at,
    ended_at: at.nullable(),
  })
  .meta({ id: 'Backfill' });
export type BackfillResponse = z.infer<typeof backfill>;
