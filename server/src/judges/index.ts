import type { EvaluatorSpec, JsonObject, JudgedPair, JudgmentValue, LibraryEvaluator, Scope } from '@whetstone/contract';
import type { Check } from '@whetstone/sandbox';
import type { StoredLog } from '../logs/index.ts';
import type { Requirements } from './requirements.ts';

export { createJudges } from './create-judges.ts';
export type { JudgesDeps } from './room.ts';

/**
 * Judges logs by the evaluators that a server can run: code in the sandbox, the library, models. The editor, evaluations and
 * monitors all judge through here, and nothing is stored here, so that none of them can differ from the others.
 */
export interface Judges {
  /** Whether the server can run it: people, and processes outside, judge by themselves. */
  runs(spec: EvaluatorSpec): boolean;
  /** One outcome a subject, in their order. Rejects only with the signal's reason. */
  judge(scope: Scope, evaluator: Judge, subjects: readonly Subject[], options?: { signal?: AbortSignal }): Promise<Judged[]>;
  /** The same by a judge that compares two answers: what it says of each log against the other one. */
  compare(scope: Scope, evaluator: Judge, pairs: readonly Pair[], options?: { signal?: AbortSignal }): Promise<Judged[]>;
  /** What is judged of logs. @throws AppError 404 for a log that is not there, 422 for one whose payload was not kept */
  subjects(scope: Scope, logIds: readonly string[]): Promise<Subject[]>;
  /** The same of logs that were read already, with their payloads. */
  subjectsOf(scope: Scope, logs: readonly StoredLog[]): Promise<Subject[]>;
  /** Ends the thread in which the library judges. */
  close(): Promise<void>;
  /** What is wrong with an evaluator's code, and how it will be called; null for evaluators without code. */
  check(scope: Scope, spec: EvaluatorSpec): Promise<Check | null>;
  /** What it has to find at a log, and where it finds that. */
  requirements(scope: Scope, spec: EvaluatorSpec): Promise<Requirements>;
  /** The library to choose from; the same for everybody. */
  catalogue(): LibraryEvaluator[];
}

export interface Judge {
  /** Under which its model calls are logged. */
  path: string;
  spec: EvaluatorSpec;
}

/** As `judgedLog` and `judgedDatapoint` of domain make them. */
export interface Subject {
  logId: string;
  datapointId: string | null;
  log: JsonObject;
  testcase: JsonObject | null;
}

/** Two answers to one case. */
export interface Pair {
  subject: Subject;
  other: Subject;
}

interface Told {
  stdout: string | null;
  /** Of the calls that the judgment made; null: unknown. */
  costUsd: number | null;
  /** Logs of these calls. */
  calls: string[];
  /** One of them was refused for now. A judgment that failed for it may do later. */
  busy?: Busy;
  /** Of two answers: what was said of the log in both orders of showing. */
  pair?: JudgedPair;
}

export interface Busy {
  /** As long as the provider asked for. */
  retryMs: number | null;
  /** A budget is spent, which no waiting gives back. */
  budget: string | null;
}

export type Judged = Told &
  (
    | { outcome: 'judged'; value: JudgmentValue; reason: string | null }
    /** Something that it needs is not there. This is not a failure, and not zero. */
    | { outcome: 'not_judged'; reason: string }
    | { outcome: 'failed'; error: string }
  );
