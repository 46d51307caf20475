import type { EvaluationStatus, EvaluatorStats, FileKind, Scope } from '@whetstone/contract';
import type { Agents } from '../agents/index.ts';
import type { FileGuard, Files, Snapshot, StoredDatapoint, VersionRef } from '../files/index.ts';
import type { Logger } from 'pino';
import type { Gateway } from '../gateway/index.ts';
import type { Judges } from '../judges/index.ts';
import type { Logs, StoredLog } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Tools } from '../tools/index.ts';
import type { Carry } from './carry/carried.ts';

export type { CarriedEvaluation, CarriedMonitor, CarriedRun } from './carry/carried.ts';
export { createEvaluations } from './create-evaluations.ts';

/**
 * Evaluations: runs of versions over datasets, judged by evaluators; and evaluators attached to files. The caller makes logs and
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
  addRun(scope: Scope, id: string, runId: string): Promise<Run>;
  removeRun(scope: Scope, id: string, runId: string): Promise<void>;
  /** One run at most is the control. `pending` and `running` take an end back. */
  updateRun(scope: Scope, id: string, runId: string, patch: { control?: boolean | null; status?: EvaluationStatus | null }): Promise<Run>;
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

  monitors: {
    /** @throws AppError 404 for a file, an evaluator or an environment that does not exist */
    change(scope: Scope, kind: FileKind, fileId: string, change: MonitorChange): Promise<void>;
    /** In the order in which they were attached. */
    of(scope: Scope, fileIds: readonly string[]): Promise<Map<string, Monitor[]>>;
  };
  /** All that the room keeps of a workspace, for an export and for the import of one. */
  carry: Carry;
  /** Takes up the runs that an earlier process left undone. */
  start(): Promise<void>;
  /** Lets go of the runs under way; what was done in them stays done. */
  close(): Promise<void>;
  /** Refuses to delete a version that a monitor runs. */
  readonly guard: FileGuard;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface EvaluationsDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'get' | 'resolve' | 'find' | 'versionsById' | 'deployed' | 'environments' | 'datasets'>;
  logs: Pick<Logs, 'find' | 'runs' | 'newId' | 'record' | 'judge'>;
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

export type MonitorRef = { evaluatorVersionId: string } | { evaluatorId: string; environmentId: string };
export interface MonitorChange {
  activate: readonly MonitorRef[];
  deactivate: readonly MonitorRef[];
}
/** Nothing runs it yet: what is attached is kept and shown. */
export interface Monitor {
  id: string;
  /** What is judged with now; null when nothing is deployed in the environment. */
  version: Snapshot<'evaluator'> | null;
  reference:
    | { type: 'version'; version: Snapshot<'evaluator'> }
    | { type: 'environment'; file: Snapshot<'evaluator'>; environment: Awaited<ReturnType<Files['environments']['byName']>> };
  state: 'active' | 'inactive';
  createdAt: Date;
  updatedAt: Date;
}
