import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { jsonObject } from './json.ts';
import { checkedEvaluator, judgedPair, libraryEvaluator } from './judging.ts';
import { evaluatorSpec } from './kernels.ts';
import { judgmentValue } from './logs.ts';
import { versionReference } from './evaluations.ts';

const tag = 'evaluators';

/** A saved evaluator, or one that is being written. */
// A reference may be a path alone: with a spec beside it, that would take an unsaved evaluator for the saved one.
const withoutSpec = z.object({ spec: z.never().optional() });
const evaluatorOrSpec = z.union([z.object({ spec: evaluatorSpec, path: z.string().nullish() }), withoutSpec.and(versionReference)]);

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
    /** Of a judge that compares two answers: what it said in both orders. */
    pair: judgedPair.nullish(),
  })
  .meta({ id: 'TriedJudgment' });
export type TriedJudgment = z.infer<typeof triedJudgment>;

export const judgeEndpoints = {
  'evaluators.try': endpoint({
    method: 'POST',
    path: '/evaluators/try',
    permission: 'write',
    tag,
    summary: 'Judge logs with an evaluator, saved or not, and store nothing',
    body: z
      .object({
        evaluator: evaluatorOrSpec,
        log_ids: z.array(z.string()).min(1).max(100),
        /** For a judge that compares two answers: what each of the logs is compared with, in their order. */
        other_log_ids: z.array(z.string()).min(1).max(100).nullish(),
      })
      .refine(({ log_ids: logs, other_log_ids: others }) => others == null || others.length === logs.length, {
        path: ['other_log_ids'],
        message: 'Name one other log for each log.',
      }),
    output: z.object({ judgments: z.array(triedJudgment) }).meta({ id: 'TriedJudgments' }),
  }),
  'evaluators.check': endpoint({
    method: 'POST',
    path: '/evaluators/check',
    permission: 'write',
    tag,
    summary: 'What is wrong with an evaluator, how its code will be called and what it needs, without running it',
    body: z.object({ spec: evaluatorSpec }),
    output: checkedEvaluator,
  }),
  'evaluators.subject': endpoint({
    method: 'GET',
    path: '/evaluators/subject',
    permission: 'read',
    tag,
    summary: 'What an evaluator is given of a log: the log, and the datapoint that it belongs to',
    query: z.object({ log_id: z.string() }),
    output: z.object({ log_id: z.string(), log: jsonObject, testcase: jsonObject.nullable() }).meta({ id: 'JudgedSubject' }),
  }),
  'evaluators.library': endpoint({
    method: 'GET',
    path: '/evaluators/library',
    permission: 'read',
    tag,
    summary: 'The evaluators that come with Whetstone: what each answers, needs and returns, with its options',
    output: z.object({ records: z.array(libraryEvaluator) }).meta({ id: 'EvaluatorLibrary' }),
  }),
} as const;
