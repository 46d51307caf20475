import type { EstimateResponse, EvaluationStatus, EvaluatorStats, RunOverride, RunProgress, Scope, StopReason } from '@whetstone/contract';
import type { Agents } from '../agents/index.ts';
import type { Files, Snapshot, StoredDatapoint, VersionRef } from '../files/index.ts';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/index.ts';
import type { Judges } from '../judges/index.ts';
import type { Logs, StoredLog } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Tools } from '../tools/index.ts';
import type { Carry } from './carry/carried.ts';

export type { CarriedEvaluation, CarriedItem, CarriedRun } from './carry/carried.ts';
export { createEvaluations } from './create-evaluations.ts';
/** What counts as judged, and when a run is over: reports ask the same of the same logs. */
export { asks, countsAnyVersion, type Judge, statusOf, statusOfAll } from './stats.ts';

/**
 * Evaluations: runs of versions over datasets, judged by evaluators. The caller makes logs and
 * judgments, or the server does; what a run's status and scores are follows from them.
 */
export interface Evaluations {
  /** Newest first. */
  list(scope: Scope, query: { fileId?: string | null; page: number; size: number }): Promise<{ records: Evaluation[]; total: number }>;
  /** @throws AppError 404 */
  get(scope: Scope, id: string): Promise<Evaluation>;
  /** @throws AppError 409 when the file has an evaluation of the name */
  create(scope: Scope, input: NewEvaluation): Promise<Evaluation>;
  delete(scope: Scope, id: string): Promise<void>;
  addEvaluators(scope: Scope, id: string, evaluators: readonly EvaluatorRef[]): Promise<Evaluation>;
  removeEvaluator(scope: Scope, id: string, evaluatorVersionId: string): Promise<Evaluation>;

  /** Newest first. */
  runs(scope: Scope, id: string): Promise<Run[]>;
  createRun(scope: Scope, id: string, input: NewRun): Promise<Run>;
  /** All of them, or none. */
  createRuns(scope: Scope, id: string, inputs: readonly NewRun[]): Promise<Run[]>;
  /** What runs would cost. @param id null: of an evaluation that is not there yet */
  estimate(scope: Scope, id: string | null, input: NewEstimate): Promise<EstimateResponse>;
  addRun(scope: Scope, id: string, runId: string): Promise<Run>;
  removeRun(scope: Scope, id: string, runId: string): Promise<void>;
  /** One run at most is the control. `pending` and `running` take an end back. */
  updateRun(scope: Scope, id: string, runId: string, patch: RunChange): Promise<Run>;
  addLogs(scope: Scope, id: string, runId: string, logIds: readonly string[]): Promise<Run>;

  stats(scope: Scope, id: string): Promise<Stats>;
  /** Newest first. */
  logs(
    scope: Scope,
    id: string,
    query: { runIds?: readonly string[] | null; page: number; size: number },
  ): Promise<{ records: RunLogEntry[]; total: number }>;

  /** @throws AppError 404 for a run that a log cannot be written into */
  requireRun(scope: Scope, runId: string): Promise<void>;
  /** Takes a log of a datapoint into the open runs that wait for one. Wired to `logs.onRecorded`. */
  attach(scope: Scope, log: Pick<StoredLog, 'id' | 'at' | 'versionId' | 'datapointId' | 'runId'>): Promise<void>;
  /** A trace is complete, so that its runs can judge it. Wired to `logs.onCompleted`. */
  completed(scope: Scope, log: Pick<StoredLog, 'id' | 'kind' | 'versionId' | 'datapointId' | 'runId'>): Promise<void>;

  /** All that the room keeps of a workspace, for an export and for the import of one. */
  carry: Carry;
  /** Takes up the runs that an earlier process left undone. */
  start(): Promise<void>;
  /** Lets go of the runs under way; what was done in them stays done. */
  close(): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface EvaluationsDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'upsert' | 'get' | 'resolve' | 'find' | 'versionsById' | 'deployed' | 'environments' | 'datasets'>;
  logs: Pick<Logs, 'find' | 'list' | 'runs' | 'newId' | 'record' | 'change' | 'delete' | 'judge' | 'judgments'>;
  gateway: Pick<Gateway, 'callPrompt'>;
  tools: Pick<Tools, 'call'>;
  agents: Pick<Agents, 'call'>;
  judges: Judges;
  log: Pick<Logger, 'warn'>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
}

export interface EvaluatorRef extends VersionRef {
  orchestrated?: boolean | null | undefined;
}
export interface NewEvaluation {
  name: string | null;
  file: { id?: string | null | undefined; path?: string | null | undefined } | null;
  evaluators: readonly EvaluatorRef[];
}
export interface NewRun {
  dataset: VersionRef | null;
  version: VersionRef | null;
  /** The server makes the logs: `version` on every datapoint of `dataset`. */
  orchestrated: boolean;
  useExistingLogs: boolean;
  /** How often each datapoint; of what the server makes. Default 1. */
  repetitions?: number | undefined;
  /** Of what the server makes and judges. */
  maxCostUsd?: number | null | undefined;
  /** Outputs of equal content are taken from earlier runs. */
  cache?: boolean | undefined;
  concurrency?: number | null | undefined;
  override?: RunOverride | null | undefined;
}
export interface RunChange {
  control?: boolean | null;
  status?: EvaluationStatus | null;
  maxCostUsd?: number | null;
}
export interface NewEstimate {
  dataset: VersionRef;
  versions: readonly VersionRef[];
  /** Beside those of the evaluation. */
  evaluators: readonly VersionRef[];
  repetitions: number;
  override: RunOverride | null;
  cache: boolean;
}

export interface Evaluation {
  id: string;
  name: string | null;
  fileId: string | null;
  runsCount: number;
  evaluators: EvaluationEvaluator[];
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
}
export interface EvaluationEvaluator {
  snapshot: Snapshot<'evaluator'>;
  /** The server judges. */
  orchestrated: boolean;
  addedAt: Date;
}
export interface Run {
  id: string;
  /** Null: none was named, or it is gone. */
  dataset: Snapshot<'dataset'> | null;
  version: Snapshot | null;
  orchestrated: boolean;
  status: EvaluationStatus;
  control: boolean;
  repetitions: number;
  maxCostUsd: number | null;
  cached: boolean;
  concurrency: number | null;
  stopped: { because: StopReason; message: string | null } | null;
  progress: RunProgress;
  addedAt: Date;
  createdAt: Date;
  createdBy: string | null;
}
export interface RunStats {
  run: Run;
  logs: number;
  evaluators: EvaluatorStats[];
}
export interface Stats {
  /** Newest first. */
  runs: RunStats[];
  status: EvaluationStatus;
  progress: string | null;
  report: string;
}
export interface RunLogEntry {
  runId: string;
  log: StoredLog;
  datapoint: StoredDatapoint | null;
}
