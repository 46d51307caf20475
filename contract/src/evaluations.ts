import { z } from 'zod';
import { datapointResponse } from './datasets.ts';
import { datasetResponse, evaluatorResponse, fileResponse, person } from './files.ts';
import { evaluatorLogResponse, logResponse } from './logs.ts';

/** Evaluations: runs of versions over datasets, judged by evaluators. */

export const evaluationStatuses = ['pending', 'running', 'completed', 'cancelled'] as const;
export type EvaluationStatus = (typeof evaluationStatuses)[number];
const status = z.enum(evaluationStatuses);

const reference = {
  version_id: z.string().nullish(),
  /** Of a file; the version is what is deployed to `environment`, or to the default one. */
  id: z.string().nullish(),
  path: z.string().nullish(),
  environment: z.string().nullish(),
};
const namesOne = (given: Record<string, unknown>): boolean => ['version_id', 'id', 'path'].some((key) => given[key] != null);
const nameOne = 'Name a version by `version_id`, or a file by `id` or `path`.';

/** What a run changes of the version's prompt. */
const override = z.strictObject({
  model: z.string().min(1).nullish(),
  provider: z.string().nullish(),
  temperature: z.number().nullish(),
  max_tokens: z.int().min(1).nullish(),
  top_p: z.number().nullish(),
  seed: z.int().nullish(),
  reasoning_effort: z.union([z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']), z.int()]).nullish(),
});
export type RunOverride = z.infer<typeof override>;

/** v5's VersionId, FileId and FilePath; its clients send null for the keys that they leave out. */
export const versionReference = z.object(reference).refine(namesOne, nameOne);
export type VersionReference = z.infer<typeof versionReference>;
export const evaluatorReference = z.object({ ...reference, orchestrated: z.boolean().nullish() }).refine(namesOne, nameOne);
export type EvaluatorReference = z.infer<typeof evaluatorReference>;

export const evaluationRequest = z.object({
  file: z.object({ id: z.string().nullish(), path: z.string().nullish() }).nullish(),
  name: z.string().nullish(),
  evaluators: z.array(evaluatorReference),
});
export const runRequest = z.object({
  dataset: versionReference.nullish(),
  version: versionReference.nullish(),
  /** The server runs `version` on every datapoint of `dataset`. */
  orchestrated: z.boolean().nullish(),
  /** Ours: how often each datapoint, when the server runs it. */
  repetitions: z.int().min(1).max(100).nullish(),
  /** Take the logs that the version already left for the datapoints. */
  use_existing_logs: z.boolean().nullish(),
  /** Ours, of what the server runs: it stops by itself when its calls and its judges' have cost this much. */
  max_cost_usd: z.number().positive().nullish(),
  /** Ours: outputs and judgments of equal content are taken from earlier runs of the workspace. */
  cache: z.boolean().nullish(),
  /** Ours: calls at once, at most. Default: from 32 up to 128, as the provider bears. */
  concurrency: z.int().min(1).max(256).nullish(),
  /** Ours: the prompt with another model or other parameters; this is a version of its own, without a name. */
  override: override.nullish(),
});
/** `max_cost_usd`: a higher cap, with which a run that reached its own goes on. */
export type RunRequest = z.infer<typeof runRequest>;
export const runPatch = z.object({
  control: z.boolean().nullish(),
  status: status.nullish(),
  max_cost_usd: z.number().positive().nullish(),
});

/** Why a run was ended other than by its own completion: `caller` cancelled it, `cost` reached its cap … */
export const stopReasons = ['caller', 'cost', 'unknown_cost', 'budget', 'version_deleted'] as const;
export type StopReason = (typeof stopReasons)[number];

/** How far a run is. What only the server's own work tells is null for a run into which the caller logs. */
export const runProgress = z
  .object({
    /** Logs that there will be; null: nobody knows. */
    total: z.int().nullable(),
    done: z.int(),
    /** Of these: calls that failed for good. */
    failed: z.int(),
    /** Of these: taken from earlier runs. */
    from_cache: z.int(),
    judged: z.int(),
    /** Judgments that the run still waits for, of the logs that are there. */
    awaited_judgments: z.int(),
    /** Of the calls and the judges so far; null: unknown. */
    cost_usd: z.number().nullable(),
    /** Calls whose price nobody knows: the cost is of the others. */
    unpriced_calls: z.int(),
    /** From the pace of the last half minute; null while nothing tells. */
    seconds_left: z.number().nullable(),
  })
  .meta({ id: 'EvaluationRunProgress' });
export type RunProgress = z.infer<typeof runProgress>;

/** What runs would cost, before they are started. */
export const estimateRequest = z.strictObject({
  dataset: versionReference,
  versions: z.array(versionReference).min(1).max(100),
  /** Judges beyond those of the evaluation, or without one. */
  evaluators: z.array(versionReference).max(100).nullish(),
  repetitions: z.int().min(1).max(100).default(1),
  override: override.nullish(),
  cache: z.boolean().nullish(),
});
export type EstimateRequest = z.infer<typeof estimateRequest>;
const money = z.object({ low: z.number(), mid: z.number(), high: z.number() });
export const estimateResponse = z
  .object({
    cases: z.int(),
    /** Calls of the versions: cases x repetitions x versions. */
    logs: z.int(),
    /** Of these, calls that would be answered from earlier runs. */
    from_cache: z.int(),
    /** Calls that judges make. */
    judge_calls: z.int(),
    /** Null: a price or the length of an answer is unknown, and `basis` says which. */
    cost_usd: money.nullable(),
    /** With nothing else under way; null: no such call was ever made. */
    seconds: z.number().nullable(),
    /** What the figures rest on, in words. */
    basis: z.array(z.string()),
    versions: z.array(
      z.object({ version_id: z.string(), logs: z.int(), from_cache: z.int(), cost_usd: money.nullable(), seconds: z.number().nullable() }),
    ),
  })
  .meta({ id: 'EvaluationEstimate' });
export type EstimateResponse = z.infer<typeof estimateResponse>;

export const evaluationResponse = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    file_id: z.string().nullable(),
    runs_count: z.int(),
    evaluators: z.array(z.object({ version: evaluatorResponse, orchestrated: z.boolean(), added_at: z.string() })),
    created_at: z.string(),
    created_by: person.nullable(),
    updated_at: z.string(),
    url: z.string().nullable(),
  })
  .meta({ id: 'EvaluationResponse' });
export type EvaluationResponse = z.infer<typeof evaluationResponse>;

export const runResponse = z
  .object({
    id: z.string(),
    dataset: datasetResponse.nullable(),
    version: fileResponse.nullable(),
    orchestrated: z.boolean(),
    added_at: z.string(),
    created_at: z.string(),
    created_by: person.nullable(),
    status,
    control: z.boolean(),
    /** Ours from here on. */
    repetitions: z.int(),
    max_cost_usd: z.number().nullable(),
    cached: z.boolean(),
    concurrency: z.int().nullable(),
    stopped_because: z.enum(stopReasons).nullable(),
    /** The reason in words, with what to do. */
    stopped_message: z.string().nullable(),
    progress: runProgress,
  })
  .meta({ id: 'EvaluationRunResponse' });
export type RunResponse = z.infer<typeof runResponse>;

const counts = {
  evaluator_version_id: z.string(),
  total_logs: z.int(),
  /** Judgments with a value. */
  num_judgments: z.int(),
  /** Judgments with neither a value nor an error. */
  num_nulls: z.int(),
  num_errors: z.int(),
};
export const evaluatorStats = z.union([
  z.object({
    ...counts,
    mean: z.number().nullable(),
    sum: z.number().nullable(),
    std: z.number().nullable(),
    percentiles: z.record(z.string(), z.number()),
  }),
  z.object({ ...counts, num_true: z.int(), num_false: z.int() }),
  z.object({ ...counts, num_judgments_per_option: z.record(z.string(), z.int()) }),
  z.object(counts),
]);
export type EvaluatorStats = z.infer<typeof evaluatorStats>;

export const evaluationStats = z
  .object({
    /** Newest run first. */
    run_stats: z.array(
      z.object({
        run_id: z.string(),
        version_id: z.string().nullable(),
        batch_id: z.string().nullable(),
        num_logs: z.int(),
        evaluator_stats: z.array(evaluatorStats),
        status,
      }),
    ),
    /** How far the runs are, as lines of text. */
    progress: z.string().nullable(),
    /** A table as text, once all runs have ended. */
    report: z.string().nullable(),
    status,
  })
  .meta({ id: 'EvaluationStats' });
export type EvaluationStats = z.infer<typeof evaluationStats>;

export const evaluationLogResponse = z
  .object({
    run_id: z.string(),
    datapoint: datapointResponse.nullable(),
    log: logResponse,
    evaluator_logs: z.array(evaluatorLogResponse),
  })
  .meta({ id: 'EvaluationLogResponse' });
