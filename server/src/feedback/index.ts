import type { EvaluatorSpec, FeedbackArrivals, FeedbackItem, FeedbackSummary, Scope } from '@whetstone/contract';
import type { Files } from '../files/index.ts';
import type { Logs, RecordedLog } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';

export type { CarriedFeedback } from './carry.ts';
export { createFeedback } from './create-feedback.ts';
export { isCorrection } from './kinds.ts';

/** What users say and do: judgments of human evaluators, of logs that are here or will be. */
export interface Feedback {
  /** Each item is answered on its own; what is accepted is on disk, with one flush. Throws `unavailable` for all. */
  give(scope: Scope, items: readonly (FeedbackItem | Refused)[]): Promise<Given[]>;
  /** Feedback that waited for this log joins it. */
  recorded(scope: Scope, log: RecordedLog): void;
  /** Takes from what a publishable key may still send. @returns seconds to wait when that is not enough, else null */
  spend(key: string, address: string, users: readonly string[]): number | null;
  summary(scope: Scope, query: SummaryQuery): Promise<FeedbackSummary>;
  arrivals(scope: Scope, fileId: string | null): Promise<FeedbackArrivals>;
  /** What waits, for an export and for the import of one. */
  carry: Carry;
  deleteLogs(scope: Scope, logIds: readonly string[]): Promise<void>;
  deleteUser(scope: Scope, user: string): Promise<void>;
  deleteFile(scope: Scope, evaluatorId: string): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  start(): void;
  close(): Promise<void>;
}

export interface FeedbackDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'find' | 'resolve' | 'tree' | 'environments' | 'versionsById'>;
  logs: Pick<Logs, 'feedback'>;
  /** Other processes write to the same stores. */
  replicated: boolean;
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
  clock: () => Date;
}

/** An item that is none, and why. */
export interface Refused {
  refused: { code: string; message: string };
}
export interface Given {
  id: string | null;
  logId: string | null;
  status: 'accepted' | 'waiting' | 'removed' | 'refused';
  error: { code: string; message: string } | null;
}
export interface SummaryQuery {
  fileId: string | null;
  environment: string | null;
  from: Date | null;
  to: Date | null;
  buckets: number;
}

export interface Kind {
  id: string;
  versionId: string;
  path: string;
  name: string;
  spec: EvaluatorSpec;
}
