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
});
export const runPatch = z.object({ control: z.boolean().nullish(), status: status.nullish() });

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
