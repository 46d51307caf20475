import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';

/** What came out of an evaluation, wherever it ran: this is what is compared, printed and kept as a file. */

export type Judged =
  | { outcome: 'judged'; value: JudgmentValue; reason: string | null }
  | { outcome: 'not_judged'; reason: string }
  | { outcome: 'failed'; error: string };

export interface Attempt {
  output: string | null;
  error: string | null;
  latencyMs: number | null;
  /** Null: unknown. */
  costUsd: number | null;
  /** By name of the score; absent: nobody judged. */
  judgments: Record<string, Judged>;
  /** Where to look, when there is a server. */
  logId: string | null;
}

export interface CaseResult {
  key: string;
  inputs: Record<string, string> | null;
  target: unknown;
  group: string | null;
  /** In the order of repetitions. */
  attempts: Attempt[];
}

export interface RunResult {
  /** In words: `support/answer@staging`, `here`. */
  label: string;
  versionId: string | null;
  runId: string | null;
  cases: CaseResult[];
}

export interface ScorerResult {
  name: string;
  spec: EvaluatorSpec;
}

export interface EvaluationResult {
  name: string;
  file: string | null;
  /** Its page, when there is a server. */
  url: string | null;
  repetitions: number;
  scorers: ScorerResult[];
  run: RunResult;
  baseline: RunResult | null;
  /** Why it ended before all was done. */
  stopped: string | null;
  /** What a reader should know, in sentences. */
  notes: string[];
  seconds: number;
}
