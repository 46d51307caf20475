import type { Transaction } from 'kysely';
import type { JobName, JobPayload } from './table.ts';

export { createJobs, createJobTables, type JobsDeps } from './jobs.ts';
export type { JobName, JobPayload } from './table.ts';

/**
 * The post: what is done later, again when it fails, or on time. A job is kept in PostgreSQL until it is done, and done by
 * one process at a time; it may be done twice when a process dies at the wrong moment, so a handler bears repetition.
 */
export interface Jobs {
  /** Takes up work. Register handlers before or after; `enqueue` waits for it. Without `work` jobs are only sent. */
  start(options?: { work?: boolean }): Promise<void>;
  /**
   * Kept when it resolves; with a transaction, when that commits. Before `start` it waits, or with a transaction refuses.
   * @throws StoreUnavailableError while PostgreSQL is away; AppError `unavailable` with a transaction before `start`
   */
  enqueue<N extends JobName>(name: N, payload: JobPayload<N>, options?: EnqueueOptions): Promise<void>;
  /** One handler a kind. Throwing has it tried again as the table says. */
  work<N extends JobName>(name: N, handler: (payload: JobPayload<N>, run: JobRun) => Promise<void>): void;
  /** Has a job sent at every time that the cron expression names (UTC), by one replica. */
  schedule<N extends JobName>(name: N, cron: string, payload: JobPayload<N>): void;
  /** Takes up nothing new, lets what runs finish until the deadline, then aborts it: it will be tried again. */
  stop(deadlineMs?: number): Promise<void>;
}

export interface EnqueueOptions {
  afterSeconds?: number;
  transaction?: Transaction<never>;
}

export interface JobRun {
  /** 1 for the first. */
  attempt: number;
  /** No further attempt follows if this one fails. */
  isLast: boolean;
  signal: AbortSignal;
}
