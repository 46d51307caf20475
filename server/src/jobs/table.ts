import { z } from 'zod';

export interface JobKind {
  payload: z.ZodType<object>;
  /** How often a failed job is tried again, and how long after: the wait doubles from the first to the longest. */
  retries: number;
  firstWaitSeconds: number;
  longestWaitSeconds: number;
  /** A job that runs longer than this counts as failed: its process may be gone. */
  limitSeconds: number;
  /** How many run at once in one process. */
  concurrency: number;
}

const nothing = z.object({});

/** Every kind of job there is. A new one is a row here. */
export const jobTable = {
  /** One event to one webhook. */
  'webhook.deliver': {
    payload: z.object({
      workspaceId: z.string(),
      webhookId: z.string(),
      deliveryId: z.string(),
      event: z.string(),
      at: z.string(),
      body: z.record(z.string(), z.unknown()),
    }),
    retries: 8,
    firstWaitSeconds: 5,
    longestWaitSeconds: 3_600,
    limitSeconds: 60,
    concurrency: 4,
  },
  /** Takes away logs that are past the retention of their workspace or environment. */
  'logs.retain': { payload: nothing, retries: 2, firstWaitSeconds: 60, longestWaitSeconds: 600, limitSeconds: 3_600, concurrency: 1 },
  /** Erases payloads and blobs of what was deleted. */
  'logs.erase': { payload: nothing, retries: 2, firstWaitSeconds: 60, longestWaitSeconds: 600, limitSeconds: 3_600, concurrency: 1 },
  /** Rules of datasets look at what came. */
  'datasets.rules': { payload: nothing, retries: 0, firstWaitSeconds: 60, longestWaitSeconds: 60, limitSeconds: 600, concurrency: 1 },
  /** Takes away blobs that no log names. */
  'logs.sweep_blobs': { payload: nothing, retries: 2, firstWaitSeconds: 60, longestWaitSeconds: 600, limitSeconds: 3_600, concurrency: 1 },
  /** Takes away kept answers whose time is over. */
  'idempotency.forget': {
    payload: nothing,
    retries: 2,
    firstWaitSeconds: 60,
    longestWaitSeconds: 600,
    limitSeconds: 600,
    concurrency: 1,
  },
  /** Deletes the logs of a deleted file. */
  'logs.delete_of_file': {
    payload: z.object({ workspaceId: z.string(), fileId: z.string() }),
    retries: 10,
    firstWaitSeconds: 10,
    longestWaitSeconds: 3_600,
    limitSeconds: 3_600,
    concurrency: 1,
  },
  /** Deletes the logs of a deleted workspace. */
  'logs.delete_of_workspace': {
    payload: z.object({ workspaceId: z.string() }),
    retries: 10,
    firstWaitSeconds: 10,
    longestWaitSeconds: 3_600,
    limitSeconds: 3_600,
    concurrency: 1,
  },
} as const satisfies Record<string, JobKind>;

export type JobName = keyof typeof jobTable;
export type JobPayload<N extends JobName> = z.output<(typeof jobTable)[N]['payload']>;
