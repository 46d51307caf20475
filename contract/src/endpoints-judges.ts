import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { evaluatorSpec } from './kernels.ts';
import { judgmentValue } from './logs.ts';
import { versionReference } from './evaluations.ts';

const tag = 'evaluators';

/** A saved evaluator, or one that is being written. */
const evaluatorOrSpec = z.union([versionReference, z.object({ spec: evaluatorSpec, path: z.string().nullish() })]);

/** How one log was judged. Nothing is stored. */
export const triedJudgment = z
  .object({
    log_id: z.string(),
    datapoint_id: z.string().nullable(),
    outcome: z.enum(['judged', 'not_judged', 'failed']),
    judgment: judgmentValue.nullable(),
    /** Of the judgment; where there is none, why it was not judged. */
    reason: z.string().nullable(),
    error: z.string().nullable(),
    stdout: z.string().nullable(),
    /** Of the model calls that it made; null: unknown, or none. */
    cost_usd: z.number().nullable(),
    /** Logs of these calls. */
    calls: z.array(z.string()),
  })
  .meta({ id: 'TriedJudgment' });
export type TriedJudgment = z.infer<typeof triedJudgment>;

const place = z.object({ message: z.string(), line: z.int(), column: z.int() });

export const judgeEndpoints = {
  'evaluators.try': endpoint({
    method: 'POST',
    path: '/evaluators/try',
    permission: 'write',
    tag,
    summary: 'Judge logs with an evaluator, saved or not, and store nothing',
    body: z.object({ evaluator: evaluatorOrSpec, log_ids: z.array(z.string()).min(1).max(100) }),
    output: z.object({ judgments: z.array(triedJudgment) }).meta({ id: 'TriedJudgments' }),
  }),
  'evaluators.check': endpoint({
    method: 'POST',
    path: '/evaluators/check',
    permission: 'write',
    tag,
    summary: 'What is wrong with the code of an evaluator, and how it will be called, without running it',
    body: z.object({ spec: evaluatorSpec }),
    output: z
      .object({
        /** False: this machine cannot tell; `message` says why. */
        checked: z.boolean(),
        message: z.string().nullable(),
        problems: z.array(place),
        entry: z.string().nullable(),
        parameters: z.array(z.string()),
        missing: z.array(z.object({ module: z.string(), line: z.int() })),
      })
      .meta({ id: 'CheckedEvaluator' }),
  }),
} as const;
