import type { EvaluationStatus, EvaluatorSpec, HardRule, JudgmentValue, PairVerdict, ReportRun } from '@whetstone/contract';

/** What a report is computed from: arrays, so that the server and the command line say the same of the same numbers. */
export interface ReportInput {
  evaluation: { id: string; name: string | null; fileId: string | null; status: EvaluationStatus };
  /** Ids of the datapoints, in the order of the dataset. */
  cases: readonly string[];
  /** Per case the conversation or source that it shares with others; null when cases are independent. */
  groups: { by: string; of: readonly string[] } | null;
  /** In the order in which they came into the evaluation. */
  runs: readonly ReportRunInput[];
  evaluators: readonly ReportJudge[];
  /** What judges that compare two answers said. */
  pairs?: readonly ReportPairJudgment[];
  asked?: ReportAsked;
  saved?: ReportSaved | null;
}

/** What this reader wants to see instead of what was saved. */
export interface ReportAsked {
  baseline?: string | null | undefined;
  runIds?: readonly string[] | null | undefined;
  margin?: number | null | undefined;
  primary?: string | null | undefined;
}

/** What was chosen, and when. */
export interface ReportSaved {
  primary: string | null;
  margin: number | null;
  hardRules: readonly HardRule[];
  at: string;
  by: string | null;
}

export interface ReportJudge {
  versionId: string;
  fileId: string;
  path: string;
  name: string;
  spec: EvaluatorSpec;
}

export interface ReportRunInput extends Pick<ReportRun, 'run_id' | 'version' | 'dataset' | 'control' | 'status' | 'created_at'> {
  /** What to call it; null: its version's name, or the start of its hash. */
  label: string | null;
  logs: readonly ReportLog[];
  /** Per case whether it is in the run's dataset; null: all are. */
  members: Uint8Array | null;
  /** Somebody had judged it before the settings were chosen. */
  judgedBeforeSettings: boolean;
}

/** One answer to one case. Null is unknown, never zero. */
export interface ReportLog {
  /** Index in `cases`. */
  at: number;
  failed: boolean;
  costUsd: number | null;
  costEstimated: boolean;
  latencyMs: number | null;
  promptTokens: number | null;
  outputTokens: number | null;
  /** In the order of `evaluators`; null: nobody judged it. */
  judgments: readonly (ReportJudgment | null)[];
}
/** One answer of a run against one of another run to the same case. */
export interface ReportPairJudgment {
  /** Index in `evaluators`. */
  evaluator: number;
  /** Index in `cases`. */
  at: number;
  runId: string;
  baselineId: string;
  value: PairVerdict | null;
  failed: boolean;
  /** With the run's answer shown first, and with it shown second; null: unknown. */
  orders: readonly [PairVerdict | null, PairVerdict | null];
}
export interface ReportJudgment {
  value: JudgmentValue | null;
  /** There is an error in place of a value. */
  failed: boolean;
}
