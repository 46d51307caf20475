import { z } from 'zod';
import { datapointResponse } from './datasets.ts';
import { evaluationStatuses } from './evaluations.ts';
import { fileKinds, returnTypes, valence } from './kernels.ts';
import { judgmentValue } from './logs.ts';

/** What an evaluation found: runs side by side, with what may be claimed of them. */

export const verdicts = ['better', 'worse', 'no_difference', 'cannot_tell'] as const;
const verdict = z.enum(verdicts);

/** Why a number is not given: the reasons of the statistics, and those of an evaluator whose values have no order. */
export const reportReasons = [
  'no_data',
  'one_unit',
  'no_spread',
  'too_few_units',
  'too_early',
  'not_yet',
  'too_skewed',
  'one_category',
  'not_identified',
  'too_little_overlap',
  'missing_decides',
  'no_order',
  'no_direction',
] as const;
const reason = z.enum(reportReasons).nullable();

const dropped = z.array(z.object({ count: z.int(), why: z.string() }));

/** A number from a sample. Null is unknown, never zero; `reason` says why. */
const estimated = {
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  /** Confidence of the interval, 0 to 1. */
  level: z.number(),
  /** Values that went in. */
  n: z.int(),
  /** Independent ones among them: cases, or groups of cases. */
  units: z.int(),
  method: z.string(),
  reason,
  /** The reason as a sentence. */
  reason_text: z.string().nullable(),
  warnings: z.array(z.string()),
  dropped,
};
export const reportEstimate = z.object(estimated).meta({ id: 'ReportEstimate' });
export type ReportEstimate = z.infer<typeof reportEstimate>;

export const hardRule = z.strictObject({
  evaluator_version_id: z.string(),
  /** The score must not lie below this. */
  at_least: z.number().nullish(),
  /** Nor above this. */
  at_most: z.number().nullish(),
});
export type HardRule = z.infer<typeof hardRule>;

export const reportSettingsRequest = z.strictObject({
  /** The evaluator that decides; null goes back to the default, the first that has an order. */
  primary_evaluator_version_id: z.string().nullish(),
  /** The smallest difference worth having, in the primary evaluator's unit (0.05 = 5 points of a pass rate). */
  margin: z.number().positive().nullish(),
  hard_rules: z.array(hardRule).max(100).nullish(),
});
export const reportSettings = z
  .object({
    baseline_run_id: z.string().nullable(),
    primary_evaluator_version_id: z.string().nullable(),
    margin: z.number().nullable(),
    level: z.number(),
    hard_rules: z.array(z.object({ evaluator_version_id: z.string(), at_least: z.number().nullable(), at_most: z.number().nullable() })),
    /** Where primary and margin come from: nobody said, they were saved, or this request asks for others. */
    chosen: z.enum(['default', 'saved', 'asked']),
    /** They were changed when there were judgments already: what they decide is exploratory. */
    set_after_data: z.boolean(),
    set_at: z.string().nullable(),
    set_by: z.string().nullable(),
  })
  .meta({ id: 'ReportSettings' });
export type ReportSettings = z.infer<typeof reportSettings>;

export const reportRun = z
  .object({
    run_id: z.string(),
    /** What sentences call it: the version's name or the start of its hash, numbered when several runs share it. */
    label: z.string(),
    version: z
      .object({
        version_id: z.string(),
        file_id: z.string(),
        path: z.string(),
        kind: z.enum(fileKinds),
        name: z.string().nullable(),
        content_hash: z.string(),
      })
      .nullable(),
    dataset: z.object({ version_id: z.string(), file_id: z.string(), path: z.string(), name: z.string().nullable() }).nullable(),
    control: z.boolean(),
    baseline: z.boolean(),
    status: z.enum(evaluationStatuses),
    created_at: z.string(),
    logs: z.int(),
    /** Datapoints with a log. */
    cases: z.int(),
    /** Logs a case, at most. */
    repetitions: z.int(),
    /** Datapoints of the report that this run has no log for. */
    missing_cases: z.int(),
    errors: z.int(),
    cost: z.object({
      total_usd: z.number().nullable(),
      /** Median over cases. */
      per_case: reportEstimate,
      /** Logs whose cost is not known; they are not free. */
      unknown: z.int(),
      /** Some of it was estimated. */
      estimated: z.boolean(),
    }),
    latency: z.object({ p50_ms: reportEstimate, p95_ms: reportEstimate, unknown: z.int() }),
    tokens: z.object({ prompt: z.number().nullable(), output: z.number().nullable() }),
  })
  .meta({ id: 'ReportRun' });
export type ReportRun = z.infer<typeof reportRun>;

export const reportDistribution = z.union([
  z.object({ type: z.literal('numbers'), bins: z.array(z.object({ from: z.number(), to: z.number(), count: z.int() })) }),
  z.object({
    type: z.literal('options'),
    options: z.array(z.object({ name: z.string(), valence: valence.nullable(), count: z.int() })),
  }),
]);
export type ReportDistribution = z.infer<typeof reportDistribution>;

export const reportScore = z
  .object({
    run_id: z.string(),
    ...estimated,
    /** Logs with a judgment that counts. */
    judged: z.int(),
    /** Cases without a log. */
    missing: z.int(),
    /** Logs whose judgment is an error. */
    failed: z.int(),
    /** Logs for which the evaluator abstained. */
    abstained: z.int(),
    /** Logs that nobody judged yet. */
    not_judged: z.int(),
    /** Judgments of another type than the evaluator gives; they count as failed. */
    wrong_type: z.int(),
    /** Judgments that are neither good nor bad: they stay out of the score. */
    neutral: z.int(),
    distribution: reportDistribution.nullable(),
  })
  .meta({ id: 'ReportScore' });
export type ReportScore = z.infer<typeof reportScore>;

export const reportComparison = z
  .object({
    run_id: z.string(),
    baseline_run_id: z.string(),
    /** The run minus the baseline, over the cases of both. */
    difference: z.number().nullable(),
    lower: z.number().nullable(),
    upper: z.number().nullable(),
    level: z.number(),
    n: z.int(),
    units: z.int(),
    method: z.string(),
    p: z.number().nullable(),
    /** By Holm over the runs, for the primary evaluator; null for others. */
    p_adjusted: z.number().nullable(),
    verdict,
    sentence: z.string(),
    /** Nothing to decide by: not the primary evaluator, or chosen after the data were seen. */
    exploratory: z.boolean(),
    exploratory_because: z.string().nullable(),
    margin: z.number().nullable(),
    /** Better or worse, but by less than the margin. */
    below_margin: z.boolean(),
    reason,
    reason_text: z.string().nullable(),
    warnings: z.array(z.string()),
    dropped,
    /** How many more cases would show a difference of the margin; null without a margin or a spread. */
    more_cases: z.int().nullable(),
    /** Or: this many repeats of each case, with this many cases in all. */
    more_repeats: z.object({ repeats: z.int(), cases: z.int() }).nullable(),
    became_better: z.int(),
    became_worse: z.int(),
    unchanged: z.int(),
    /** Cases that one of the two has no judgment for. */
    not_compared: z.int(),
    /** The verdict if every missing judgment were the worst, and the best; null when none is missing. */
    missing_as_worst: verdict.nullable(),
    missing_as_best: verdict.nullable(),
  })
  .meta({ id: 'ReportComparison' });
export type ReportComparison = z.infer<typeof reportComparison>;

/** How a number of the evaluator is told: points of a pass rate, or plain numbers. */
export const scoreUnits = ['points', 'number', 'usd', 'ms'] as const;
const unit = z.enum(scoreUnits);

/** One run's answers against another's, case by case, as a judge saw them in both orders. */
export const reportPairwise = z
  .object({
    run_id: z.string(),
    baseline_run_id: z.string(),
    /** Judged pairs of answers. */
    pairs: z.int(),
    wins: z.int(),
    ties: z.int(),
    losses: z.int(),
    /** Pairs for which the judge answered nothing that counts. */
    failed: z.int(),
    /** Shares of the pairs, the case being the unit. */
    win_rate: reportEstimate,
    tie_rate: reportEstimate,
    loss_rate: reportEstimate,
    /** What the order of showing did to the judge. */
    position: z.object({
      /** Pairs whose two orders are known. */
      pairs: z.int(),
      /** Of these: the judge said otherwise when the answers changed places. They count as ties. */
      disagreed: z.int(),
      rate: reportEstimate,
      /** Of these: it preferred the one shown first both times, and the one shown second both times. */
      first_preferred: z.int(),
      second_preferred: z.int(),
    }),
  })
  .meta({ id: 'ReportPairwise' });
export type ReportPairwise = z.infer<typeof reportPairwise>;

export const reportEvaluator = z
  .object({
    evaluator_version_id: z.string(),
    evaluator_id: z.string(),
    path: z.string(),
    name: z.string(),
    kind: z.enum(returnTypes),
    evaluator_type: z.string(),
    options: z.array(z.object({ name: z.string(), valence: valence.nullable() })),
    /** Bounds of a score; null when nothing bounds it. */
    range: z.tuple([z.number(), z.number()]).nullable(),
    /** Null: its values have no better and worse. */
    higher_is_better: z.boolean().nullable(),
    unit,
    primary: z.boolean(),
    /** How judgments became numbers, as a sentence; null when they are numbers. */
    scored_by: z.string().nullable(),
    hard_rules: z.array(
      z.object({
        at_least: z.number().nullable(),
        at_most: z.number().nullable(),
        runs: z.array(
          z.object({
            run_id: z.string(),
            /** By the interval: `broken` when all of it lies beyond the bound, `kept` when all of it lies within. */
            outcome: z.enum(['kept', 'broken', 'cannot_tell']),
            /** The estimate alone lies beyond the bound. */
            estimate_breaks: z.boolean(),
            estimate: z.number().nullable(),
            lower: z.number().nullable(),
            upper: z.number().nullable(),
            sentence: z.string(),
          }),
        ),
      }),
    ),
    scores: z.array(reportScore),
    comparisons: z.array(reportComparison),
    /** Of a judge that compares two answers: each pair of runs that it has compared. Null of all others. */
    pairwise: z.array(reportPairwise).nullable(),
  })
  .meta({ id: 'ReportEvaluator' });
export type ReportEvaluator = z.infer<typeof reportEvaluator>;

/** Cost and latency as rows of their own: medians over cases, lower is better, always exploratory. */
export const reportMeasure = z
  .object({
    measure: z.enum(['cost_usd', 'latency_ms']),
    unit,
    scores: z.array(z.object({ run_id: z.string(), ...estimated })),
    comparisons: z.array(reportComparison),
  })
  .meta({ id: 'ReportMeasure' });
export type ReportMeasure = z.infer<typeof reportMeasure>;

export const flakyCase = z.object({
  datapoint_id: z.string(),
  run_id: z.string(),
  evaluator_version_id: z.string(),
  pass_rate: z.number(),
  lower: z.number(),
  upper: z.number(),
  n: z.int(),
});

export const evaluationReport = z
  .object({
    evaluation_id: z.string(),
    name: z.string().nullable(),
    file_id: z.string().nullable(),
    status: z.enum(evaluationStatuses),
    settings: reportSettings,
    /** What was asked for, so that an address says what it shows. */
    query: z.object({
      baseline: z.string().nullable(),
      run_id: z.array(z.string()),
      margin: z.number().nullable(),
      primary: z.string().nullable(),
    }),
    /** Datapoints of the runs' datasets, and others that have logs. */
    cases: z.int(),
    /** Conversations or sources that cases come from, when they share them: they are the units then. */
    groups: z.object({ by: z.string(), count: z.int() }).nullable(),
    /** In the order in which they were added; the baseline first. */
    runs: z.array(reportRun),
    evaluators: z.array(reportEvaluator),
    measures: z.array(reportMeasure),
    /** The most undecided first, 200 at most. */
    flaky: z.array(flakyCase),
    flaky_total: z.int(),
    /** The whole page in a sentence: what the primary evaluator says of the runs. */
    verdict: z.object({ word: z.enum([...verdicts, 'mixed', 'nothing']), sentence: z.string() }),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'EvaluationReport' });
export type EvaluationReport = z.infer<typeof evaluationReport>;

const caseJudgment = z.object({
  judgment_id: z.string(),
  evaluator_version_id: z.string(),
  value: judgmentValue.nullable(),
  reason: z.string().nullable(),
  error: z.string().nullable(),
  outcome: z.enum(['good', 'bad', 'neutral']).nullable(),
});
const caseLog = z.object({
  log_id: z.string(),
  /** The first 4,000 characters. */
  output: z.string().nullable(),
  output_cut: z.boolean(),
  error: z.string().nullable(),
  status: z.string(),
  cost_usd: z.number().nullable(),
  latency_ms: z.number().nullable(),
  finish_reason: z.string().nullable(),
  model: z.string().nullable(),
  at: z.string(),
  judgments: z.array(caseJudgment),
});
export const reportCase = z
  .object({
    /** In the dataset, from 0; null for a datapoint that is in none of the datasets. */
    position: z.int().nullable(),
    datapoint: datapointResponse,
    /** Of the evaluator asked about, `run_id`'s first run minus the baseline. */
    difference: z.number().nullable(),
    change: z.enum(['better', 'worse', 'same', 'unknown']),
    runs: z.array(
      z.object({
        run_id: z.string(),
        /** Mean over the repetitions that were judged. */
        score: z.number().nullable(),
        /** Every repetition, oldest first. */
        logs: z.array(caseLog),
      }),
    ),
  })
  .meta({ id: 'ReportCase' });
export type ReportCase = z.infer<typeof reportCase>;
export const reportCases = z.object({
  records: z.array(reportCase),
  page: z.int(),
  size: z.int(),
  total: z.int(),
  /** How many of all cases, whatever is shown: for the filters. */
  counts: z.object({ all: z.int(), better: z.int(), worse: z.int(), same: z.int(), unknown: z.int(), failed: z.int(), missing: z.int() }),
  run_id: z.string().nullable(),
  baseline_run_id: z.string().nullable(),
  evaluator_version_id: z.string().nullable(),
});
export type ReportCases = z.infer<typeof reportCases>;

export const sliceKinds = ['tag', 'input', 'input_length', 'output_length', 'topic', 'error', 'finish_reason', 'model'] as const;
export type SliceKind = (typeof sliceKinds)[number];

export const reportSlice = z.object({
  by: z.string(),
  value: z.string(),
  /** For the filter of cases: `slice=FIELD=VALUE`. */
  filter: z.string(),
  cases: z.int(),
  run: reportEstimate,
  baseline: reportEstimate,
  difference: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  p: z.number().nullable(),
  /** By Benjamini and Hochberg over all slices of the answer. */
  p_adjusted: z.number().nullable(),
  verdict,
  became_better: z.int(),
  became_worse: z.int(),
});
export const commonTrait = z.object({
  filter: z.string(),
  by: z.string(),
  value: z.string(),
  /** Cases that changed so and have the trait, of those that changed so. */
  changed: z.int(),
  changed_of: z.int(),
  /** Cases that did not change so and have the trait, of those that did not. */
  others: z.int(),
  others_of: z.int(),
  p_adjusted: z.number(),
  sentence: z.string(),
});
export const reportSlices = z
  .object({
    by: z.enum(sliceKinds),
    field: z.string().nullable(),
    /** Input variables and tags that one can slice by. */
    fields: z.array(z.string()),
    run_id: z.string().nullable(),
    baseline_run_id: z.string().nullable(),
    evaluator_version_id: z.string().nullable(),
    slices: z.array(reportSlice),
    /** Values that were too many or too rare to be shown. */
    left_out: z.int(),
    /** What cases that got better, and those that got worse, have in common: traits over-represented among them. */
    common: z.object({ better: z.array(commonTrait), worse: z.array(commonTrait) }),
    exploratory: z.literal(true),
    note: z.string(),
  })
  .meta({ id: 'ReportSlices' });
export type ReportSlices = z.infer<typeof reportSlices>;

export const reportPairs = z
  .object({
    evaluator_version_id: z.string().nullable(),
    level: z.number(),
    /** Every run against every other, once in each direction; by Holm over all pairs. */
    pairs: z.array(reportComparison),
    points: z.array(
      z.object({
        run_id: z.string(),
        label: z.string(),
        quality: reportEstimate,
        cost_usd: reportEstimate,
        latency_ms: reportEstimate,
        /** No other run is at least as good in both and better in one. */
        front: z.object({ cost: z.boolean(), latency: z.boolean() }),
      }),
    ),
    note: z.string(),
  })
  .meta({ id: 'ReportPairs' });
export type ReportPairs = z.infer<typeof reportPairs>;

export const reportFormats = ['csv', 'jsonl', 'markdown', 'junit'] as const;
export type ReportFormat = (typeof reportFormats)[number];
