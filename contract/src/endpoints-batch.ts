import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { jsonObject } from './json.ts';

/** What a batch may hold: each is what `POST /TYPEs/log` takes. */
export const batchTypes = ['prompt', 'tool', 'flow', 'agent', 'evaluator'] as const;
export type BatchType = (typeof batchTypes)[number];

/** One log of a batch. `version_id` and `environment` are the query of the single operation. */
export const batchItem = z.object({
  type: z.enum(batchTypes),
  version_id: z.string().nullish(),
  environment: z.string().nullish(),
  log: jsonObject,
});
export type BatchItem = z.infer<typeof batchItem>;

export const batchEndpoints = {
  'logs.batch': endpoint({
    method: 'POST',
    path: '/logs/batch',
    permission: 'log',
    tag: 'logs',
    summary: 'Write several logs and judgments; each succeeds or fails by itself',
    body: z.object({ logs: z.array(batchItem).min(1).max(1000) }),
    output: z.object({
      /** One result for each log, in order: its id, or why it was refused. */
      results: z.array(z.object({ id: z.string().nullable(), error: z.object({ status: z.int(), message: z.string() }).nullable() })),
    }),
  }),
} as const;
